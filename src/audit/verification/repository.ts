import type { Store } from '../../storage/store.ts';
import type { RawEntry } from '../repository.ts';

/** Verification reads through a whole store, and waits longer than a request may. */
const timeoutMs = 120_000;

export interface LedgerHead {
  readonly period: string;
  readonly size: number;
  /** Leaves of the bundle that is not full yet. */
  readonly edge: Buffer;
  readonly uptoCommittedIn: string;
  readonly uptoEntry: string;
}

export interface LedgerCheckpointRow {
  readonly size: number;
  readonly firstIndex: number;
  readonly root: Buffer;
  readonly note: string;
  readonly commits: Buffer;
}

/** Every log of the cell, in the order in which they were begun. */
export async function findHeads(store: Store): Promise<LedgerHead[]> {
  const rows = await store.query<LedgerHead>({
    text: `SELECT period, size::float8 AS size, edge, upto_committed_in::text AS "uptoCommittedIn", upto_entry AS "uptoEntry"
             FROM ledger_heads ORDER BY opened_at, period`,
    values: [],
    timeoutMs,
  });
  return rows;
}

/** Checkpoints of a log from a size on, smallest first. */
export async function findCheckpoints(
  store: Store,
  period: string,
  afterSize: number,
  limit: number,
): Promise<LedgerCheckpointRow[]> {
  const rows = await store.query<LedgerCheckpointRow>({
    name: 'verify_checkpoints',
    text: `SELECT size::float8 AS size, first_index::float8 AS "firstIndex", root, note, commits FROM ledger_checkpoints
            WHERE period = $1 AND ledger_checkpoints.size > $2 ORDER BY ledger_checkpoints.size LIMIT $3`,
    values: [period, afterSize, limit],
    timeoutMs,
  });
  return rows;
}

/** Full tiles of one level from an index on, in order; -1 is the level of the bundles. */
export async function findTiles(
  store: Store,
  period: string,
  level: number,
  from: number,
  limit: number,
): Promise<{ tile: number; bytes: Buffer }[]> {
  const rows = await store.query<{ tile: number; bytes: Buffer }>({
    name: 'verify_tiles',
    text: `SELECT tile::float8 AS tile, bytes FROM ledger_tiles WHERE period = $1 AND level = $2 AND tile >= $3
            ORDER BY ledger_tiles.tile LIMIT $4`,
    values: [period, level, from, limit],
    timeoutMs,
  });
  return rows;
}

/** An entry with its place in the order of commits. */
export interface PlacedEntry extends RawEntry {
  readonly committedIn: string;
}

const columns = `entry_id AS "entryId", decision_id AS "decisionId", call_id AS "callId", type, tenant, cell,
  decision_type AS "decisionType", header AS "headerBytes", header_digest AS "headerDigest", previous,
  key_id AS "keyId", payload, about, committed_in::text AS "committedIn"`;

/** Entries of finished transactions in the order of the ledger, behind a place. */
export function findEntriesAfter(
  store: Store,
  place: { committedIn: string; entryId: string },
  limit: number,
): Promise<PlacedEntry[]> {
  return store.query<PlacedEntry>({
    name: 'verify_entries',
    text: `SELECT ${columns} FROM entries
            WHERE (committed_in, entry_id) > ($1::xid8, $2::uuid)
              AND committed_in < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY committed_in, entry_id LIMIT $3`,
    values: [place.committedIn, place.entryId, limit],
    timeoutMs,
  });
}

export async function findEntry(
  store: Store,
  decisionId: string,
  entryId: string,
): Promise<PlacedEntry | null> {
  const rows = await store.query<PlacedEntry>({
    name: 'verify_entry',
    text: `SELECT ${columns} FROM entries WHERE decision_id = $1 AND entry_id = $2`,
    values: [decisionId, entryId],
    timeoutMs,
  });
  return rows[0] ?? null;
}

/** Entries whose predecessor is not in the store, though its month is. */
export function findOrphans(store: Store, limit: number): Promise<{ decisionId: string; entryId: string }[]> {
  return store.query({
    text: `SELECT e.decision_id AS "decisionId", e.entry_id AS "entryId" FROM entries e
            WHERE e.previous IS NOT NULL AND NOT EXISTS (
              SELECT FROM entries p WHERE p.decision_id = e.decision_id AND p.header_digest = e.previous)
            ORDER BY e.decision_id, e.entry_id LIMIT $1`,
    values: [limit],
    timeoutMs,
  });
}

/** Parts of releases from a digest on, in order. */
export function findParts(
  store: Store,
  after: Buffer,
  limit: number,
): Promise<{ digest: Buffer; bytes: Buffer }[]> {
  return store.query({
    name: 'verify_parts',
    text: 'SELECT digest, bytes FROM parts WHERE digest > $1 ORDER BY digest LIMIT $2',
    values: [after, limit],
    timeoutMs,
  });
}
