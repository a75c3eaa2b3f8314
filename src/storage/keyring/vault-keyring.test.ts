import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BrokenService, type Misbehaviour, brokenService } from '../../../test/support/key-service.ts';
import { keyringSuite, movingSuite, secretsInMemory } from '../../../test/support/keyring-suite.ts';
import { KeyringError, KeyringUnavailableError } from './keyring.ts';
import { openKeyring } from './open-keyring.ts';
import { vaultWrapper } from './vault-keyring.ts';

const context = 'eu/tenant-a/key-1';
const ciphertext = `vault:v1:${Buffer.alloc(92, 7).toString('base64')}`;
const answered = (data: unknown): Misbehaviour => ({ status: 200, body: JSON.stringify({ data }) });

let service: BrokenService | null = null;
afterEach(async () => {
  await service?.close();
  service = null;
});

async function wrapperOver(answer: (turn: number) => Misbehaviour | 'hang up', token = () => 'token-1') {
  service = await brokenService(answer);
  return vaultWrapper(
    {
      address: service.url,
      mount: 'transit',
      key: 'eu',
      token: 'env:TOKEN',
      timeoutMs: 200,
      namespace: 'team',
    },
    token,
  );
}

describe('Vault that is not well', () => {
  it.each<[string, Misbehaviour | 'hang up', string]>([
    ['is silent', null, 'TimeoutError'],
    ['hangs up', 'hang up', 'UND_ERR_SOCKET'],
    ['is sealed', { status: 503, body: '{"errors":["Vault is sealed"]}' }, 'sealed'],
    ['throttles', { status: 429, body: '' }, 'throttling'],
    ['refuses the token', { status: 403, body: '{"errors":["permission denied"]}' }, 'refuses the token'],
    ['has no such mount', { status: 404, body: '{"errors":[]}' }, 'no Transit engine'],
    [
      'sends elsewhere',
      { status: 307, body: '', headers: { location: 'http://127.0.0.1:1/' } },
      'status 307',
    ],
    ['fails', { status: 500, body: 'SECRET' }, 'status 500'],
    ['talks HTML', { status: 200, body: '<html>SECRET</html>' }, 'not JSON'],
    ['says null', { status: 200, body: 'null' }, 'not one of Transit'],
    ['never ends', { status: 200, body: `"${'x'.repeat(100_000)}"` }, 'UND_ERR'],
  ])('%s: the keyring is unavailable, for both ways', async (_what, wrong, message) => {
    const wrapper = await wrapperOver(() => wrong);
    for (const attempt of [
      () => wrapper.wrap(Buffer.from('SECRET'), context),
      () => wrapper.unwrap(Buffer.from(ciphertext), 'transit/eu:v1', context),
    ]) {
      const error = await attempt().then(
        () => null,
        (fault: unknown) => fault,
      );
      expect(error).toBeInstanceOf(KeyringUnavailableError);
      expect(String(error)).toContain(message);
      expect(String(error)).not.toMatch(/SECRET|U0VDUkVU|token-1/);
    }
  });

  it('refuses to connect: unavailable', async () => {
    const wrapper = await wrapperOver(() => null);
    await service?.close();
    await expect(wrapper.wrap(Buffer.from('x'), context)).rejects.toThrow(KeyringUnavailableError);
  });

  it.each([
    [{ ciphertext: 'vault:v0:AAAA' }],
    [{ ciphertext: 'vault:v1:AAB=' }],
    [{ ciphertext: 'hello' }],
    [{ ciphertext: 7 }],
    [{}],
  ])('does not store %j as a ciphertext', async (data) => {
    const wrapper = await wrapperOver(() => answered(data));
    await expect(wrapper.wrap(Buffer.from('x'), context)).rejects.toThrow('not one of Transit');
  });

  it('tells an altered key from a service that is away', async () => {
    const wrapper = await wrapperOver(() => ({ status: 400, body: '{"errors":["cipher: SECRET"]}' }));
    const error = await wrapper.unwrap(Buffer.from(ciphertext), 'transit/eu:v1', context).then(
      () => null,
      (fault: unknown) => fault,
    );
    expect(error).toBeInstanceOf(KeyringError);
    expect(String(error)).not.toContain('SECRET');
    await expect(wrapper.wrap(Buffer.from('x'), context)).rejects.toThrow(KeyringUnavailableError);
  });

  it('asks nobody about a row of another key, mount or version', async () => {
    const wrapper = await wrapperOver(() => answered({ plaintext: 'AAAA' }));
    for (const id of ['transit/us:v1', 'other/eu:v1', 'transit/eu:v2', 'transit/eu', '../sys/x:v1']) {
      await expect(wrapper.unwrap(Buffer.from(ciphertext), id, context)).rejects.toThrow(KeyringError);
    }
    expect(service?.requests).toEqual([]);
  });
});

