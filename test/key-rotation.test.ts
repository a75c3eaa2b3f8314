import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createKeyStore } from '../src/audit/key-store.ts';
import { cellSecret, storedCellSecrets } from '../src/storage/cell-secrets.ts';
import { StoreUnavailableError } from '../src/storage/errors.ts';
import { openFileKeyring } from '../src/storage/keyring/file-keyring.ts';
import { retireFileKey, rotateFileKeyring } from '../src/storage/keyring/file-rotation.ts';
import { KeyringError, type KeyWrapper } from '../src/storage/keyring/keyring.ts';
import { rewrapKeys, rowsUnderKey } from '../src/storage/keyring/rewrap.ts';
import { openStore, type Store } from '../src/storage/store.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';

let postgres: TestPostgres;
let folder: string;
let path: string;
let store: Store;
let ownerUrl: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  folder = await mkdtemp(join(tmpdir(), 'countersign-rotation-'));
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  const address = await postgres.freshAddress();
  ({ ownerUrl } = address);
  store = await openStore({ cell: 'eu', ...address, timeoutMs: 5000, log: ignore });
  path = join(folder, `${randomUUID()}.json`);
});
afterEach(() => store.close());

const open = (create = false) => openFileKeyring(path, { create });
const ignore = () => undefined;
const rewrap = (ring: KeyWrapper, query = store.query) => rewrapKeys(query, ring, 'eu', ignore);

/** What the gateway's role may not do. */
async function asOwner(text: string): Promise<void> {
  const owner = new Client(ownerUrl);
  await owner.connect();
  try {
    await owner.query(text);
  } finally {
    await owner.end();
  }
}

function keyRows() {
  return store.query<{ id: string; wrapped: Buffer; keyId: string }>({
    text: `SELECT key_id AS id, wrapped_key AS wrapped, keyring_key_id AS "keyId" FROM subject_keys ORDER BY key_id`,
    values: [],
  });
}

/** Keys of subjects, made as the pipeline makes them. */
async function makeKeys(count: number, ring = open(true)): Promise<{ id: string; secret: Buffer }[]> {
  const keys = createKeyStore(store, await ring);
  const made = [];
  for (let n = 0; n < count; n += 1) {
    const { key } = await keys.keyFor('acme', `subject-${randomUUID()}`);
    made.push({ id: key.keyId, secret: key.secret });
  }
  return made;
}

async function expectReadable(made: { id: string; secret: Buffer }[]): Promise<void> {
  const keys = createKeyStore(store, await open());
  for (const { id, secret } of made) expect((await keys.keyOf('acme', id))?.secret).toEqual(secret);
}

it('puts every key under the new one, after which the old one can go', async () => {
  const made = await makeKeys(5);
  const first = await open();
  const seed = await cellSecret(first, storedCellSecrets(store.query, 'eu'), 'eu', 'ledger', 32);
  const { active, before } = await rotateFileKeyring(path);
  expect(await rowsUnderKey(store.query, before)).toBe(6);

  const ring = await open();
  const report = await rewrap(ring);
  expect(report).toEqual({ keyId: active, rewrapped: 6, changedMeanwhile: 0, unreadable: [] });
  expect(await rowsUnderKey(store.query, before)).toBe(0);

  await retireFileKey(path, before, Date.now() + 60 * 60 * 1000);
  await expectReadable(made);
  const kept = await cellSecret(await open(), storedCellSecrets(store.query, 'eu'), 'eu', 'ledger', 32);
  expect(kept).toEqual(seed);
  expect((await rewrap(await open())).rewrapped).toBe(0);
});

it('goes on where it was stopped', async () => {
  const made = await makeKeys(12);
  await rotateFileKeyring(path);
  const ring = await open();
  let calls = 0;
  const dying: Store['query'] = (statement) => {
    calls += 1;
    if (calls > 7) throw new StoreUnavailableError('gone', { sent: false });
    return store.query(statement);
  };
  await expect(rewrap(ring, dying)).rejects.toThrow(StoreUnavailableError);
  await expectReadable(made);

  const report = await rewrap(ring);
  expect(report.rewrapped).toBeGreaterThan(0);
  expect(report.rewrapped).toBeLessThan(12);
  expect(new Set((await keyRows()).map((row) => row.keyId))).toEqual(new Set([report.keyId]));
  await expectReadable(made);
});

