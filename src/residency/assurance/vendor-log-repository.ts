import type { Query } from '../../storage/connections.ts';
import type { Insert, TableSpec } from '../../storage/table.ts';

export const vendorLogKinds = ['cloudtrail', 'bedrock-profile'] as const;
export type VendorLogKind = (typeof vendorLogKinds)[number];

/** One of our calls as the vendor logged it. */
export interface VendorLoggedCall {
  readonly callId: string;
  readonly region: string;
  /** Null for a region whose country we do not know. */
  readonly country: string | null;
  readonly agrees: boolean;
}

const importsTable: TableSpec = {
  name: 'vendor_log_imports',
  columns: [
    { name: 'import_id', type: 'uuid' },
    { name: 'cell', type: 'text' },
    { name: 'endpoint', type: 'text' },
    { name: 'kind', type: 'text' },
    { name: 'file_digest', type: 'bytea' },
  ],
};

/** The row of an import; the one of the same file a second time is refused by the database. */
export function importInsert(about: {
  readonly importId: string;
  readonly cell: string;
  readonly endpoint: string;
  readonly kind: VendorLogKind;
  readonly fileDigest: Buffer;
}): Insert {
  return {
    table: importsTable,
    row: [about.importId, about.cell, about.endpoint, about.kind, about.fileDigest],
  };
}

/** Stores the calls of an import; they count once its own row is there. */
export async function storeLoggedCalls(
  query: Query,
  cell: string,
  importId: string,
  calls: readonly VendorLoggedCall[],
): Promise<void> {
  await query({
    name: 'store_logged_calls',
    text: `INSERT INTO vendor_logged_calls (import_id, cell, call_id, region, country, agrees)
           SELECT $1, $2, c."callId", c.region, c.country, c.agrees
             FROM jsonb_to_recordset($3::jsonb) AS c("callId" uuid, region text, country text, agrees boolean)`,
    values: [importId, cell, JSON.stringify(calls)],
    timeoutMs: 60_000,
  });
}

export async function wasImported(
  query: Query,
  about: {
    readonly cell: string;
    readonly endpoint: string;
    readonly kind: VendorLogKind;
    readonly fileDigest: Buffer;
  },
): Promise<boolean> {
  const rows = await query({
    text: 'SELECT 1 FROM vendor_log_imports WHERE cell = $1 AND endpoint = $2 AND kind = $3 AND file_digest = $4',
    values: [about.cell, about.endpoint, about.kind, about.fileDigest],
  });
  return rows.length > 0;
}

/**
 * Of these calls, those that the vendor's own log has, and whether it agrees with what was declared; where two
 * imports speak of one call, both must agree.
 */
export async function loggedCalls(
  query: Query,
  cell: string,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, boolean>> {
  const rows = await query<{ call_id: string; agrees: boolean }>({
    name: 'logged_calls',
    text: `SELECT call_id, bool_and(agrees) AS agrees FROM vendor_logged_calls c
            WHERE cell = $1 AND call_id = ANY ($2::uuid[])
              AND EXISTS (SELECT 1 FROM vendor_log_imports i WHERE i.import_id = c.import_id)
            GROUP BY call_id`,
    values: [cell, callIds],
  });
  return new Map(rows.map((row) => [row.call_id, row.agrees]));
}
