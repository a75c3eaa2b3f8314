import type { DecisionId, Digest, EntryId } from '../../decision/ids.ts';
import { InvariantError } from '../../decision/errors.ts';
import { encodeColumn } from '../../storage/binary-array.ts';
import type { Query } from '../../storage/connections.ts';
import type { FullTile } from './tree-edge.ts';

/** The SQL of the ledger. What writes here goes through the session that holds the sequencer's lock. */

/** A place in the ledger's order of entries: the committing transaction, then the entry’s id. */
export interface Position {
  readonly committedIn: string;
  readonly entryId: string;
}

export const beforeEverything: Position = {
  committedIn: '0',
  entryId: '00000000-0000-0000-0000-000000000000',
};

/** Where the sequencer of a period stands. */
export interface LedgerHead {
  readonly period: string;
  readonly size: number;
  /** Leaves of the last bundle, when it is not full. */
  readonly edge: Buffer;
  readonly upto: Position;
}

export interface StoredCheckpoint {
  readonly period: string;
  readonly size: number;
  /** Index of the first leaf that the checkpoint before did not cover. */
  readonly firstIndex: number;
  readonly root: Buffer;
  readonly note: string;
  readonly upto: Position;
  readonly signedAt: Date;
}

/** What a checkpoint row is read as; `AS` names are the fields of `StoredCheckpoint`. */
const checkpointColumns = `c.period, c.size::float8 AS size, c.first_index::float8 AS "firstIndex", c.root, c.note,
  json_build_object('committedIn', c.upto_committed_in::text, 'entryId', c.upto_entry::text) AS upto,
  c.signed_at AS "signedAt"`;

const headColumns = `period, size::float8 AS size, edge,
  json_build_object('committedIn', upto_committed_in::text, 'entryId', upto_entry::text) AS upto`;

/** The heads of the ledger, newest first. */
export function findHeads(query: Query, count: number): Promise<LedgerHead[]> {
  return query<LedgerHead>({
    name: 'ledger_heads',
    text: `SELECT ${headColumns} FROM ledger_heads ORDER BY opened_at DESC LIMIT $1`,
    values: [count],
  });
}

export async function findHead(query: Query, period: string): Promise<LedgerHead | null> {
  const rows = await query<LedgerHead>({
    name: 'ledger_head',
    text: `SELECT ${headColumns} FROM ledger_heads WHERE period = $1`,
    values: [period],
  });
  return rows[0] ?? null;
}

/** A log's head and newest checkpoint as they were at one moment, beside a leader who moves both; null when unknown. */
export async function findLog(
  query: Query,
  period: string,
): Promise<{ head: LedgerHead; newest: StoredCheckpoint | null } | null> {
  const [row] = await query<StoredCheckpoint & { edge: Buffer; headSize: number; headUpto: Position }>({
    name: 'ledger_log',
    text: `SELECT h.edge, h.size::float8 AS "headSize",
        json_build_object('committedIn', h.upto_committed_in::text, 'entryId', h.upto_entry::text) AS "headUpto",
        ${checkpointColumns}
      FROM ledger_heads h LEFT JOIN LATERAL (
        SELECT * FROM ledger_checkpoints n WHERE n.period = h.period ORDER BY n.size DESC LIMIT 1) c ON true
      WHERE h.period = $1`,
    values: [period],
  });
  if (row === undefined) return null;
  const { edge, headSize, headUpto, ...newest } = row;
  const head = { period, size: headSize, edge, upto: headUpto };
  return { head, newest: newest.period === null ? null : newest };
}

