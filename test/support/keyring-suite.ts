import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CellSecretRow, CellSecrets } from '../../src/storage/cell-secrets.ts';
import type { KeyringConfig } from '../../src/storage/keyring/keyring-config.ts';
import { type Keyring, KeyringError } from '../../src/storage/keyring/keyring.ts';
import { openKeyring } from '../../src/storage/keyring/open-keyring.ts';

/** A keyring under test, and what an operator does to it. */
export interface KeyringUnderTest {
  /** As a gateway that starts now would see it. */
  open(): Promise<Keyring>;
  /** From now on another key, or another version of it, wraps; what was wrapped before still opens. */
  rotate(): Promise<void>;
}

/** The cell's secrets in memory, shared by all that are opened over them, as by a store. */
export function secretsInMemory(): CellSecrets & { readonly rows: Map<string, CellSecretRow> } {
  const rows = new Map<string, CellSecretRow>();
  return {
    rows,
    find: (name) => Promise.resolve(rows.get(name) ?? null),
    insertIfAbsent(row) {
      if (!rows.has(row.name)) rows.set(row.name, row);
      return Promise.resolve();
    },
  };
}

/** What every keyring does, whatever holds its keys. `make` gives each case a keyring of its own. */
export function keyringSuite(make: () => Promise<KeyringUnderTest>): void {
  const context = 'eu/tenant-a/0190d1f0-0000-7000-8000-000000000001';
  const secret = randomBytes(64);

  it('unwraps what it wrapped, also after reopening', async () => {
    const kept = await make();
    const { wrapped, keyId } = await (await kept.open()).wrap(secret, context);
    expect(wrapped.includes(secret)).toBe(false);
    expect(wrapped.includes(Buffer.from(secret.toString('base64')))).toBe(false);
    expect(await (await kept.open()).unwrap(wrapped, keyId, context)).toEqual(secret);
  });

  it('wraps the same secret differently each time', async () => {
    const ring = await (await make()).open();
    const [first, second] = await Promise.all([ring.wrap(secret, context), ring.wrap(secret, context)]);
    expect(first.wrapped).not.toEqual(second.wrapped);
    expect(first.keyId).toBe(second.keyId);
  });

  it.each(['eu/tenant-b/0190d1f0-0000-7000-8000-000000000001', `${context} `, ''])(
    'does not open under the context "%s"',
    async (other) => {
      const ring = await (await make()).open();
      const { wrapped, keyId } = await ring.wrap(secret, context);
      await expect(ring.unwrap(wrapped, keyId, other)).rejects.toThrow(KeyringError);
    },
  );

  it('does not open under the id of another key', async () => {
    const ring = await (await make()).open();
    const { wrapped, keyId } = await ring.wrap(secret, context);
    for (const other of [`${keyId}0`, `x${keyId}`, '', '../sys/raw:v1', 'k-000000000000']) {
      expect(await ring.unwrap(wrapped, other, context).then(() => other, nameOf)).toBe('KeyringError');
    }
  });

  it('notices every altered byte, and every cut', async () => {
    const ring = await (await make()).open();
    const { wrapped, keyId } = await ring.wrap(secret, context);
    for (let at = 0; at < wrapped.length; at += 1) {
      const altered = Buffer.from(wrapped);
      altered[at]! ^= 1 << (at % 8);
      const name = await ring.unwrap(altered, keyId, context).then(() => `opened, byte ${at}`, nameOf);
      // A service may take the first bytes for the name of a key that we may not use.
      if (at > wrapped.length / 2) expect(name).toBe('KeyringError');
      else expect(name).toMatch(/^Keyring(Unavailable)?Error$/);
    }
    for (const cut of [0, 1, 12, 27, wrapped.length - 1]) {
      await expect(ring.unwrap(wrapped.subarray(0, cut), keyId, context)).rejects.toThrow();
    }
  });

  it('serves many at once', async () => {
    const ring = await (await make()).open();
    const secrets = Array.from({ length: 32 }, () => randomBytes(64));
    const wrapped = await Promise.all(secrets.map((one, n) => ring.wrap(one, `eu/t/${n}`)));
    const opened = await Promise.all(
      wrapped.map((one, n) => ring.unwrap(one.wrapped, one.keyId, `eu/t/${n}`)),
    );
    expect(opened).toEqual(secrets);
  });

  it('opens after a rotation what was wrapped before it, and wraps under the new key', async () => {
    const kept = await make();
    const before = await (await kept.open()).wrap(secret, context);
    await kept.rotate();
    const ring = await kept.open();
    const after = await ring.wrap(secret, context);
    expect(after.keyId).not.toBe(before.keyId);
    for (const { wrapped, keyId } of [before, after]) {
      expect(ring.names(keyId)).toBe(true);
      expect(await ring.unwrap(wrapped, keyId, context)).toEqual(secret);
    }
    // What a service says of a ciphertext of another key than the one it is told is its own affair.
    const confused = await ring.unwrap(before.wrapped, after.keyId, context).then(() => 'opened', nameOf);
    expect(confused).toMatch(/^Keyring(Unavailable)?Error$/);
  });

  it('keeps its MACs through reopening and rotation, apart by purpose and data', async () => {
    const kept = await make();
    const ring = await kept.open();
    const mac = ring.mac('subject', 'x');
    expect(mac).toHaveLength(32);
    expect(ring.mac('subject', Buffer.from('x'))).toEqual(mac);
    expect(ring.mac('idempotency', 'x')).not.toEqual(mac);
    expect(ring.mac('a', 'bc')).not.toEqual(ring.mac('ab', 'c'));
    await kept.rotate();
    expect((await kept.open()).mac('subject', 'x')).toEqual(mac);
  });

  it('gives every one of several simultaneous starts the same MAC key', async () => {
    const kept = await make();
    const rings = await Promise.all(Array.from({ length: 4 }, () => kept.open()));
    expect(new Set(rings.map((ring) => ring.mac('p', 'x').toString('hex'))).size).toBe(1);
  });
}

/** A cell that began with a file and goes on with a key service. */
export function movingSuite(
  serviceConfig: () => Promise<Exclude<KeyringConfig, { file: string }>>,
  token = () => '',
): void {
  it('takes over a cell from a file, with its MACs, and needs the file no longer after a rotation', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-moving-'));
    try {
      const file = join(folder, 'eu.json');
      const secrets = secretsInMemory();
      const options = { cell: 'eu', secrets, resolvePath: String, resolveSecret: token };
      const service = await serviceConfig();
      const before = await openKeyring({ file }, { ...options, fresh: true });
      const { wrapped, keyId } = await before.wrap(Buffer.from('data key'), 'eu/a');

      await expect(openKeyring(service, { ...options, fresh: false })).rejects.toThrow('keyring.previous');
      const both = await openKeyring({ ...service, previous: [{ file }] }, { ...options, fresh: false });
      expect(await both.unwrap(wrapped, keyId, 'eu/a')).toEqual(Buffer.from('data key'));
      expect(both.mac('subject', 'x')).toEqual(before.mac('subject', 'x'));
      const again = await both.wrap(Buffer.from('data key'), 'eu/a');
      expect(again.keyId).not.toBe(keyId);

      await rm(file);
      const alone = await openKeyring(service, { ...options, fresh: false });
      expect(await alone.unwrap(again.wrapped, again.keyId, 'eu/a')).toEqual(Buffer.from('data key'));
      expect(alone.mac('subject', 'x')).toEqual(before.mac('subject', 'x'));
      await expect(alone.unwrap(wrapped, keyId, 'eu/a')).rejects.toThrow(KeyringError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
