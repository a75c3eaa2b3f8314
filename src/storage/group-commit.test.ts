import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.ts';
import { ConflictError, StatementError } from './errors.ts';
import type { Store } from './store.ts';
import type { TableSpec, Unit } from './table.ts';

const partColumns = [
  { name: 'digest', type: 'bytea' },
  { name: 'media_type', type: 'text' },
  { name: 'bytes', type: 'bytea' },
  { name: 'tenant', type: 'text' },
  { name: 'cell', type: 'text' },
] as const;
const parts: TableSpec = { name: 'parts', columns: partColumns };
const partsOnce: TableSpec = { name: 'parts', columns: partColumns, onConflict: 'keep' };
const deliveries: TableSpec = {
  name: 'webhook_deliveries',
  columns: [
    { name: 'delivery_id', type: 'uuid' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'decision_id', type: 'uuid' },
    { name: 'endpoint', type: 'text' },
    { name: 'attempts', type: 'int4' },
    { name: 'next_attempt_at', type: 'timestamptz' },
  ],
};
const apiKeys: TableSpec = {
  name: 'api_keys',
  columns: [
    { name: 'key_id', type: 'uuid' },
    { name: 'key_hash', type: 'bytea' },
    { name: 'name', type: 'text' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'grants', type: 'jsonb' },
  ],
};

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const digestOf = (name: string) => createHash('sha256').update(name).digest();
const partInsert = (name: string, bytes = Buffer.from(name), table = parts) => ({
  table,
  row: [digestOf(name), 'text/plain', bytes, 'tenant-a', 'eu'],
});
const sameDigest = (bytes: string): Unit => ({
  inserts: [partInsert('same', Buffer.from(bytes), partsOnce)],
});
const part = (name: string): Unit => ({ inserts: [partInsert(name)] });
const uuidOf = (name: string) => {
  const hex = digestOf(name).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
const deliveryInsert = (name: string) => ({
  table: deliveries,
  row: [uuidOf(name), 'tenant-a', 'eu', uuidOf('d'), 'https://example.test', 2, new Date(1_790_000_000_123)],
});

async function storedNames(store: Store): Promise<string[]> {
  const rows = await store.query<{ name: string }>({
    text: `SELECT convert_from(bytes, 'UTF8') AS name FROM parts ORDER BY 1`,
    values: [],
  });
  return rows.map((row) => row.name);
}

/** Commits all at once and names what became of each. */
async function outcomes(store: Store, units: readonly Unit[]): Promise<string[]> {
  const results = await Promise.allSettled(units.map((unit) => store.commit(unit)));
  return results.map((result) => (result.status === 'fulfilled' ? 'kept' : String(result.reason.name)));
}

it('commits what waits together in a few statements', async () => {
  const store = await postgres.freshStore();
  const names = Array.from({ length: 600 }, (_, index) => `part-${String(index).padStart(3, '0')}`);
  await Promise.all(names.map((name) => store.commit(part(name))));
  expect(await storedNames(store)).toEqual(names);
  // At most 256 units go into one statement, and all 600 were waiting when the first was built.
  expect(store.counters()).toEqual({ batches: 3, units: 600 });
});

it('brings every column type and null back as it was', async () => {
  const store = await postgres.freshStore();
  const raw = Buffer.concat([Buffer.from([0, 255, 0x5c, 0x78]), randomBytes(10_000)]);
  const grants = { tenant: 'Zoë "quoted" \\ {braces}', list: [1, null] };
  await Promise.all([
    store.commit({
      inserts: [
        { table: parts, row: [digestOf('x'), 'Zoë, {"a"}\n\t\\x00 😀', raw, '', 'eu'] },
        deliveryInsert('one'),
        { table: deliveries, row: [uuidOf('two'), 't', 'eu', uuidOf('d'), 'e', -1, null] },
        { table: apiKeys, row: [uuidOf('k'), digestOf('k'), 'n', 't', 'eu', JSON.stringify(grants)] },
      ],
    }),
    store.commit(part('y')),
  ]);
  const [row] = await store.query<{ media_type: string; bytes: Buffer; tenant: string }>({
    text: 'SELECT media_type, bytes, tenant FROM parts WHERE digest = $1',
    values: [digestOf('x')],
  });
  expect(row).toEqual({ media_type: 'Zoë, {"a"}\n\t\\x00 😀', bytes: raw, tenant: '' });
  expect(
    await store.query({
      text: 'SELECT delivery_id, attempts, next_attempt_at FROM webhook_deliveries ORDER BY attempts DESC',
      values: [],
    }),
  ).toEqual([
    { delivery_id: uuidOf('one'), attempts: 2, next_attempt_at: new Date(1_790_000_000_123) },
    { delivery_id: uuidOf('two'), attempts: -1, next_attempt_at: null },
  ]);
  expect(await store.query({ text: 'SELECT grants FROM api_keys', values: [] })).toEqual([{ grants }]);
});

it('fails the offenders of a batch only, and nothing of their units is kept', async () => {
  const store = await postgres.freshStore();
  await store.commit(part('taken'));
  const units = Array.from({ length: 50 }, (_, index) => part(`new-${index}`));
  units[7] = { inserts: [partInsert('before-conflict'), partInsert('taken')] };
  units[20] = { inserts: [deliveryInsert('with-conflict'), partInsert('taken')] };
  units[33] = { inserts: [{ table: parts, row: [Buffer.alloc(5), 't', Buffer.alloc(1), 't', 'eu'] }] };
  units[41] = { inserts: [{ table: parts, row: ['not a buffer', 't', Buffer.alloc(1), 't', 'eu'] }] };
  const results = await outcomes(store, units);
  const failed = results.flatMap((result, index) => (result === 'kept' ? [] : [[index, result]]));
  expect(failed).toEqual([
    [7, 'ConflictError'],
    [20, 'ConflictError'],
    [33, 'StatementError'],
    [41, 'InvariantError'],
  ]);
  const names = await storedNames(store);
  expect(names).toHaveLength(47);
  expect(names).not.toContain('before-conflict');
  expect(await store.query({ text: 'SELECT FROM webhook_deliveries', values: [] })).toEqual([]);
});

it('lets one of two equal units of a batch through, and names the constraint', async () => {
  const store = await postgres.freshStore();
  expect((await outcomes(store, [part('twin'), part('twin')])).sort()).toEqual(['ConflictError', 'kept']);
  const error = await store.commit(part('twin')).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConflictError);
  expect(error).toMatchObject({ constraint: 'parts_pkey' });
});