/** Begins a log behind a place in the order of entries, with its first checkpoint, of nothing. */
export async function openHead(
  query: Query,
  head: { period: string; cell: string; upto: Position; root: Buffer; note: string; signedAt: Date },
): Promise<void> {
  await query({
    // A clock that was set back must not make an earlier log the newest again.
    text: `WITH head AS (
        INSERT INTO ledger_heads (period, cell, size, edge, upto_committed_in, upto_entry, opened_at)
        SELECT $1, $2, 0, '', $3::xid8, $4::uuid,
          greatest(clock_timestamp(), max(opened_at) + interval '1 microsecond') FROM ledger_heads)
      INSERT INTO ledger_checkpoints
        (period, size, cell, first_index, root, note, upto_committed_in, upto_entry, signed_at, commits)
        VALUES ($1, 0, $2, 0, $5, $6, $3::xid8, $4::uuid, $7, '')`,
    values: [
      head.period,
      head.cell,
      head.upto.committedIn,
      head.upto.entryId,
      head.root,
      head.note,
      head.signedAt,
    ],
  });
}

/** Entries read at once; a literal, because the plan depends on it. */
export const batchMax = 4096;

/**
 * The leaves of the next entries in the ledger's order, one after the other; null when there are none. Only
 * transactions below the snapshot's xmin count: no other can any more become visible among them.
 */
export async function readBatch(
  query: Query,
  after: Position,
): Promise<{ leaves: Buffer; commits: Buffer; upto: Position } | null> {
  const [row] = await query<{ leaves: Buffer | null; committedIn: string; entryId: string; commits: Buffer }>(
    {
      name: 'ledger_batch',
      text: `WITH batch AS MATERIALIZED (
        SELECT uuid_send(decision_id) || uuid_send(entry_id) || header_digest AS leaf, committed_in, entry_id
          FROM entries
         WHERE (committed_in, entry_id) > ($1::xid8, $2::uuid)
           AND committed_in < pg_snapshot_xmin(pg_current_snapshot())
         ORDER BY committed_in, entry_id LIMIT ${batchMax}),
      last AS (SELECT committed_in, entry_id FROM batch ORDER BY committed_in DESC, entry_id DESC LIMIT 1),
      commits AS (
        SELECT string_agg(xid8send(committed_in) || int4send(leaves::int), ''::bytea ORDER BY committed_in) AS bytes
          FROM (SELECT committed_in, count(*) AS leaves FROM batch GROUP BY committed_in) AS by_commit)
      SELECT (SELECT string_agg(leaf, ''::bytea ORDER BY committed_in, entry_id) FROM batch) AS leaves,
        last.committed_in::text AS "committedIn", last.entry_id::text AS "entryId", commits.bytes AS commits FROM last, commits`,
      values: [after.committedIn, after.entryId],
    },
  );
  if (!row?.leaves) return null;
  return {
    leaves: row.leaves,
    commits: row.commits,
    upto: { committedIn: row.committedIn, entryId: row.entryId },
  };
}

/**
 * Moves the head, keeps the tiles that became full, and the signed checkpoint: all of it, or nothing.
 * @throws InvariantError when the head is not where this writer left it
 */
export async function saveCheckpoint(
  query: Query,
  checkpoint: StoredCheckpoint & { edge: Buffer; tiles: readonly FullTile[]; commits: Buffer },
): Promise<void> {
  const { tiles, upto } = checkpoint;
  const [row] = await query<{ moved: number }>({
    name: 'ledger_save',
    text: `WITH head AS (
        UPDATE ledger_heads SET size = $3, edge = $4, upto_committed_in = $5::xid8, upto_entry = $6::uuid
         WHERE period = $1 AND size = $2 RETURNING cell),
      tiles AS (
        INSERT INTO ledger_tiles (period, level, tile, cell, bytes)
        SELECT $1, t.level, t.tile, head.cell, t.bytes
          FROM head, unnest($7::smallint[], $8::bigint[], $9::bytea[]) AS t (level, tile, bytes)),
      checkpoint AS (
        INSERT INTO ledger_checkpoints
          (period, size, cell, first_index, root, note, upto_committed_in, upto_entry, signed_at, commits)
        SELECT $1, $3, head.cell, $2, $10, $11, $5::xid8, $6::uuid, $12, $13 FROM head)
      SELECT count(*)::int AS moved FROM head`,
    values: [
      checkpoint.period,
      checkpoint.firstIndex,
      checkpoint.size,
      checkpoint.edge,
      upto.committedIn,
      upto.entryId,
      tiles.map((tile) => tile.level),
      tiles.map((tile) => tile.index),
      encodeColumn(
        'bytea',
        tiles.map((tile) => [tile.bytes]),
        0,
      ),
      checkpoint.root,
      checkpoint.note,
      checkpoint.signedAt,
      checkpoint.commits,
    ],
  });
  if (row?.moved !== 1) throw new InvariantError('the ledger’s head was moved by another writer');
}

