import type { EntryHeader } from '../../decision/entry.ts';
import type { Query } from '../../storage/connections.ts';
import { type Position, type StoredCheckpoint, checkpointAt } from '../ledger/repository.ts';
import type { ArchivedEntry } from './line.ts';

/** The SQL that reads what is to be sealed: entries in the ledger's order, and checkpoints by their time. */

const pageEntries = 500;
/** A page ends with the entry that reaches this: documents can be large. */
const pageBytes = 32 * 1024 * 1024;
const pageTimeoutMs = 120_000;

/** The largest checkpoint of a period that was signed before a moment. */
export async function checkpointBefore(
  query: Query,
  period: string,
  endMs: number,
): Promise<StoredCheckpoint | null> {
  const [row] = await query<{ size: number }>({
    text: `SELECT size::float8 AS size FROM ledger_checkpoints
            WHERE period = $1 AND signed_at < $2 ORDER BY ledger_checkpoints.size DESC LIMIT 1`,
    values: [period, new Date(endMs)],
    timeoutMs: pageTimeoutMs,
  });
  return row ? checkpointAt(query, period, row.size) : null;
}

interface EntryRow {
  header: Buffer;
  payload: Buffer | null;
  committed_in: string;
  entry_id: string;
}

/** An entry whose header may be no JSON any more: its bytes are compared with its leaf first. */
export type SourceEntry = Omit<ArchivedEntry, 'header'>;

/** Entries after one place in the ledger's order up to another, a page at a time. */
export async function* entriesBetween(
  query: Query,
  after: Position,
  upto: Position,
): AsyncGenerator<SourceEntry[]> {
  let from = after;
  for (;;) {
    const rows = await query<EntryRow>({
      name: 'archive_entries',
      text: `SELECT header, payload, committed_in::text, entry_id FROM (
          SELECT *, sum(coalesce(octet_length(payload), 0)) OVER (ORDER BY committed_in, entry_id)
              - coalesce(octet_length(payload), 0) AS bytes_before
            FROM (SELECT header, payload, committed_in, entry_id FROM entries
                   WHERE (committed_in, entry_id) > ($1::xid8, $2::uuid)
                     AND (committed_in, entry_id) <= ($3::xid8, $4::uuid)
                   ORDER BY committed_in, entry_id LIMIT ${pageEntries}) AS next) AS page
         WHERE bytes_before < ${pageBytes} ORDER BY page.committed_in, page.entry_id`,
      values: [from.committedIn, from.entryId, upto.committedIn, upto.entryId],
      timeoutMs: pageTimeoutMs,
    });
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map((row) => ({ headerBytes: row.header, payload: row.payload }));
    from = { committedIn: last.committed_in, entryId: last.entry_id };
  }
}

/** @returns null when the bytes are no JSON */
export function parseHeader(bytes: Buffer): EntryHeader | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as EntryHeader;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
