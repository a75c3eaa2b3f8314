import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leafOf } from '../src/audit/ledger/leaf.ts';
import { parseVerifierKey, verifierKey } from '../src/audit/ledger/note.ts';
import { halfYearAt } from '../src/audit/ledger/period.ts';
import { StoredTiles } from '../src/audit/ledger/stored-tiles.ts';
import { widthOfTile } from '../src/audit/ledger/tile.ts';
import { ConflictError } from '../src/storage/errors.ts';
import type { LeaderTerm } from '../src/storage/leadership.ts';
import {
  type Desk,
  type LedgerCell,
  type PutEntry,
  type TestWitness,
  openLedgerCell,
  putBulk,
  putEntry,
  startWitness,
  tamper,
  until,
  verify,
} from './support/ledger.ts';
import { type TestPostgres, startTestPostgres } from './support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

let cell: LedgerCell;
beforeEach(async () => {
  cell = await openLedgerCell(postgres);
});
afterEach(() => cell.stop());

const period = halfYearAt(Date.now());
const keyOf = (desk: Desk, of = period) => verifierKey(desk.ledger.verifier(of));

/** All leaves of a log as the store has them, each in hexadecimal. */
async function leavesOf(desk: Desk, of = period): Promise<string[]> {
  const tiles = new StoredTiles(desk.store.query, of);
  const size = await sizeOf(desk, of);
  const leaves: string[] = [];
  for (let bundle = 0; bundle * 256 < size; bundle++) {
    const bytes = await tiles.leaves(bundle, widthOfTile(size, 0, bundle));
    for (let at = 0; at < bytes.length; at += 64) leaves.push(bytes.toString('hex', at, at + 64));
  }
  return leaves;
}

async function sizeOf(desk: Desk, of = period): Promise<number> {
  return Number((await desk.ledger.checkpoint(of))?.split('\n')[1]);
}

/** Every entry of the store in the ledger's order, as leaves. */
async function entriesInOrder(): Promise<string[]> {
  const { rows } = await cell.owner.query<{ leaf: string }>(
    `SELECT encode(uuid_send(decision_id) || uuid_send(entry_id) || header_digest, 'hex') AS leaf
       FROM entries ORDER BY committed_in, entry_id`,
  );
  return rows.map((row) => row.leaf);
}

async function countEntries(): Promise<number> {
  const { rows } = await cell.owner.query<{ count: number }>('SELECT count(*)::int AS count FROM entries');
  return rows[0]?.count ?? 0;
}

/** Size of the published checkpoint; -1 when there is none yet. */
async function publishedSize(): Promise<number> {
  const text = await readFile(join(cell.files(period), 'checkpoint'), 'utf8').catch(() => '\n-1');
  return Number(text.split('\n')[1]);
}

/** Leads until every entry of the store is signed, and its files are written. */
async function sequenceAll(desk: Desk): Promise<void> {
  desk.lead();
  const count = await countEntries();
  await until(() => desk.told.size >= count || desk.told.refused !== null);
  await desk.retire();
}

