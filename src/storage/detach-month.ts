import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { codeOf } from './errors.ts';
import type { StorageLog } from './log.ts';

/** Entries that are sealed elsewhere, column by column. */
export interface SealedEntries {
  readonly decisionIds: readonly string[];
  readonly entryIds: readonly string[];
  readonly headerDigests: readonly Buffer[];
}

/** What a month's partition holds. */
export interface MonthSummary {
  readonly partition: string;
  readonly entries: number;
  readonly decisions: number;
  readonly firstEntry: string | null;
  readonly lastEntry: string | null;
}

export type MonthVerdict =
  | { readonly kind: 'absent'; readonly partition: string }
  /** Entries that are not sealed, or not as they stand here; decisions that are not closed. */
  | {
      readonly kind: 'kept';
      readonly summary: MonthSummary;
      readonly unsealed: number;
      readonly open: number;
      /** Decisions whose expiry is not in the retention queue yet: it looks at what is in the store. */
      readonly unqueued: number;
    }
  | { readonly kind: 'ready' | 'detached'; readonly summary: MonthSummary };

/** Entries without a payload that other rooms look up by what they are about. */
const systemTypes = `'erasure', 'access', 'release', 'configuration', 'completeness', 'retention'`;
const columns = `entry_id, decision_id, call_id, type, tenant, cell, decision_type, header, header_digest, previous,
  key_id, payload, about, committed_in`;
const lockAttempts = 40;
const lockWaitMs = 250;

/**
 * Takes a month out of the store: every entry of its decisions, once each of them is among the sealed ones.
 * What is checked and what is dropped is the same, because writers to the month wait meanwhile. Entries
 * about the gateway or about other decisions stay.
 *
 * @param options.month `yyyy-mm`
 * @param options.beforeDrop records that it happens; the month stays when this throws
 */
export async function detachMonth(options: {
  ownerUrl: string;
  cell: string;
  month: string;
  sealed: AsyncIterable<SealedEntries>;
  dryRun: boolean;
  beforeDrop: (summary: MonthSummary) => Promise<void>;
  log: StorageLog;
}): Promise<MonthVerdict> {
  const { ownerUrl, log } = options;
  if (!/^\d{4}-\d\d$/.test(options.month)) throw new RangeError('a month is written yyyy-mm');
  const client = new Client({ connectionString: ownerUrl, application_name: 'countersign-detach' });
  client.on('error', (error) =>
    log('warn', 'connection of the detaching lost', { code: codeOf(error) ?? error.name }),
  );
  await client.connect();
  try {
    await client.query('BEGIN');
    const verdict = await detach(client, options);
    await client.query(verdict.kind === 'detached' ? 'COMMIT' : 'ROLLBACK');
    return verdict;
  } finally {
    // Ending the session rolls back what was not committed.
    await client.end();
  }
}

async function detach(client: Client, options: Parameters<typeof detachMonth>[0]): Promise<MonthVerdict> {
  const { cell, sealed, dryRun, beforeDrop } = options;
  const partition = `entries_${options.month.replace('-', '_')}`;
  const found = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    partition,
  ]);
  if (found.rows[0]?.there !== true) return { kind: 'absent', partition };
  await loadSealed(client, sealed);
  // Partitions are made under this lock. Writers to this month wait from here on; readers do not.
  await client.query('SELECT pg_advisory_xact_lock(727401, 2)');
  await client.query(`LOCK TABLE ${partition} IN SHARE MODE`);
  const summary = await summaryOf(client, partition);
  const unsealed = await count(client, unsealedIn(partition));
  const open = await count(client, openIn(partition));
  const unqueued = await count(client, unqueuedIn(partition), [cell]);
  if (unsealed + open + unqueued > 0) return { kind: 'kept', summary, unsealed, open, unqueued };
  if (dryRun) return { kind: 'ready', summary };
  await beforeDrop(summary);
  await withoutWaiting(client, `ALTER TABLE entries DETACH PARTITION ${partition}`);
  await client.query(
    `INSERT INTO archived_decisions (decision_id, cell, tenant, key_id, expired)
       SELECT decision_id, $1, min(tenant), min(key_id::text)::uuid, NOT bool_or(payload IS NOT NULL)
         FROM ${partition} WHERE type NOT IN (${systemTypes}) GROUP BY decision_id`,
    [cell],
  );
  await client.query(
    `INSERT INTO entries (${columns}) SELECT ${columns} FROM ${partition} WHERE type IN (${systemTypes})`,
  );
  await client.query(`DROP TABLE ${partition}`);
  return { kind: 'detached', summary };
}

async function loadSealed(client: Client, sealed: AsyncIterable<SealedEntries>): Promise<void> {
  await client.query(
    'CREATE TEMP TABLE sealed_entries (decision_id uuid, entry_id uuid, digest bytea) ON COMMIT DROP',
  );
  for await (const { decisionIds, entryIds, headerDigests } of sealed) {
    await client.query(
      'INSERT INTO sealed_entries SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[])',
      [decisionIds, entryIds, headerDigests],
    );
  }
  await client.query('ANALYZE sealed_entries');
}

async function summaryOf(client: Client, partition: string): Promise<MonthSummary> {
  const { rows } = await client.query<Omit<MonthSummary, 'partition'>>(
    `SELECT count(*)::float8 AS entries, min(entry_id::text) AS "firstEntry", max(entry_id::text) AS "lastEntry",
       count(DISTINCT decision_id) FILTER (WHERE type NOT IN (${systemTypes}))::float8 AS decisions FROM ${partition}`,
  );
  return { partition, entries: 0, decisions: 0, firstEntry: null, lastEntry: null, ...rows[0] };
}

/** The digest is made here: an altered header is not what was sealed. */
function unsealedIn(partition: string): string {
  return `SELECT count(*)::float8 AS count FROM ${partition} e WHERE NOT EXISTS (SELECT FROM sealed_entries s
    WHERE s.entry_id = e.entry_id AND s.decision_id = e.decision_id AND s.digest = sha256(e.header))`;
}

function openIn(partition: string): string {
  return `SELECT count(DISTINCT e.decision_id)::float8 AS count FROM ${partition} e
    WHERE (e.type IN ('intent', 'completion') AND NOT EXISTS (SELECT FROM ${partition} n
        WHERE n.decision_id = e.decision_id AND n.previous = e.header_digest))
      OR EXISTS (SELECT FROM review_tasks t WHERE t.decision_id = e.decision_id AND t.state <> 'answered')`;
}

function unqueuedIn(partition: string): string {
  return `SELECT count(*)::float8 AS count FROM ${partition} WHERE previous IS NULL AND key_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM retention_cursors WHERE cell = $1 AND upto >= decision_id)`;
}

async function count(client: Client, text: string, values: unknown[] = []): Promise<number> {
  const { rows } = await client.query<{ count: number }>(text, values);
  return rows[0]?.count ?? 0;
}

/** A statement that needs the whole table to itself tries again and again, so that nobody queues behind it. */
async function withoutWaiting(client: Client, text: string): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = '${lockWaitMs}ms'`);
  for (let attempt = 1; ; attempt++) {
    await client.query('SAVEPOINT attempt');
    try {
      await client.query(text);
      await client.query('SET LOCAL lock_timeout = 0');
      return;
    } catch (error) {
      const isBusy = ['55P03', '40P01'].includes(codeOf(error) ?? '');
      if (!isBusy || attempt === lockAttempts) throw error;
      await client.query('ROLLBACK TO SAVEPOINT attempt');
      await sleep(lockWaitMs);
    }
  }
}