export async function newestCheckpoint(query: Query, period: string): Promise<StoredCheckpoint | null> {
  const rows = await query<StoredCheckpoint>({
    name: 'ledger_newest',
    text: `SELECT ${checkpointColumns} FROM ledger_checkpoints c WHERE period = $1 ORDER BY c.size DESC LIMIT 1`,
    values: [period],
  });
  return rows[0] ?? null;
}

export async function checkpointAt(
  query: Query,
  period: string,
  size: number,
): Promise<StoredCheckpoint | null> {
  const rows = await query<StoredCheckpoint>({
    name: 'ledger_checkpoint_at',
    text: `SELECT ${checkpointColumns} FROM ledger_checkpoints c WHERE period = $1 AND c.size = $2`,
    values: [period, size],
  });
  return rows[0] ?? null;
}

/** The first checkpoint that covers a place in the order; null when none does yet. */
export async function firstCovering(query: Query, at: Position): Promise<StoredCheckpoint | null> {
  const rows = await query<StoredCheckpoint>({
    name: 'ledger_covering',
    text: `SELECT ${checkpointColumns} FROM ledger_checkpoints c
            WHERE (upto_committed_in, upto_entry) >= ($1::xid8, $2::uuid) AND c.size > c.first_index
            ORDER BY upto_committed_in, upto_entry LIMIT 1`,
    values: [at.committedIn, at.entryId],
  });
  return rows[0] ?? null;
}

/** When the first checkpoint beyond a size was signed; null when there is none. */
export async function signedAfter(query: Query, period: string, size: number): Promise<Date | null> {
  const rows = await query<{ signedAt: Date }>({
    name: 'ledger_signed_after',
    text: `SELECT signed_at AS "signedAt" FROM ledger_checkpoints
            WHERE period = $1 AND size > $2 ORDER BY size LIMIT 1`,
    values: [period, size],
  });
  return rows[0]?.signedAt ?? null;
}

/** Place and digest of an entry; null when the store has no such entry. */
export async function findPlace(
  query: Query,
  entry: { decisionId: DecisionId; entryId: EntryId },
): Promise<(Position & { headerDigest: Digest }) | null> {
  const rows = await query<Position & { headerDigest: Digest }>({
    name: 'ledger_place',
    text: `SELECT committed_in::text AS "committedIn", entry_id::text AS "entryId",
             'sha256:' || encode(header_digest, 'hex') AS "headerDigest"
           FROM entries WHERE decision_id = $1 AND entry_id = $2`,
    values: [entry.decisionId, entry.entryId],
  });
  return rows[0] ?? null;
}

/**
 * True when the store holds entries of transactions that its server has not begun yet. They came from another
 * server by a logical copy, and new entries would be ordered before them.
 */
export async function hasForeignEntries(query: Query): Promise<boolean> {
  const [row] = await query<{ foreign: boolean }>({
    name: 'ledger_foreign',
    text: `SELECT EXISTS (SELECT FROM entries WHERE committed_in >= pg_snapshot_xmax(pg_current_snapshot()))
        OR EXISTS (SELECT FROM ledger_heads WHERE upto_committed_in >= pg_snapshot_xmax(pg_current_snapshot()))
        AS foreign`,
    values: [],
  });
  return row?.foreign ?? false;
}