it('runs beside itself and beside gateways that erase and write', async () => {
  const made = await makeKeys(40);
  const gateway = createKeyStore(store, await open());
  await rotateFileKeyring(path);
  const written: { id: string; secret: Buffer }[] = [];
  const writing = (async () => {
    for (let n = 0; n < 10; n += 1) {
      const { key } = await gateway.keyFor('acme', `late-${n}`);
      written.push({ id: key.keyId, secret: key.secret });
    }
  })();
  const reports = await Promise.all([
    rewrap(await open()),
    rewrap(await open()),
    rewrap(await open()),
    writing,
  ]);
  const last = await rewrap(await open());
  const total = [...reports.slice(0, 3), last].reduce((sum, report) => sum + (report?.rewrapped ?? 0), 0);
  expect(total).toBeGreaterThanOrEqual(40);
  expect(total).toBeLessThanOrEqual(50);
  await expectReadable([...made, ...written]);
  expect(new Set((await keyRows()).map((row) => row.keyId))).toEqual(new Set([last.keyId]));
});

it('does not bring back a key that is erased while it has it in hand', async () => {
  const [key] = await makeKeys(1);
  await rotateFileKeyring(path);
  const ring = await open();
  const report = await rewrap({
    ...ring,
    async unwrap(wrapped, keyId, context) {
      const secret = await ring.unwrap(wrapped, keyId, context);
      await asOwner(`DELETE FROM subject_keys WHERE key_id = '${key?.id}'`);
      return secret;
    },
  });
  expect(report).toMatchObject({ rewrapped: 0, changedMeanwhile: 1 });
  expect(await keyRows()).toEqual([]);
});

it('names a row that does not open, and goes on with the others', async () => {
  const made = await makeKeys(3);
  const [bad, ...good] = made;
  await asOwner(
    `UPDATE subject_keys SET wrapped_key = set_byte(wrapped_key, 20, 255 - get_byte(wrapped_key, 20)) WHERE key_id = '${bad?.id}'`,
  );
  const { before } = await rotateFileKeyring(path);
  const report = await rewrap(await open());
  expect(report).toMatchObject({ rewrapped: 2, unreadable: [bad?.id] });
  expect(await rowsUnderKey(store.query, before)).toBe(1);
  await expectReadable(good);
});

it('lets no row be moved to another subject, tenant or cell', async () => {
  await makeKeys(2);
  const [one, other] = await keyRows();
  await asOwner(`UPDATE subject_keys SET wrapped_key = (SELECT wrapped_key FROM subject_keys WHERE key_id = '${one?.id}')
                  WHERE key_id = '${other?.id}'`);
  await rotateFileKeyring(path);
  expect(await rewrap(await open())).toMatchObject({ rewrapped: 1, unreadable: [other?.id] });
});

it('gives all gateways the same secret of a cell, whoever asks first', async () => {
  const ring = await open(true);
  const secrets = storedCellSecrets(store.query, 'eu');
  const got = await Promise.all(Array.from({ length: 6 }, () => cellSecret(ring, secrets, 'eu', 'mac', 32)));
  expect(new Set(got.map((secret) => secret.toString('hex'))).size).toBe(1);
  expect(await cellSecret(ring, secrets, 'eu', 'other', 32)).not.toEqual(got[0]);
  await asOwner(
    `UPDATE cell_secrets SET wrapped = (SELECT wrapped FROM cell_secrets WHERE name = 'mac') WHERE name = 'other'`,
  );
  await expect(cellSecret(ring, secrets, 'eu', 'other', 32)).rejects.toThrow(KeyringError);
});
