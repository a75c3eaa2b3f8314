import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../src/audit/verification/problem.ts';
import { type VerifyResult, type VerifyState, verifyCell } from '../src/audit/verification/verify.ts';
import { publishedCheckpoints, publishedLeaves } from '../src/gateway/published-ledger.ts';
import type { Cell } from '../src/gateway/rooms.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { openOwner } from './support/owner.ts';
import { soundApplication, waitUntil } from './support/waiting.ts';

/*
 * The owner of the database can change everything in it. Whatever is done to a committed record, verification
 * names the entry: by the entry's own digest where the row alone was changed, by the ledger where the row was
 * changed with all of its digests, and by a published or kept checkpoint where ledger and rows were cut alike.
 */

let gateway: TestGateway;
let cell: Cell;
let owner: Client;
let victim: { entryId: string; decisionId: string };
let folder: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  const eu = gateway.rooms.cells.get('eu');
  if (!eu) throw new Error('no cell');
  cell = eu;
  folder = join(gateway.folder, 'ledger', 'eu');
  owner = await openOwner(join(gateway.folder, 'data'), 'eu');
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    const input = { ...soundApplication, amount: 4_000 + i };
    const { decisionId } = await gateway.post('/v1/decisions', { decisionType: 'credit-application', input });
    ids.push(decisionId);
  }
  // More than one bundle of leaves: each of these refusals is an entry without payload.
  const noLabel = { headers: { 'countersign-jurisdiction': '' } };
  for (let i = 0; i < 300; i += 20) {
    await Promise.all(
      Array.from({ length: 20 }, () => gateway.post('/v1/decisions', { input: {} }, noLabel)),
    );
  }
  const decisionId = ids[1] ?? '';
  const { rows } = await owner.query<{ entry_id: string }>(
    "SELECT entry_id FROM entries WHERE decision_id = $1 AND type = 'completion'",
    [decisionId],
  );
  victim = { decisionId, entryId: rows[0]?.entry_id ?? '' };
  const isWhole = async () => (await verify()).notYetInLedger === 0;
  await waitUntil(isWhole);
  // So that the last checkpoint covers little, and its tail lies in one bundle.
  await gateway.post('/v1/decisions', { input: {} }, noLabel);
  await waitUntil(isWhole);
  await waitUntil(async () => (await publishedCheckpoints(folder)).length > 0);
});

afterAll(async () => {
  await owner?.end();
  await gateway?.stop();
});

async function verify(more: Partial<Parameters<typeof verifyCell>[0]> = {}): Promise<VerifyResult> {
  return verifyCell({
    store: cell.store,
    keys: cell.keys,
    logKey: (period) => cell.ledger.verifier(period),
    outside: await publishedCheckpoints(folder),
    publishedLeaves: (period, bundle) => publishedLeaves(folder, period, bundle),
    ...more,
  });
}

