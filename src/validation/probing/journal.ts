import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Query } from '../../storage/connections.ts';
import type { Observation } from './monitors.ts';
import type { Sketch } from './sketch.ts';

/** An observation on its way to the other processes of its cell. */
export interface JournalRow {
  /** Key of the decision's payloads: the row goes when it goes. */
  readonly keyId: string;
  readonly observation: Observation;
}

/** How far a process has read. */
export interface Cursor {
  readonly committedIn: string;
  readonly seq: string;
}

export const journalStart: Cursor = { committedIn: '0', seq: '0' };
const rowsMax = 2_000;

/** Rows whose subject was erased in the meantime are left out. */
export async function appendRows(
  query: Query,
  at: { readonly cell: string; readonly process: string; readonly key: Buffer },
  rows: readonly JournalRow[],
): Promise<void> {
  await query({
    text: `INSERT INTO probing_sketches (cell, process, key_id, sealed)
           SELECT $1, $2, k, s FROM unnest($3::uuid[], $4::bytea[]) AS new(k, s)
            WHERE EXISTS (SELECT FROM subject_keys WHERE key_id = k)`,
    values: [
      at.cell,
      at.process,
      rows.map(({ keyId }) => keyId),
      rows.map(({ observation }) => sealed(observation, at)),
    ],
  });
}

/** What other processes have seen since; at most so many that the caller should ask again when it gets as many. */
export async function readRows(
  query: Query,
  at: { readonly cell: string; readonly process: string; readonly key: Buffer },
  since: Cursor,
): Promise<{ observations: Observation[]; cursor: Cursor; isLast: boolean }> {
  const rows = await query<{ committed: string; seq: string; process: string; sealed: Buffer }>({
    text: `SELECT committed_in::text AS committed, seq::text, process, sealed FROM probing_sketches
            WHERE cell = $1 AND (committed_in, seq) > ($2::xid8, $3::bigint)
              AND committed_in < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY committed_in, seq LIMIT ${rowsMax}`,
    values: [at.cell, since.committedIn, since.seq],
  });
  const last = rows.at(-1);
  return {
    observations: rows.filter((row) => row.process !== at.process).map((row) => opened(row.sealed, at)),
    cursor: last === undefined ? since : { committedIn: last.committed, seq: last.seq },
    isLast: rows.length < rowsMax,
  };
}

export async function forgetRows(query: Query, cell: string, keepMs: number): Promise<void> {
  await query({
    text: 'SELECT forget_probing_sketches($1, $2)',
    values: [cell, Math.ceil(keepMs / 3_600_000)],
  });
}

interface Written extends Omit<Observation, 'sketch'> {
  readonly fields: Sketch['fields'];
  readonly text: number;
  readonly words: readonly number[] | null;
}

const nonceBytes = 12;
const tagBytes = 16;

function sealed({ sketch, ...rest }: Observation, { cell, key }: { cell: string; key: Buffer }): Buffer {
  const { fields, text, words } = sketch;
  const written: Written = { ...rest, fields, text, words: words === null ? null : [...words] };
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(cell));
  const body = Buffer.concat([cipher.update(JSON.stringify(written), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** @throws Error when the row was altered, or is of another cell */
function opened(row: Buffer, { cell, key }: { cell: string; key: Buffer }): Observation {
  const decipher = createDecipheriv('aes-256-gcm', key, row.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(cell))
    .setAuthTag(row.subarray(nonceBytes, nonceBytes + tagBytes));
  const text = Buffer.concat([decipher.update(row.subarray(nonceBytes + tagBytes)), decipher.final()]);
  const { fields, text: sum, words, ...rest } = JSON.parse(text.toString('utf8')) as Written;
  return { ...rest, sketch: { fields, text: sum, words: words === null ? null : Uint32Array.from(words) } };
}
