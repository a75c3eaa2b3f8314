import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../test/support/postgres.ts';
import { openStore, type Store } from './store.ts';
import type { TableSpec, Unit } from './table.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const silent = () => undefined;
const names = [
  'entry_id',
  'decision_id',
  'call_id',
  'type',
  'tenant',
  'cell',
  'header',
  'header_digest',
  'previous',
] as const;
const entries: TableSpec = {
  name: 'entries',
  columns: names.map((name) => ({
    name,
    type: name.endsWith('_id') ? 'uuid' : ['type', 'tenant', 'cell'].includes(name) ? 'text' : 'bytea',
  })),
};

interface EntryFields {
  decisionId: string;
  callId?: string;
  type?: string;
  previous?: Buffer;
}

function entry({ decisionId, callId, type = 'outcome', previous }: EntryFields): Unit & { digest: Buffer } {
  const digest = randomBytes(32);
  const row = [
    uuidV7(),
    decisionId,
    callId ?? null,
    type,
    't',
    'eu',
    Buffer.from('{}'),
    digest,
    previous ?? null,
  ];
  return { inserts: [{ table: entries, row }], digest };
}

async function asOwner(url: string, text: string): Promise<{ rows: unknown[] }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

const count = async (store: Store) =>
  (await store.query<{ n: number }>({ text: 'SELECT count(*)::int AS n FROM entries', values: [] }))[0]?.n;