/** Changes rows, verifies, and puts the whole table back as it was. */
async function tampered(
  tables: readonly string[],
  change: () => Promise<unknown>,
  check = verify,
): Promise<VerifyResult> {
  for (const table of tables) await owner.query(`CREATE TEMP TABLE kept_${table} AS SELECT * FROM ${table}`);
  try {
    await change();
    return await check();
  } finally {
    for (const table of tables) {
      await owner.query(`DELETE FROM ${table}`);
      await owner.query(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
      await owner.query(`DROP TABLE kept_${table}`);
    }
  }
}

const here = 'WHERE decision_id = $1 AND entry_id = $2';
const ids = () => [victim.decisionId, victim.entryId];
const flipped = (column: string) => `set_byte(${column}, 10, get_byte(${column}, 10) # 1)`;
const otherUuid = (column: string) =>
  `overlay(${column}::text placing CASE substr(${column}::text, 36) WHEN '0' THEN '1' ELSE '0' END from 36)::uuid`;

function naming(result: VerifyResult): Problem[] {
  return result.problems.filter(({ entryId, decisionId }) =>
    [entryId, decisionId].some((id) => id === victim.entryId || id === victim.decisionId),
  );
}

/** Every column of the table, and how one byte of it is changed. */
const alterations: Readonly<Record<string, string>> = {
  entry_id: otherUuid('entry_id'),
  decision_id: otherUuid('decision_id'),
  call_id: otherUuid('call_id'),
  type: "'review'",
  tenant: "'acmf'",
  cell: "'ev'",
  decision_type: "'credit-applicatiom'",
  header: flipped('header'),
  header_digest: flipped('header_digest'),
  previous: flipped('previous'),
  key_id: otherUuid('key_id'),
  payload: flipped('payload'),
  about: 'decision_id',
  committed_in: '(committed_in::text::bigint - 1)::text::xid8',
};

describe('verification', () => {
  it('finds nothing where nothing was changed', async () => {
    const result = await verify();
    expect(result.problems).toEqual([]);
    expect(result.leaves).toBeGreaterThan(10);
    expect(result.entries).toBe(result.leaves);
  });

  it('knows every column of an entry', async () => {
    const { rows } = await owner.query<{ name: string }>(
      "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'entries'::regclass AND attnum > 0 AND NOT attisdropped",
    );
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(alterations).sort());
  });

  it.each(Object.entries(alterations))(
    'names the entry when one byte of %s was altered',
    async (column, to) => {
      const result = await tampered(['entries'], () =>
        owner.query(`UPDATE entries SET ${column} = ${to} ${here}`, ids()),
      );
      expect(naming(result)[0], column).toBeDefined();
      expect((await verify()).problems).toEqual([]);
    },
  );

  it('names an entry that was rewritten with its digest, and the chain behind it', async () => {
    const result = await tampered(['entries'], () =>
      owner.query(
        `UPDATE entries SET header = h.bytes, header_digest = sha256(h.bytes)
           FROM (SELECT convert_to(replace(convert_from(header, 'UTF8'), '"status":"ok"', '"status":"no"'), 'UTF8') AS bytes
                   FROM entries ${here}) AS h ${here}`,
        ids(),
      ),
    );
    expect(naming(result).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['altered', 'broken-chain']),
    );
  });

  it('names a deleted entry, though nothing in the store points to it', async () => {
    const result = await tampered(['entries'], () => owner.query(`DELETE FROM entries ${here}`, ids()));
    expect(naming(result)[0]).toMatchObject({ kind: 'missing', entryId: victim.entryId });
  });

  it('names every entry of a decision that was deleted whole', async () => {
    const result = await tampered(['entries'], () =>
      owner.query('DELETE FROM entries WHERE decision_id = $1', [victim.decisionId]),
    );
    expect(naming(result).map(({ kind }) => kind)).toEqual(['missing', 'missing', 'missing']);
  });

  it('names two entries that were swapped', async () => {
    const swap = () =>
      owner.query(
        `UPDATE entries e SET committed_in = o.committed_in FROM entries o
          WHERE e.type = 'completion' AND o.type = 'completion' AND e.entry_id <> o.entry_id
            AND e.decision_id IN ($1, $2) AND o.decision_id IN ($1, $2)`,
        [victim.decisionId, other],
      );
    const { rows } = await owner.query<{ decision_id: string }>(
      "SELECT decision_id FROM entries WHERE type = 'completion' AND decision_id <> $1 ORDER BY decision_id DESC LIMIT 1",
      [victim.decisionId],
    );
    const other = rows[0]?.decision_id ?? '';
    const result = await tampered(['entries'], swap);
    expect(result.problems[0]?.kind).toBe('reordered');
    expect(naming(result)[0]).toBeDefined();
    expect(result.problems.some(({ decisionId }) => decisionId === other)).toBe(true);
  });

  it('names an entry that was slipped in', async () => {
    const result = await tampered(['entries'], () =>
      owner.query(
        `INSERT INTO entries (entry_id, decision_id, type, tenant, cell, header, header_digest, committed_in)
         SELECT '0198aaaa-0000-7000-8000-000000000001', '0198aaaa-0000-7000-8000-000000000002', 'access', tenant,
           cell, header, header_digest, committed_in
         FROM entries ${here}`,
        ids(),
      ),
    );
    expect(result.problems.map(({ kind }) => kind)).toContain('inserted');
  });

  it('names an entry whose key was replaced', async () => {
    const result = await tampered(['subject_keys'], () =>
      owner.query(
        `UPDATE subject_keys SET wrapped_key = ${flipped('wrapped_key')}
          WHERE key_id = (SELECT key_id FROM entries ${here})`,
        ids(),
      ),
    );
    expect(naming(result)[0]?.kind).toBe('re-keyed');
  });

  it('names an entry whose key was removed without an erasure', async () => {
    const result = await tampered(['subject_keys'], () =>
      owner.query('DELETE FROM subject_keys WHERE key_id = (SELECT key_id FROM entries ' + here + ')', ids()),
    );
    expect(naming(result)[0]).toMatchObject({ kind: 'missing' });
  });

  it('names the tail that was cut off with its leaves, by the published checkpoint', async () => {
    const result = await tampered(['entries', 'ledger_heads', 'ledger_checkpoints'], cutTail);
    expect(result.problems.map(({ kind }) => kind)).toContain('ledger-truncated');
    expect(result.problems.some(({ kind, entryId }) => kind === 'missing' && entryId !== null)).toBe(true);
  });

  it('names it by a checkpoint that somebody kept, when the files were cut, too', async () => {
    const [kept] = await publishedCheckpoints(folder);
    if (!kept) throw new Error('nothing was published');
    const blind = await tampered(['entries', 'ledger_heads', 'ledger_checkpoints'], cutTail, () =>
      verify({ outside: [] }),
    );
    expect(blind.problems).toEqual([]);
    const result = await tampered(['entries', 'ledger_heads', 'ledger_checkpoints'], cutTail, () =>
      verify({ outside: [{ source: 'kept', note: kept.note }] }),
    );
    expect(result.problems.map(({ kind }) => kind)).toContain('ledger-truncated');
  });

  it('names a release part that was altered', async () => {
    const result = await tampered(['parts'], () =>
      owner.query('UPDATE parts SET bytes = $1 WHERE digest = (SELECT min(digest::text)::bytea FROM parts)', [
        Buffer.from('other'),
      ]),
    );
    expect(result.problems.map(({ kind }) => kind)).toContain('part-altered');
  });

  it('goes on where an interrupted run stopped, and still names what it had found', async () => {
    const states: VerifyState[] = [];
    const whole = await verify({ onState: (state) => states.push(state) });
    const state = states.at(-1);
    if (!state) throw new Error('no state was kept');
    const before: Problem = {
      kind: 'altered',
      decisionId: 'd',
      entryId: 'e',
      leaf: null,
      problem: 'found before',
    };
    const progress: number[] = [];
    const resumed = await verify({
      resumeFrom: { ...state, problems: [before] },
      onProgress: ({ leaves }) => progress.push(leaves),
    });
    expect(resumed).toEqual({ ...whole, problems: [before], problemCount: 1 });
    expect(progress[0]).toBeGreaterThan(256);
  });
});

