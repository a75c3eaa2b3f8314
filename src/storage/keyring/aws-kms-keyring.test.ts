import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BrokenService, type Misbehaviour, brokenService } from '../../../test/support/key-service.ts';
import { keyringSuite, movingSuite, secretsInMemory } from '../../../test/support/keyring-suite.ts';
import { awsKmsWrapper } from './aws-kms-keyring.ts';
import { KeyringError, KeyringUnavailableError } from './keyring.ts';
import { openKeyring } from './open-keyring.ts';

const region = 'eu-central-1';
const keyArn = `arn:aws:kms:${region}:111122223333:key/0190d1f0-0000-7000-8000-000000000001`;
const context = 'eu/tenant-a/key-1';

// The SDK signs every request; with these it needs to ask nobody.
const environment = { ...process.env };
beforeAll(() => {
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
});
afterAll(() => {
  process.env = environment;
});

let service: BrokenService | null = null;
afterEach(async () => {
  await service?.close();
  service = null;
});

async function wrapperOver(answer: (turn: number) => Misbehaviour | 'hang up') {
  service = await brokenService(answer);
  return awsKmsWrapper({ keyArn, region, endpoint: service.url, timeoutMs: 300 });
}

function fault(type: string, status = 400): Misbehaviour {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return { status, headers, body: JSON.stringify({ __type: type, message: 'SECRET' }) };
}

describe('KMS that is not well', () => {
  it.each<[string, Misbehaviour | 'hang up', RegExp]>([
    ['is silent', null, /TimeoutError/],
    ['hangs up', 'hang up', /ECONNRESET/],
    ['throttles', fault('ThrottlingException'), /ThrottlingException|TimeoutError/],
    ['fails', fault('KMSInternalException', 500), /KMSInternalException/],
    ['has disabled the key', fault('DisabledException'), /DisabledException/],
    ['is to delete the key', fault('KMSInvalidStateException'), /KMSInvalidStateException/],
    ['refuses us', fault('AccessDeniedException'), /AccessDeniedException/],
    ['talks HTML', { status: 200, body: '<html>SECRET</html>' }, /SyntaxError/],
    ['says nothing of use', { status: 200, body: '{}' }, /not one of KMS/],
    [
      'says that another key did it',
      { status: 200, body: '{"CiphertextBlob":"AAAA","Plaintext":"AAAA","KeyId":"x"}' },
      /not one of KMS/,
    ],
  ])('%s: the keyring is unavailable, for both ways', async (_what, wrong, message) => {
    const wrapper = await wrapperOver(() => wrong);
    for (const attempt of [
      () => wrapper.wrap(Buffer.from('SECRET'), context),
      () => wrapper.unwrap(Buffer.from('wrapped'), keyArn, context),
    ]) {
      const error = await attempt().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(KeyringUnavailableError);
      expect(String(error)).toMatch(message);
      expect(String(error)).not.toMatch(/SECRET|U0VDUkVU/);
    }
  });

  it('refuses to connect: unavailable', async () => {
    const wrapper = await wrapperOver(() => null);
    await service?.close();
    await expect(wrapper.wrap(Buffer.from('x'), context)).rejects.toThrow(KeyringUnavailableError);
  });

  it.each(['InvalidCiphertextException', 'IncorrectKeyException', 'NotFoundException'])(
    'tells an altered key (%s) from a service that is away',
    async (type) => {
      const wrapper = await wrapperOver(() => fault(type));
      const unwrapping = wrapper.unwrap(Buffer.from('wrapped'), keyArn, context);
      await expect(unwrapping).rejects.toThrow(KeyringError);
      await expect(unwrapping).rejects.not.toThrow('SECRET');
      await expect(wrapper.wrap(Buffer.from('x'), context)).rejects.toThrow(KeyringUnavailableError);
    },
  );

  it('asks nobody about a row of another key', async () => {
    const wrapper = await wrapperOver(() => null);
    const theirs = keyArn.replace('111122223333', '999999999999');
    await expect(wrapper.unwrap(Buffer.from('x'), theirs, context)).rejects.toThrow(KeyringError);
    expect(service?.requests).toEqual([]);
  });

  it('is asked again on a connection that was closed while idle', async () => {
    const wrapper = await wrapperOver((turn) =>
      turn === 0
        ? 'hang up'
        : { status: 200, body: JSON.stringify({ CiphertextBlob: 'AAAA', KeyId: keyArn }) },
    );
    expect(await wrapper.wrap(Buffer.from('x'), context)).toEqual({
      wrapped: Buffer.alloc(3),
      keyId: keyArn,
    });
    expect(JSON.parse(service?.requests[1]?.body ?? '')).toEqual({
      KeyId: keyArn,
      Plaintext: Buffer.from('x').toString('base64'),
      EncryptionContext: { countersign: context },
    });
  });
});

const endpoint = process.env['COUNTERSIGN_TEST_KMS_ENDPOINT'] ?? '';

/** Against a program that speaks KMS; `npm run test:services` starts one. Keys are made and left there. */
describe.skipIf(endpoint === '')('AWS KMS', () => {
  const admin = new KMSClient({ region, endpoint, maxAttempts: 1 });

  async function freshKey(): Promise<string> {
    const { KeyMetadata } = await admin.send(new CreateKeyCommand({}));
    return KeyMetadata?.Arn ?? '';
  }

  function open(keys: readonly string[], secrets = secretsInMemory(), fresh = true) {
    const [active = '', ...earlier] = keys.map((arn) => ({ awsKms: { keyArn: arn, region, endpoint } }));
    if (active === '') throw new Error('no key');
    const options = { cell: 'eu', fresh, secrets, resolvePath: String, resolveSecret: () => '' };
    return openKeyring({ ...active, previous: earlier }, options);
  }

  keyringSuite(async () => {
    const keys = [await freshKey()];
    const secrets = secretsInMemory();
    return {
      open: () => open(keys, secrets),
      rotate: async () => void keys.unshift(await freshKey()),
    };
  });

  movingSuite(async () => ({ awsKms: { keyArn: await freshKey(), region, endpoint } }));

  it('does not start with a key that is not there', async () => {
    await expect(open([keyArn])).rejects.toThrow(KeyringUnavailableError);
  });

  it('does not start beside the keys of a keyring that it was not told of', async () => {
    await expect(open([await freshKey()], secretsInMemory(), false)).rejects.toThrow('keyring.previous');
  });

  it('keeps the MAC key wrapped, bound to the cell', async () => {
    const key = await freshKey();
    const secrets = secretsInMemory();
    const ring = await open([key], secrets);
    const row = secrets.rows.get('mac');
    expect(await ring.unwrap(row!.wrapped, row!.keyId, 'eu/secret/mac')).toHaveLength(32);
    await expect(ring.unwrap(row!.wrapped, row!.keyId, 'us/secret/mac')).rejects.toThrow(KeyringError);
  });
});