describe('entries', () => {
  it('are a chain per decision: no second beginning and no fork', async () => {
    const store = await postgres.freshStore();
    const decisionId = uuidV7();
    const first = entry({ decisionId });
    await store.commit(first);
    await expect(store.commit(entry({ decisionId }))).rejects.toMatchObject({
      constraint: expect.stringMatching(/decision_id_previous/),
    });
    await store.commit(entry({ decisionId, previous: first.digest }));
    await expect(store.commit(entry({ decisionId, previous: first.digest }))).rejects.toThrow('conflicts');
    expect(await count(store)).toBe(2);
  });

  it('have one intent and one completion per call', async () => {
    const store = await postgres.freshStore();
    const [decisionId, callId] = [uuidV7(), uuidV7()];
    const intent = entry({ decisionId, callId, type: 'intent' });
    const completion = entry({ decisionId, callId, type: 'completion', previous: intent.digest });
    await store.commit(intent);
    await store.commit(completion);
    const second = entry({ decisionId, callId, type: 'completion', previous: completion.digest });
    await expect(store.commit(second)).rejects.toThrow('conflicts');
    await expect(store.commit(entry({ decisionId: uuidV7(), type: 'intent' }))).rejects.toThrow('23514');
  });

  it('cannot be changed by the gateway, nor by its owner while the trigger stands', async () => {
    const address = await postgres.freshAddress();
    const store = await openStore({ cell: 'eu', ...address, timeoutMs: 5000, log: silent });
    await store.commit(entry({ decisionId: uuidV7() }));
    await store.commit(entry({ decisionId: uuidV7({ msecs: Date.UTC(2019, 1, 1) }) }));
    const changes = ['UPDATE $ SET tenant = tenant', 'DELETE FROM $', 'TRUNCATE $'];
    const { rows } = await asOwner(
      address.ownerUrl,
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'entries'::regclass`,
    );
    const tables = ['entries', ...rows.map((row) => String(Object(row).name))];
    expect(tables.length).toBeGreaterThan(4);
    for (const text of tables.flatMap((table) => changes.map((change) => change.replace('$', table)))) {
      await expect(store.query({ text, values: [] }), text).rejects.toMatchObject({ sqlState: '42501' });
    }
    for (const text of changes.map((change) => change.replace('$', 'entries'))) {
      await expect(asOwner(address.ownerUrl, text), text).rejects.toThrow('append-only');
    }
    for (const text of tables.slice(1).map((table) => `TRUNCATE ${table}`)) {
      await expect(asOwner(address.ownerUrl, text), text).rejects.toThrow('append-only');
    }
    expect(await count(store)).toBe(2);
    await store.close();
  });

  it('lie in the partition of their decision’s month; strays move when it is made', async () => {
    const address = await postgres.freshAddress();
    const store = await openStore({ cell: 'eu', ...address, timeoutMs: 5000, log: silent });
    const now = new Date();
    const later = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 6, 1);
    const placed = [
      [uuidV7({ msecs: later - 1 }), -1],
      [uuidV7({ msecs: later }), 0],
      [uuidV7({ msecs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 7, 1) - 1 }), 0],
      [uuidV7(), -6],
    ] as const;
    for (const [decisionId] of placed) await store.commit(entry({ decisionId }));
    const before = await store.query({
      text: 'SELECT entry_id, committed_in FROM entries ORDER BY committed_in, entry_id',
      values: [],
    });
    const strays = await store.query({
      text: `SELECT FROM entries WHERE tableoid = 'entries_default'::regclass`,
      values: [],
    });
    expect(strays).toHaveLength(3);
    await store.query({ text: 'SELECT ensure_entries_partitions(7)', values: [] });
    expect(
      await store.query({
        text: 'SELECT entry_id, committed_in FROM entries ORDER BY committed_in, entry_id',
        values: [],
      }),
    ).toEqual(before);
    for (const [decisionId, offset] of placed) {
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 6 + offset, 1)).toISOString();
      const rows = await store.query({
        text: 'SELECT tableoid::regclass::text AS name FROM entries WHERE decision_id = $1',
        values: [decisionId],
      });
      expect(rows).toEqual([{ name: `entries_${month.slice(0, 4)}_${month.slice(5, 7)}` }]);
    }
    await store.commit(entry({ decisionId: uuidV7({ msecs: Date.UTC(2019, 1, 1) }) }));
    await expect(asOwner(address.ownerUrl, 'DELETE FROM entries_default')).rejects.toThrow('append-only');
    await store.close();
  });
});

/** What openStore says on a fresh database after the owner has made the change. */
async function refusal(change: string): Promise<string> {
  const address = await postgres.freshAddress();
  const database = new URL(address.url).pathname.slice(1);
  await asOwner(address.ownerUrl, change.replaceAll('DATABASE_NAME', `"${database}"`));
  try {
    const store = await openStore({ cell: 'eu', url: address.url, timeoutMs: 5000, log: silent });
    await store.close();
    return 'opened';
  } catch (error) {
    return String(error);
  }
}

describe('openStore refuses', () => {
  it('a session that answers before it flushes', async () => {
    const off = 'ALTER DATABASE DATABASE_NAME SET synchronous_commit = ';
    expect(await refusal(`${off}off`)).toMatch(/synchronous_commit is off.*synchronous_commit = on/);
    expect(await refusal(`${off}local`)).toBe('opened');
  });

  it.each([
    ['UPDATE', 'may update', 'GRANT UPDATE ON entries TO countersign_gateway'],
    ['UPDATE of one column', 'may update', 'GRANT UPDATE (header) ON entries TO countersign_gateway'],
    ['DELETE', 'may update, delete', 'GRANT DELETE ON entries TO PUBLIC'],
    ['TRUNCATE', 'or truncate', 'GRANT TRUNCATE ON entries TO countersign_app'],
    ['a partition', 'entries_default', 'GRANT DELETE ON entries_default TO countersign_app'],
    ['keys', 'subject_keys', 'GRANT UPDATE ON subject_keys TO countersign_app'],
    ['parts', 'parts', 'GRANT DELETE ON parts TO countersign_app'],
    ['an owner', 'owns the table', 'ALTER TABLE parts OWNER TO countersign_app'],
    ['too little', 'may not insert', 'REVOKE INSERT ON entries FROM countersign_gateway'],
  ])('a role with %s', async (_what, message, change) => {
    expect(await refusal(change)).toContain(message);
  });

  it('a superuser', async () => {
    const address = await postgres.freshAddress();
    const options = { cell: 'eu', url: address.ownerUrl, timeoutMs: 5000, log: silent };
    await expect(openStore(options)).rejects.toThrow(/superuser.*countersign_gateway/);
  });

  it('nothing else', async () => {
    expect(await refusal('SELECT 1')).toBe('opened');
  });
});

it('keeps flushing when somebody turns it off for the role afterwards', async () => {
  const address = await postgres.freshAddress();
  const store = await openStore({ cell: 'eu', ...address, timeoutMs: 5000, log: silent });
  const database = new URL(address.url).pathname.slice(1);
  await asOwner(address.ownerUrl, `ALTER DATABASE "${database}" SET synchronous_commit = off`);
  expect(await store.query({ text: 'SHOW synchronous_commit', values: [] })).toEqual([
    { synchronous_commit: 'on' },
  ]);
  await store.close();
});

const insert = (digest: Buffer) => ({
  text: `INSERT INTO parts (digest, media_type, bytes, tenant, cell) VALUES ($1, 't', '', 't', 'eu')`,
  values: [digest],
});

it('runs a transaction whole or not at all', async () => {
  const store = await postgres.freshStore();
  const digest = randomBytes(32);
  await expect(
    store.transaction(async (query) => {
      await query(insert(randomBytes(32)));
      await query(insert(digest));
      await query(insert(digest));
    }),
  ).rejects.toMatchObject({ constraint: 'parts_pkey' });
  expect(await store.transaction((query) => query({ text: 'SELECT FROM parts', values: [] }))).toEqual([]);
  await store.transaction((query) => query(insert(digest)));
  expect(await store.query({ text: 'SELECT FROM parts', values: [] })).toHaveLength(1);
});
