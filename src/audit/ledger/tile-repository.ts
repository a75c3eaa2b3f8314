import type { Query } from '../../storage/connections.ts';

/** The SQL of tiles, bundles and cosignatures. */

/** A stored full tile or bundle, or else the leaves of the period's edge when they belong to that index. */
export async function findTile(
  query: Query,
  period: string,
  level: number,
  index: number,
): Promise<{ full: Buffer | null; edge: Buffer | null }> {
  // One statement and so one moment: a bundle is in the tiles or at the edge, never in neither.
  const [row] = await query<{ full: Buffer | null; edge: Buffer | null }>({
    name: 'ledger_tile',
    text: `SELECT
        (SELECT bytes FROM ledger_tiles WHERE period = $1 AND level = $2 AND tile = $3) AS full,
        (SELECT edge FROM ledger_heads WHERE period = $1 AND size / 256 = $3) AS edge`,
    values: [period, level, index],
  });
  return row ?? { full: null, edge: null };
}

export interface StoredTile {
  readonly index: number;
  readonly bytes: Buffer;
}

/** Full tiles of a level with `from` <= index < `to`, in order; those that are missing are left out. */
export function findTiles(
  query: Query,
  period: string,
  level: number,
  range: { from: number; to: number },
): Promise<StoredTile[]> {
  return query<StoredTile>({
    name: 'ledger_tiles',
    text: `SELECT tile::float8 AS index, bytes FROM ledger_tiles
            WHERE period = $1 AND level = $2 AND tile >= $3 AND tile < $4 ORDER BY tile`,
    values: [period, level, range.from, range.to],
  });
}

/** Signature lines over the checkpoint of a size, in order of the witnesses' names. */
export async function findCosignatures(query: Query, period: string, size: number): Promise<string[]> {
  const rows = await query<{ line: string }>({
    name: 'ledger_cosignatures',
    text: 'SELECT line FROM ledger_cosignatures WHERE period = $1 AND size = $2 ORDER BY witness',
    values: [period, size],
  });
  return rows.map((row) => row.line);
}

/** The largest size that at least `quorum` of the witnesses have cosigned; null when there is none. */
export async function newestWitnessed(
  query: Query,
  period: string,
  witnesses: { names: readonly string[]; quorum: number },
): Promise<{ size: number; receivedAt: Date } | null> {
  const rows = await query<{ size: number; receivedAt: Date }>({
    name: 'ledger_witnessed',
    text: `SELECT size::float8 AS size, max(received_at) AS "receivedAt" FROM ledger_cosignatures
            WHERE period = $1 AND witness = ANY ($2::text[])
            GROUP BY ledger_cosignatures.size HAVING count(*) >= $3 ORDER BY ledger_cosignatures.size DESC LIMIT 1`,
    values: [period, witnesses.names, witnesses.quorum],
  });
  return rows[0] ?? null;
}

/** The largest size that a witness has cosigned; 0 when there is none. */
export async function cosignedSize(query: Query, period: string, witness: string): Promise<number> {
  const rows = await query<{ size: number }>({
    name: 'ledger_cosigned_size',
    text: `SELECT size::float8 AS size FROM ledger_cosignatures WHERE period = $1 AND witness = $2
            ORDER BY ledger_cosignatures.size DESC LIMIT 1`,
    values: [period, witness],
  });
  return rows[0]?.size ?? 0;
}

export async function saveCosignature(
  query: Query,
  cosignature: { period: string; size: number; witness: string; cell: string; line: string },
): Promise<void> {
  const { period, size, witness, cell, line } = cosignature;
  await query({
    text: `INSERT INTO ledger_cosignatures (period, size, witness, cell, line) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING`,
    values: [period, size, witness, cell, line],
  });
}