it('keeps the first of content-addressed rows without a word', async () => {
  const store = await postgres.freshStore();
  await store.commit(sameDigest('first'));
  expect(await outcomes(store, [sameDigest('second'), sameDigest('third')])).toEqual(['kept', 'kept']);
  expect(await storedNames(store)).toEqual(['first']);
});

it('quotes no value in an error', async () => {
  const store = await postgres.freshStore();
  const secret = 'SECRET'.repeat(10);
  const row = [Buffer.from(secret), secret, Buffer.from(secret), secret, 'eu'];
  const error = await store.commit({ inserts: [{ table: parts, row }] }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StatementError);
  expect(error).toMatchObject({ sqlState: '23514' });
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('SECRET');
});

it('splits by size, so that no statement grows beyond what the server takes', async () => {
  const store = await postgres.freshStore();
  const large = Buffer.alloc(9 * 1024 * 1024, 'x');
  const units = ['a', 'b', 'c'].map((name): Unit => ({ inserts: [partInsert(name, large)] }));
  await Promise.all(units.map((unit) => store.commit(unit)));
  expect(store.counters()).toEqual({ batches: 3, units: 3 });
});

it('finishes what is in flight before it closes', async () => {
  const store = await postgres.freshStore();
  const commits = Array.from({ length: 300 }, (_, index) => store.commit(part(`p-${index}`)));
  await Promise.all([store.close(), ...commits]);
  expect(store.counters().units).toBe(300);
});