describe('its requests', () => {
  it('carry the token of the moment, the namespace and the context', async () => {
    let turn = 0;
    const wrapper = await wrapperOver(
      () => answered({ ciphertext }),
      () => `token-${++turn}`,
    );
    await wrapper.wrap(Buffer.from('one'), context);
    await wrapper.wrap(Buffer.from('two'), context);
    expect(service?.requests.map(({ headers }) => headers['x-vault-token'])).toEqual(['token-1', 'token-2']);
    expect(service?.requests[0]).toMatchObject({
      path: '/v1/transit/encrypt/eu',
      headers: { 'x-vault-namespace': 'team' },
    });
    expect(JSON.parse(service?.requests[0]?.body ?? '')).toEqual({
      plaintext: Buffer.from('one').toString('base64'),
      associated_data: Buffer.from(context).toString('base64'),
    });
  });

  it('are made again on a connection that was closed while idle, and once only', async () => {
    const wrapper = await wrapperOver((turn) => (turn === 0 ? 'hang up' : answered({ ciphertext })));
    expect((await wrapper.wrap(Buffer.from('x'), context)).keyId).toBe('transit/eu:v1');
    expect(service?.requests).toHaveLength(2);
  });

  it('are not made without a token, and the fault is told by its reference', async () => {
    const wrapper = await wrapperOver(
      () => null,
      () => {
        throw Object.assign(new Error('env:TOKEN is not set'), { name: 'SecretError' });
      },
    );
    const wrapping = wrapper.wrap(Buffer.from('x'), context);
    await expect(wrapping).rejects.toThrow(KeyringUnavailableError);
    await expect(wrapping).rejects.toThrow('env:TOKEN is not set');
    expect(service?.requests).toEqual([]);
  });
});

const address = process.env['COUNTERSIGN_TEST_VAULT_ADDR'] ?? '';
const adminToken = process.env['COUNTERSIGN_TEST_VAULT_TOKEN'] ?? '';

/** Against a real Vault or OpenBao; `npm run test:services` starts one. */
describe.skipIf(address === '')('Vault or OpenBao Transit', () => {
  const mount = `test-${randomUUID()}`;

  async function admin(path: string, body: object): Promise<{ auth?: { client_token: string } }> {
    const answer = await fetch(`${address}/v1/${path}`, {
      method: 'POST',
      headers: { 'x-vault-token': adminToken },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as object);
  }

  beforeAll(() => admin(`sys/mounts/${mount}`, { type: 'transit' }));

  /** A key with the policy of docs/keys.md, and nothing more. */
  async function freshKey(type = 'aes256-gcm96') {
    const key = `eu-${randomUUID()}`;
    await admin(`${mount}/keys/${key}`, { type });
    const policy = ['encrypt', 'decrypt']
      .map((way) => `path "${mount}/${way}/${key}" { capabilities = ["update"] }`)
      .join('\n');
    await admin(`sys/policies/acl/${key}`, { policy });
    const login = await admin('auth/token/create', { policies: [key], no_default_policy: true });
    return { key, token: login.auth?.client_token ?? '' };
  }

  function open(key: string, token: string, secrets = secretsInMemory()) {
    const options = { cell: 'eu', fresh: true, secrets, resolvePath: String, resolveSecret: () => token };
    return openKeyring({ vault: { address, mount, key, token: 'env:TOKEN' } }, options);
  }

  keyringSuite(async () => {
    const { key, token } = await freshKey();
    const secrets = secretsInMemory();
    return {
      open: () => open(key, token, secrets),
      rotate: async () => void (await admin(`${mount}/keys/${key}/rotate`, {})),
    };
  });

  let movingToken = '';
  movingSuite(
    async () => {
      const { key, token } = await freshKey();
      movingToken = token;
      return { vault: { address, mount, key, token: 'env:TOKEN' } };
    },
    () => movingToken,
  );

  it('names the version in the id, and takes up a rotation without reopening', async () => {
    const { key, token } = await freshKey();
    const ring = await open(key, token);
    expect((await ring.wrap(Buffer.from('x'), 'eu/a')).keyId).toBe(`${mount}/${key}:v1`);
    await admin(`${mount}/keys/${key}/rotate`, {});
    expect((await ring.wrap(Buffer.from('x'), 'eu/a')).keyId).toBe(`${mount}/${key}:v2`);
  });

  it('no longer opens a version that the engine was told to forget', async () => {
    const { key, token } = await freshKey();
    const ring = await open(key, token);
    const { wrapped, keyId } = await ring.wrap(Buffer.from('x'), 'eu/a');
    await admin(`${mount}/keys/${key}/rotate`, {});
    await admin(`${mount}/keys/${key}/config`, { min_decryption_version: 2 });
    await expect(ring.unwrap(wrapped, keyId, 'eu/a')).rejects.toThrow(KeyringError);
  });

  it('does not start with a key that cannot bind to a context', async () => {
    const { key, token } = await freshKey('rsa-2048');
    await expect(open(key, token)).rejects.toThrow(/Vault did not do what was asked|another context/);
  });

  it('does not make a key that is missing, and says what is wrong', async () => {
    const { token } = await freshKey();
    await expect(open('missing', token)).rejects.toThrow('refuses the token, or its policy');
  });

  it('moves a cell from one key to another, with its MACs', async () => {
    const [old, next] = [await freshKey(), await freshKey()];
    const secrets = secretsInMemory();
    const before = await open(old.key, old.token, secrets);
    const { wrapped, keyId } = await before.wrap(Buffer.from('x'), 'eu/a');
    const tokens: Record<string, string> = { 'env:OLD': old.token, 'env:NEXT': next.token };
    const options = {
      cell: 'eu',
      fresh: false,
      secrets,
      resolvePath: String,
      resolveSecret: (reference: string) => tokens[reference] ?? '',
    };
    const after = await openKeyring(
      {
        vault: { address, mount, key: next.key, token: 'env:NEXT' },
        previous: [{ vault: { address, mount, key: old.key, token: 'env:OLD' } }],
      },
      options,
    );
    expect(await after.unwrap(wrapped, keyId, 'eu/a')).toEqual(Buffer.from('x'));
    expect(after.mac('subject', 'x')).toEqual(before.mac('subject', 'x'));
    expect((await after.wrap(Buffer.from('x'), 'eu/a')).keyId).toBe(`${mount}/${next.key}:v1`);
  });
});
