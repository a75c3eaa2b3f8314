import type { Query } from '../../storage/connections.ts';
import { hashBytes } from '../ledger/merkle.ts';
import { Frontier } from './frontier.ts';

/** The SQL of the archive's own tables. */

export interface SegmentRow {
  readonly period: string;
  /** Beginning of the hour, ms. */
  readonly hour: number;
  readonly number: number;
  readonly manifestDigest: Buffer;
  readonly size: number;
  readonly tree: Frontier;
}

interface Row {
  period: string;
  hour: Date;
  number: string;
  manifest_digest: Buffer;
  size: string;
  subtrees: Buffer;
}

const columns = 'period, hour, number, manifest_digest, size, subtrees';

function toSegment(row: Row): SegmentRow {
  const size = Number(row.size);
  const roots: Buffer[] = [];
  for (let at = 0; at < row.subtrees.length; at += hashBytes)
    roots.push(row.subtrees.subarray(at, at + hashBytes));
  return {
    period: row.period,
    hour: row.hour.getTime(),
    number: Number(row.number),
    manifestDigest: row.manifest_digest,
    size,
    tree: new Frontier(size, roots),
  };
}

/** The newest segment; null when nothing was sealed yet. */
export async function lastSegment(query: Query): Promise<SegmentRow | null> {
  const text = `SELECT ${columns} FROM archive_segments ORDER BY number DESC LIMIT 1`;
  const [row] = await query<Row>({ text, values: [] });
  return row ? toSegment(row) : null;
}

/** The newest segment of a period. */
export async function lastSegmentOf(query: Query, period: string): Promise<SegmentRow | null> {
  const text = `SELECT ${columns} FROM archive_segments WHERE period = $1 ORDER BY hour DESC LIMIT 1`;
  const [row] = await query<Row>({ text, values: [period] });
  return row ? toSegment(row) : null;
}

export async function segmentNumbered(query: Query, number: number): Promise<SegmentRow | null> {
  const text = `SELECT ${columns} FROM archive_segments WHERE number = $1`;
  const [row] = await query<Row>({ text, values: [number] });
  return row ? toSegment(row) : null;
}

/** Segments that may hold entries of a decision, in their order. */
export async function segmentsOfDecision(
  query: Query,
  decisionId: string,
  hour: number,
): Promise<SegmentRow[]> {
  const rows = await query<Row>({
    name: 'archive_segments_of_decision',
    text: `SELECT ${columns} FROM archive_segments WHERE hour = $2
           UNION
           SELECT s.period, s.hour, s.number, s.manifest_digest, s.size, s.subtrees
             FROM archive_continuations c JOIN archive_segments s USING (period, hour) WHERE c.decision_id = $1
           ORDER BY number`,
    values: [decisionId, new Date(hour)],
  });
  return rows.map(toSegment);
}

/** Segments with entries of decisions whose ids lie between two UUIDs, the second excluded; in their order. */
export async function segmentsOfIds(
  query: Query,
  ids: { from: string; to: string },
  hours: { from: number; to: number },
): Promise<SegmentRow[]> {
  const rows = await query<Row>({
    text: `SELECT ${columns} FROM archive_segments s
            WHERE (hour >= $3 AND hour < $4) OR EXISTS (
              SELECT FROM archive_continuations c WHERE c.period = s.period AND c.hour = s.hour
                 AND c.decision_id >= $1 AND c.decision_id < $2)
            ORDER BY number`,
    values: [ids.from, ids.to, new Date(hours.from), new Date(hours.to)],
    timeoutMs: scanTimeoutMs,
  });
  return rows.map(toSegment);
}

const scanTimeoutMs = 120_000;

/** Does nothing for rows that are there. */
export async function insertContinuations(
  query: Query,
  segment: { cell: string; period: string; hour: number },
  decisionIds: readonly string[],
): Promise<void> {
  await query({
    name: 'insert_archive_continuations',
    text: `INSERT INTO archive_continuations (decision_id, period, hour, cell)
           SELECT DISTINCT id, $2, $3::timestamptz, $4 FROM unnest($1::uuid[]) id ON CONFLICT DO NOTHING`,
    values: [decisionIds, segment.period, new Date(segment.hour), segment.cell],
    timeoutMs: scanTimeoutMs,
  });
}

/** @throws ConflictError when the number, or the hour of the period, is taken */
export async function insertSegment(
  query: Query,
  segment: Omit<SegmentRow, 'size'> & { cell: string; firstIndex: number; sealedAt: Date; readBackAt: Date },
): Promise<void> {
  const { period, hour, cell, number, manifestDigest, firstIndex, tree } = segment;
  await query({
    text: `INSERT INTO archive_segments (period, hour, cell, number, manifest_digest, first_index, size, subtrees,
             sealed_at, read_back_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      period,
      new Date(hour),
      cell,
      number,
      manifestDigest,
      firstIndex,
      tree.size,
      Buffer.concat(tree.roots),
      segment.sealedAt,
      segment.readBackAt,
    ],
  });
}

/** True when the month of an id (its time, ms) has no partition of its own: it was detached, or never was. */
export async function monthIsGone(query: Query, idMs: number): Promise<boolean> {
  const [row] = await query<{ gone: boolean }>({
    name: 'archive_month_is_gone',
    text: `SELECT to_regclass('entries_' || to_char(to_timestamp($1 / 1000.0) AT TIME ZONE 'UTC', 'YYYY_MM'))
             IS NULL AS gone`,
    values: [idMs],
  });
  return row?.gone ?? false;
}

/** True when the decision was in a month that was taken out of the store. */
export async function isArchived(query: Query, decisionId: string): Promise<boolean> {
  const text = 'SELECT 1 FROM archived_decisions WHERE decision_id = $1';
  const rows = await query({ name: 'archive_is_archived', text, values: [decisionId] });
  return rows.length > 0;
}

/** Months (`yyyy-mm`) that have a partition of their own, first to last. */
export async function monthsInStore(query: Query): Promise<string[]> {
  const rows = await query<{ name: string }>({
    text: `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'entries'::regclass AND relname ~ '^entries_[0-9]{4}_[0-9]{2}$' ORDER BY relname`,
    values: [],
  });
  return rows.map(({ name }) => name.slice('entries_'.length).replace('_', '-'));
}