/** As a restored backup looks: the last entries, their leaves and their checkpoint are gone, and all agrees. */
async function cutTail(): Promise<void> {
  const { rows } = await owner.query<{ period: string; size: string; first: string }>(
    'SELECT period, size, first_index AS first FROM ledger_checkpoints WHERE size > 0 ORDER BY size DESC LIMIT 1',
  );
  const last = rows[0];
  if (!last) throw new Error('no checkpoint');
  const { rows: before } = await owner.query<{ c: string; e: string }>(
    'SELECT upto_committed_in::text AS c, upto_entry AS e FROM ledger_checkpoints WHERE period = $1 AND size = $2',
    [last.period, last.first],
  );
  const upto = [before[0]?.c, before[0]?.e];
  await owner.query('DELETE FROM entries WHERE (committed_in, entry_id) > ($1::xid8, $2::uuid)', upto);
  await owner.query('DELETE FROM ledger_checkpoints WHERE period = $1 AND size > $2', [
    last.period,
    last.first,
  ]);
  await owner.query(
    `UPDATE ledger_heads SET size = $2, upto_committed_in = $3::xid8, upto_entry = $4,
       edge = substring(edge FROM 1 FOR ($2::bigint % 256)::int * 64) WHERE period = $1`,
    [last.period, last.first, ...upto],
  );
}