describe('sequencing', () => {
  it('gives every committed entry one leaf, whoever leads, whatever rolls back or comes late', async () => {
    const desks = [await cell.desk(), await cell.desk()];
    for (const desk of desks) desk.lead();
    const late = await openTransaction();
    let working = true;
    const cutting = cutSessions(() => working);
    const written = await Promise.all(
      desks.flatMap(({ store }) => Array.from({ length: 6 }, () => write(store, 120))),
    );
    await late.query('COMMIT');
    working = false;
    await cutting;
    const entries = written.flat();
    const count = await countEntries();
    expect(count).toBe(entries.length + 1);
    await until(async () => (await sizeOf(desks[0]!)) === count);
    expect(desks.filter((desk) => desk.told.leading).length).toBeLessThan(2);
    for (const desk of desks) await desk.retire();

    const leaves = await leavesOf(desks[0]!);
    expect(leaves).toEqual(await entriesInOrder());
    expect(new Set(leaves).size).toBe(count);
    for (const entry of entries) expect(leaves).toContain(leafOf(entry).toString('hex'));
    const verdict = await verify('ledger', cell.files(period), '--key', keyOf(desks[0]!));
    expect(verdict).toMatchObject({ holds: true });
    await late.end();
  }, 60_000);

  /** A transaction that has its number and stays open while others commit after it. */
  async function openTransaction() {
    const { Client } = await import('pg');
    const { host, port, user, password, database } = cell.owner;
    const client = new Client({ host, port, user, password, database });
    await client.connect();
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO entries (entry_id, decision_id, type, tenant, cell, header, header_digest)
       VALUES (gen_random_uuid(), gen_random_uuid(), 'configuration', '', 'eu', '{}', sha256('late'))`,
    );
    return client;
  }

  /** Ends the leader's session again and again: in the middle of a batch, for all anybody knows. */
  async function cutSessions(goOn: () => boolean): Promise<void> {
    while (goOn()) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await cell.owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks
          WHERE locktype = 'advisory' AND classid = 727402 AND objid = 1 AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
    }
  }

  /** Entries one after the other, with writes among them that a constraint refuses. */
  async function write(store: Desk['store'], count: number): Promise<PutEntry[]> {
    const entries: PutEntry[] = [];
    for (let i = 0; i < count; i++) {
      const entry = await putEntry(store);
      entries.push(entry);
      if (i % 10 === 0) await expect(repeat(store, entry)).rejects.toThrow(ConflictError);
    }
    return entries;
  }

  async function repeat(store: Desk['store'], entry: PutEntry): Promise<void> {
    const { entriesTable } = await import('../src/audit/repository.ts');
    const [row] = await store.query<Record<string, unknown>>({
      text: `SELECT ${entriesTable.columns.map((column) => column.name).join(', ')} FROM entries WHERE decision_id = $1`,
      values: [entry.decisionId],
    });
    await store.commit({
      inserts: [{ table: entriesTable, row: entriesTable.columns.map(({ name }) => row?.[name]) }],
    });
  }

  it('does not fork even if two lead at once', async () => {
    const desks = [await cell.desk(), await cell.desk()];
    const ending = new AbortController();
    const observer = {
      leading: () => undefined,
      refused: () => undefined,
      signed: () => undefined,
      caughtUp: () => undefined,
      published: () => undefined,
      witnessed: () => undefined,
      unwitnessed: () => undefined,
      witnessRefused: () => undefined,
    };
    const lost: string[] = [];
    // No lock is asked for: only the head stands between them.
    const usurp = async ({ store, ledger }: Desk) => {
      while (!ending.signal.aborted) {
        const { query } = store;
        const term: LeaderTerm = {
          query,
          transaction: (work) => store.transaction(work),
          signal: ending.signal,
        };
        await ledger.sequence(term, observer).catch((error: Error) => {
          expect(['InvariantError', 'ConflictError']).toContain(error.name);
          lost.push(error.name);
        });
      }
    };
    const both = desks.map(usurp);
    for (let i = 0; i < 300 || lost.length < 3; i++) await putEntry(desks[0]!.store);
    await until(async () => (await sizeOf(desks[0]!)) === (await countEntries()));
    ending.abort();
    await Promise.all(both);
    expect(await leavesOf(desks[0]!)).toEqual(await entriesInOrder());
    const status = await desks[1]!.ledger.status();
    expect(status.log).toMatchObject({ problem: null });
  }, 60_000);

  it('holds at the edges of tiles, as the auditor’s program sees it', async () => {
    const desk = await cell.desk();
    desk.lead();
    let before: string | null = null;
    let size = 0;
    for (const next of [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000]) {
      if (next > size) await putBulk(cell.owner, next - size);
      size = next;
      await until(async () => (await publishedSize()) === size);
      const key = keyOf(desk);
      expect(await verify('ledger', cell.files(period), '--key', key)).toMatchObject({ holds: true });
      const now = join(cell.folder, `${size}.checkpoint`);
      await cp(join(cell.files(period), 'checkpoint'), now);
      if (before !== null) {
        const grown = await verify('consistency', before, now, '--tiles', cell.files(period), '--key', key);
        expect(grown).toMatchObject({ holds: true });
      }
      before = now;
    }
    // What is full needs no parts any more (C2SP tlog-tiles).
    expect(await readdir(join(cell.files(period), 'tile/0'))).not.toContain('000.p');
  }, 120_000);

  it('signs nothing when nothing is new, and the empty ledger once', async () => {
    const desk = await cell.desk();
    desk.lead();
    await until(() => desk.told.caughtUp > 5);
    const count = async () =>
      (await cell.owner.query<{ n: number }>('SELECT count(*)::int AS n FROM ledger_checkpoints')).rows[0]?.n;
    expect(await count()).toBe(1);
    await putEntry(desk.store);
    await until(() => desk.told.size === 1);
    const { caughtUp } = desk.told;
    await until(() => desk.told.caughtUp > caughtUp + 5);
    expect(await count()).toBe(2);
  });

  it('opens the next log at the half-year, and says in it where the one before ended', async () => {
    const desk = await cell.desk();
    cell.clock.nowMs = Date.parse('2026-06-30T23:59:59.000Z');
    await putBulk(cell.owner, 299);
    const lastOfOld = await putEntry(desk.store);
    desk.lead();
    await until(() => desk.told.size === 300);
    cell.clock.nowMs = Date.parse('2026-07-01T00:00:00.000Z');
    await until(async () => (await desk.ledger.currentPeriod()) === '2026h2');
    const entry = await putEntry(desk.store);
    await until(async () => (await desk.ledger.receiptOf(entry))?.kind === 'receipt');
    await desk.retire();

    expect(await desk.ledger.receiptOf(entry)).toMatchObject({ period: '2026h2' });
    expect(await desk.ledger.receiptOf(lastOfOld)).toMatchObject({ period: '2026h1', index: 299 });
    const old = await desk.ledger.checkpoint('2026h1');
    const { rows } = await cell.owner.query<{ header: Buffer }>(
      `SELECT header FROM entries WHERE header <> '{}' ORDER BY committed_in OFFSET 1 LIMIT 1`,
    );
    expect((JSON.parse(rows[0]?.header.toString() ?? '') as { facts: unknown }).facts).toEqual({
      action: 'ledger-period',
      kind: 'configuration',
      lost: 0,
      origin: 'ledger.test.example/eu/2026h2',
      previousOrigin: 'ledger.test.example/eu/2026h1',
      published: null,
      reason: 'half-year',
      root: old?.split('\n')[2],
      size: 300,
    });
    for (const of of ['2026h1', '2026h2']) {
      expect(await verify('ledger', cell.files(of), '--key', keyOf(desk, of))).toMatchObject({ holds: true });
    }
    // A clock that is set back opens nothing.
    cell.clock.nowMs = Date.parse('2026-06-30T23:00:00.000Z');
    const { caughtUp } = desk.told;
    desk.lead();
    await until(() => desk.told.caughtUp > caughtUp + 2);
    expect(await desk.ledger.currentPeriod()).toBe('2026h2');
  });
});

describe('receipts and promises', () => {
  it('proves each entry to the auditor’s program, and breaks where a byte is changed', async () => {
    const desk = await cell.desk();
    const first = await putEntry(desk.store);
    await putBulk(cell.owner, 599);
    const middle = await putEntry(desk.store);
    expect(await desk.ledger.receiptOf(first)).toEqual({ kind: 'promised' });
    await sequenceAll(desk);
    const last = await putEntry(desk.store);
    await sequenceAll(desk);
    const file = join(cell.folder, 'receipt');
    for (const entry of [first, middle, last]) {
      const receipt = await desk.ledger.receiptOf(entry);
      if (receipt?.kind !== 'receipt') throw new Error('there is no receipt');
      expect(receipt).toMatchObject({ size: 602, period });
      await writeFile(file, receipt.text);
      expect(await verify('inclusion', file, '--key', keyOf(desk))).toMatchObject({ holds: true });
      const wrong = receipt.text.replace(`index ${receipt.index}`, `index ${(receipt.index + 1) % 602}`);
      await writeFile(file, wrong);
      expect(await verify('inclusion', file, '--key', keyOf(desk))).toMatchObject({ holds: false });
    }
  });

  it('makes receipts of several entries against one checkpoint', async () => {
    const desk = await cell.desk();
    const entries = [await putEntry(desk.store)];
    await sequenceAll(desk);
    entries.push(await putEntry(desk.store));
    await sequenceAll(desk);
    const against = { period, size: 1 };
    expect(await desk.ledger.receiptOf(entries[0]!, against)).toMatchObject({ size: 1 });
    expect(await desk.ledger.receiptOf(entries[1]!, against)).toMatchObject({ size: 2 });
  });

  it('names an entry that was altered, and is not disturbed by rows that are gone elsewhere', async () => {
    const desk = await cell.desk();
    const entries = [];
    for (let i = 0; i < 5; i++) entries.push(await putEntry(desk.store));
    await sequenceAll(desk);
    await tamper(cell.owner, 'DELETE FROM entries WHERE entry_id = $1', [entries[1]?.entryId]);
    await tamper(cell.owner, "UPDATE entries SET header_digest = sha256('x') WHERE entry_id = $1", [
      entries[3]?.entryId,
    ]);
    expect(await desk.ledger.receiptOf(entries[1]!)).toBeNull();
    await expect(desk.ledger.receiptOf(entries[3]!)).rejects.toThrow(/is not what the ledger/);
    for (const i of [0, 2, 4]) expect(await desk.ledger.receiptOf(entries[i]!)).toMatchObject({ index: i });
  });

  it('names an entry whose leaf is not under the checkpoint that covers its place', async () => {
    const desk = await cell.desk();
    await putEntry(desk.store);
    await sequenceAll(desk);
    await cell.owner.query(
      `INSERT INTO entries (entry_id, decision_id, type, tenant, cell, header, header_digest, committed_in)
       SELECT '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', 'configuration', '',
         'eu', '{}', sha256('slipped in'), committed_in FROM entries LIMIT 1`,
    );
    const slipped = {
      decisionId: '00000000-0000-7000-8000-000000000002' as PutEntry['decisionId'],
      entryId: '00000000-0000-7000-8000-000000000001' as PutEntry['entryId'],
    };
    await expect(desk.ledger.receiptOf(slipped)).rejects.toThrow(/has no leaf of the entry/);
  });

  it('makes no receipt from tiles that were altered', async () => {
    const desk = await cell.desk();
    const entry = await putEntry(desk.store);
    await putBulk(cell.owner, 300);
    await sequenceAll(desk);
    await tamper(
      cell.owner,
      'UPDATE ledger_tiles SET bytes = set_byte(bytes, 8000, get_byte(bytes, 8000) # 1) WHERE level = 0',
    );
    const other = await cell.desk();
    await expect(other.ledger.receiptOf(entry)).rejects.toThrow(/do not prove/);
  });

  it('keeps its promises, as the auditor’s program sees it', async () => {
    const desk = await cell.desk();
    const entry = await putEntry(desk.store);
    const promise = desk.ledger.promise({ ...entry, atMs: Date.now() });
    const fresh = { ...entry, decisionId: '0193a0e0-0000-7000-8000-000000000000' as PutEntry['decisionId'] };
    const broken = desk.ledger.promise({ ...fresh, atMs: Date.now() - 120_000 });
    await sequenceAll(desk);
    const against = ['--key', keyOf(desk), '--ledger', cell.files(period)];
    expect(await verify('promise', promise, ...against)).toMatchObject({ holds: true });
    expect(await verify('promise', broken, ...against)).toMatchObject({ holds: false });
  });
});

describe('a store that does not continue what was published', () => {
  /** A ledger of 300 entries and then 400, as a backup of the first would have to hide. */
  async function grow(): Promise<Desk> {
    const desk = await cell.desk();
    await putBulk(cell.owner, 300);
    await sequenceAll(desk);
    await cell.owner.query('CREATE TABLE backup_head AS SELECT * FROM ledger_heads');
    await putBulk(cell.owner, 400);
    await sequenceAll(desk);
    expect(desk.told.size).toBe(700);
    return desk;
  }

  /** What restoring the backup of the first 300 would have left. */
  async function restore(): Promise<void> {
    await tamper(cell.owner, 'DELETE FROM ledger_checkpoints WHERE size > 300');
    await tamper(cell.owner, 'DELETE FROM ledger_tiles WHERE tile >= 1');
    await tamper(cell.owner, 'DELETE FROM ledger_heads');
    await tamper(cell.owner, 'INSERT INTO ledger_heads SELECT * FROM backup_head');
    await tamper(
      cell.owner,
      `DELETE FROM entries WHERE (committed_in, entry_id) >
         (SELECT upto_committed_in, upto_entry FROM backup_head)`,
    );
  }

  async function refusal(desk: Desk): Promise<string> {
    desk.lead();
    await until(() => desk.told.refused !== null);
    await desk.retire();
    return desk.told.refused ?? '';
  }

  it('is refused when it is older, and goes on in a new log that says what is lost', async () => {
    const desk = await grow();
    const published = await readFile(join(cell.files(period), 'checkpoint'), 'utf8');
    await restore();
    await putBulk(cell.owner, 10);
    expect(await refusal(desk)).toMatch(
      /has 700 entries, the store’s ledger 300: .*restored from an older backup/,
    );
    // Nothing was signed, and nothing published over.
    expect(await sizeOf(desk)).toBe(300);
    expect(await readFile(join(cell.files(period), 'checkpoint'), 'utf8')).toBe(published);
    expect((await desk.ledger.status()).log).toMatchObject({ size: 300, publishedSize: 700 });

    const next = `${period}-2`;
    expect(await desk.ledger.beginAnew('restored-backup')).toMatchObject({
      kind: 'begun',
      origin: `ledger.test.example/eu/${next}`,
      lost: 400,
    });
    desk.told.size = -1;
    desk.lead();
    await until(() => desk.told.size === 11);
    await desk.retire();
    expect(desk.told.refused).toBeNull();
    expect(await verify('ledger', cell.files(next), '--key', keyOf(desk, next))).toMatchObject({
      holds: true,
    });
    const { rows } = await cell.owner.query<{ header: Buffer }>(
      `SELECT header FROM entries WHERE header <> '{}'`,
    );
    expect(rows.map((row) => (JSON.parse(row.header.toString()) as { facts: unknown }).facts)).toEqual([
      expect.objectContaining({
        action: 'ledger-begin-anew',
        lost: 400,
        published: { root: published.split('\n')[2], size: 700 },
        size: 300,
      }),
    ]);
    expect(await desk.ledger.beginAnew('drill')).toMatchObject({ kind: 'refused' });

    // Restored once more, to before the new log: its files give that away.
    await tamper(cell.owner, 'DELETE FROM ledger_heads WHERE period = $1', [next]);
    await tamper(cell.owner, 'DELETE FROM ledger_checkpoints WHERE period = $1', [next]);
    await rm(cell.files(period), { recursive: true });
    expect(await refusal(desk)).toMatch(/A later log, .*-2, was published already/);
    expect(await desk.ledger.beginAnew('restored-backup')).toMatchObject({
      kind: 'begun',
      origin: `ledger.test.example/eu/${period}-3`,
    });
  }, 30_000);

  it('is refused when its history is another one of the same length', async () => {
    const desk = await grow();
    await restore();
    await putBulk(cell.owner, 500);
    // The forger signs in a folder of his own, with the cell's key.
    const forger = await cell.desk({ settings: { folder: join(cell.folder, 'elsewhere') } });
    await sequenceAll(forger);
    expect(forger.told.size).toBe(800);
    expect(await refusal(desk)).toMatch(/have different roots at 700 entries: the ledger was altered/);
  });

  it.each([
    [
      'tile',
      'UPDATE ledger_tiles SET bytes = set_byte(bytes, 9, get_byte(bytes, 9) # 1) WHERE level = 0 AND tile = 1',
      /do not lead to the root/,
    ],
    ['tile that is gone', 'DELETE FROM ledger_tiles WHERE level = 0 AND tile = 0', /tile 0\/0 .* is missing/],
    [
      'edge',
      'UPDATE ledger_heads SET edge = set_byte(edge, 70, get_byte(edge, 70) # 1)',
      /do not lead to the root/,
    ],
    ['size', 'UPDATE ledger_heads SET size = size - 1', /rows of the ledger were changed or removed/],
    [
      'place',
      "UPDATE ledger_heads SET upto_committed_in = '5'",
      /rows of the ledger were changed or removed/,
    ],
    [
      'root',
      "UPDATE ledger_checkpoints SET root = sha256('x') WHERE size = 700",
      /not what this cell’s key signed/,
    ],
    [
      'newest checkpoint',
      'DELETE FROM ledger_checkpoints WHERE size = 700',
      /rows of the ledger were changed or removed/,
    ],
    ['checkpoints', 'DELETE FROM ledger_checkpoints', /are gone from the store/],
  ])('is refused when a %s was altered', async (_what, sql, sentence) => {
    const desk = await grow();
    await tamper(cell.owner, sql);
    expect(await refusal(desk)).toMatch(sentence);
    expect(await desk.ledger.status()).toMatchObject({
      log: { problem: expect.stringMatching(sentence) as string },
    });
  });

  it('is refused when the published checkpoint is not ours, also between two rounds', async () => {
    const desk = await grow();
    const stranger = await cell.desk({ seed: Buffer.alloc(32, 7) });
    expect(await refusal(stranger)).toMatch(/is not what this cell’s key signed/);
    desk.lead();
    await until(() => desk.told.leading && desk.told.caughtUp > 3);
    const file = join(cell.files(period), 'checkpoint');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('700', '701'));
    await putBulk(cell.owner, 1);
    await until(() => desk.told.refused !== null);
    expect(desk.told.refused).toMatch(/published checkpoint .* is not signed by this cell’s key/);
    await desk.retire();
    await writeFile(file, text);
    await sequenceAll(desk);
    expect(await sizeOf(desk)).toBe(701);
  });

  it('is refused when it was copied from another server', async () => {
    const desk = await grow();
    await cell.owner.query(
      `INSERT INTO entries (entry_id, decision_id, type, tenant, cell, header, header_digest, committed_in)
       VALUES (gen_random_uuid(), gen_random_uuid(), 'configuration', '', 'eu', '{}', sha256('x'), '999999999')`,
    );
    expect(await refusal(desk)).toMatch(/copied from another server by a logical restore/);
    expect(await desk.ledger.beginAnew('restored-backup')).toMatchObject({ kind: 'refused' });
  });
});

it('is no false alarm beside a leader at work', async () => {
  const [leader, onlooker] = [await cell.desk({ settings: { checkpointPeriodMs: 1 } }), await cell.desk()];
  leader.lead();
  await until(() => leader.told.leading && leader.told.size >= 0);
  const looks: number[] = [];
  const looking = (async () => {
    while (looks.length < 100) {
      const { log } = await onlooker.ledger.status();
      expect(log).toMatchObject({ problem: null });
      expect(log?.publishedSize ?? 0).toBeLessThanOrEqual(log?.size ?? 0);
      looks.push(log?.size ?? 0);
    }
  })();
  while (looks.length < 100) await putEntry(leader.store);
  await looking;
  expect(looks.at(-1)).toBeGreaterThan(looks[0] ?? 0);
});

describe('published files', () => {
  it('are filled from the tables where any are missing', async () => {
    const desk = await cell.desk();
    await putBulk(cell.owner, 1_000);
    await sequenceAll(desk);
    const files = cell.files(period);
    await rm(join(files, 'tile/0/001'));
    await rm(join(files, 'tile/entries'), { recursive: true });
    await rm(join(files, 'log.vkey'));
    expect(await verify('ledger', files, '--key', keyOf(desk))).toMatchObject({ holds: false });
    await sequenceAll(await cell.desk());
    expect(await verify('ledger', files, '--key', join(files, 'log.vkey'))).toMatchObject({ holds: true });
    await rm(cell.folder, { recursive: true });
    await sequenceAll(await cell.desk());
    expect(await verify('ledger', files, '--key', keyOf(desk))).toMatchObject({ holds: true });
  });

  it('that cannot be read let nothing be signed: they may say more than the store', async () => {
    const desk = await cell.desk();
    await mkdir(join(cell.folder, 'eu'));
    await writeFile(cell.files(period), 'a file where a folder should be');
    desk.lead();
    await until(() => desk.told.refused !== null);
    expect(desk.told.refused).toMatch(/cannot be read \(ENOTDIR\)/);
    expect(await desk.ledger.beginAnew('drill')).toMatchObject({ kind: 'refused' });
    expect(await sizeOf(desk)).toBe(0);
    await desk.retire();
    await rm(cell.files(period));
    await putEntry(desk.store);
    await sequenceAll(desk);
    expect(await sizeOf(desk)).toBe(1);
  });

  it('that cannot be written hold up no leaf, and are complete once they can be', async () => {
    const desk = await cell.desk();
    await putBulk(cell.owner, 300);
    desk.lead();
    await until(async () => (await publishedSize()) === 300);
    // Where the new file should be made is a folder.
    const obstacle = join(cell.files(period), 'tile/0/002.new');
    await mkdir(obstacle);
    await putBulk(cell.owner, 1_000);
    await until(() => desk.told.published.at(-1) !== null);
    expect(desk.told.size).toBe(1_300);
    expect(await publishedSize()).toBe(300);
    await rm(obstacle, { recursive: true });
    // Nothing new comes: it is tried again by itself.
    await until(async () => (await publishedSize()) === 1_300);
    expect(await verify('ledger', cell.files(period), '--key', keyOf(desk))).toMatchObject({ holds: true });
  });
});

describe('witnesses', () => {
  const witnesses: TestWitness[] = [];
  afterEach(async () => {
    for (const started of witnesses.splice(0)) await started.stop();
  });

  async function witness(log: string): Promise<TestWitness> {
    const started = await startWitness([log]);
    witnesses.push(started);
    return started;
  }

  const asSetting = ({ name, key, url }: TestWitness) => ({ name, url, verifier: parseVerifierKey(key)! });

  it('cosign what only grew; receipts are against what the quorum has seen', async () => {
    const log = keyOf(await cell.desk());
    const two = [await witness(log), await witness(log)];
    const desk = await cell.desk({ settings: { witnesses: two.map(asSetting), quorum: 2 } });
    const entry = await putEntry(desk.store);
    desk.lead();
    for (const count of [300, 1, 500]) {
      await putBulk(cell.owner, count);
      const size = await countEntries();
      await until(
        async () =>
          ((await desk.ledger.checkpoint(period)) ?? '').split('— witness').length === 3 &&
          (await sizeOf(desk)) === size,
      );
    }
    const trusted = ['--key', log, ...two.flatMap(({ key }) => ['--witness', key]), '--quorum', '2'];
    await until(async () => (await verify('ledger', cell.files(period), ...trusted)).holds);
    const receipt = await desk.ledger.receiptOf(entry);
    const file = join(cell.folder, 'receipt');
    await writeFile(file, receipt?.kind === 'receipt' ? receipt.text : '');
    expect(await verify('inclusion', file, ...trusted)).toMatchObject({ holds: true });

    // Without its quorum, a newer checkpoint is not what receipts are against.
    await witnesses.pop()?.stop();
    await putBulk(cell.owner, 1);
    await until(() => desk.told.size === 803);
    await until(() => desk.told.witnessFaults.includes('ECONNREFUSED'));
    expect(await desk.ledger.receiptOf(entry)).toMatchObject({ size: 802 });
    expect(desk.told.unwitnessedSinceMs).toBeNull();
    cell.clock.nowMs = Date.now() + 120_000;
    await until(() => desk.told.unwitnessedSinceMs !== null);
  }, 60_000);

  it('give away a tail that was cut off, even where the files are lost, too', async () => {
    const first = await cell.desk();
    const seen = await witness(keyOf(first));
    const settings = { witnesses: [asSetting(seen)], quorum: 1 };
    const desk = await cell.desk({ settings });
    await putBulk(cell.owner, 10);
    desk.lead();
    await until(async () => ((await desk.ledger.checkpoint(period)) ?? '').includes('— witness'));
    await desk.retire();
    await cell.owner.query(
      'DELETE FROM ledger_checkpoints; DELETE FROM ledger_heads; DELETE FROM ledger_cosignatures',
    );
    await tamper(cell.owner, `DELETE FROM entries WHERE entry_id IN (SELECT entry_id FROM entries LIMIT 3)`);
    await rm(cell.folder, { recursive: true });
    const after = await cell.desk({ settings });
    after.lead();
    await until(() => after.told.witnessFaults.includes('WITNESS_AHEAD'));
  }, 30_000);
});
