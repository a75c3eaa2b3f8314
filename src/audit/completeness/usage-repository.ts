import type { Digest } from '../../decision/ids.ts';
import type { Query } from '../../storage/connections.ts';
import { mintId } from '../mint.ts';
import type { Provider, UsageRow } from './usage-row.ts';

export interface UsageImport {
  readonly importId: string;
  readonly endpoint: string;
  readonly provider: Provider;
  readonly fileDigest: Digest;
  /** Ids of the provider's keys that only the gateway holds; null when nobody said. */
  readonly knownKeys: readonly string[] | null;
}

export interface FoundImport extends UsageImport {
  /** Every request of the day has a row of its own, with its id. */
  readonly isByRequest: boolean;
}

/** What one import says of one day: sums by model and key. */
export interface UsageSum {
  readonly model: string | null;
  readonly apiKeyId: string | null;
  /** Null where the export does not count requests. */
  readonly requests: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

const batchRows = 500;
const pageRows = 5_000;
const scanTimeoutMs = 60_000;

/**
 * Stores an export: its rows first, in batches, and the import itself last, so that one which breaks off is
 * never read.
 * @returns the number of rows, or null when this very export had been imported before
 */
export async function storeUsageImport(
  query: Query,
  cell: string,
  about: Omit<UsageImport, 'importId'>,
  rows: AsyncIterable<UsageRow> | Iterable<UsageRow>,
  coveredDays: readonly string[],
): Promise<{ importId: string; rows: number; days: number } | null> {
  const importId = mintId();
  const digest = Buffer.from(about.fileDigest.slice('sha256:'.length), 'hex');
  const earlier = await query({
    text: `SELECT 1 FROM usage_imports WHERE cell = $1 AND endpoint = $2 AND provider = $3 AND file_digest = $4
              AND known_keys IS NOT DISTINCT FROM $5::text[]`,
    values: [cell, about.endpoint, about.provider, digest, about.knownKeys],
  });
  if (earlier.length > 0) return null;
  const days = new Set(coveredDays);
  let count = 0;
  let batch: (UsageRow & { row: number })[] = [];
  const flush = async () => {
    await insertRows(query, { importId, cell, endpoint: about.endpoint }, batch);
    batch = [];
  };
  for await (const row of rows) {
    days.add(row.day);
    batch.push({ ...row, row: count++ });
    if (batch.length === batchRows) await flush();
  }
  if (batch.length > 0) await flush();
  const stored = await query({
    text: `INSERT INTO usage_imports (import_id, cell, endpoint, provider, file_digest, known_keys, days, rows)
           VALUES ($1, $2, $3, $4, $5, $6, $7::date[], $8)
           ON CONFLICT ON CONSTRAINT usage_imports_once DO NOTHING RETURNING 1`,
    values: [importId, cell, about.endpoint, about.provider, digest, about.knownKeys, [...days], count],
  });
  return stored.length === 0 ? null : { importId, rows: count, days: days.size };
}

async function insertRows(
  query: Query,
  { importId, cell, endpoint }: { importId: string; cell: string; endpoint: string },
  rows: readonly (UsageRow & { row: number })[],
): Promise<void> {
  await query({
    name: 'insert_usage_rows',
    text: `INSERT INTO usage_rows (import_id, cell, endpoint, row, day, model, api_key_id, requests, input_tokens,
                                   output_tokens, provider_request_id)
           SELECT $1, $2, $3, r.row, r.day, r.model, r."apiKeyId", r.requests, r."inputTokens", r."outputTokens",
                  r."providerRequestId"
             FROM jsonb_to_recordset($4::jsonb) AS r(row int, day date, model text, "apiKeyId" text, requests bigint,
                  "inputTokens" bigint, "outputTokens" bigint, "providerRequestId" text)`,
    values: [importId, cell, endpoint, JSON.stringify(rows)],
    timeoutMs: scanTimeoutMs,
  });
}

/** For each endpoint the newest import that speaks of the day; the others stay as they are. */
export async function findUsageImports(query: Query, cell: string, day: string): Promise<FoundImport[]> {
  const rows = await query<{
    import_id: string;
    endpoint: string;
    provider: Provider;
    file_digest: Buffer;
    known_keys: string[] | null;
    is_by_request: boolean | null;
  }>({
    text: `SELECT DISTINCT ON (endpoint) import_id, endpoint, provider, file_digest, known_keys,
                  (SELECT bool_and(provider_request_id IS NOT NULL OR requests = 0) FROM usage_rows r
                    WHERE r.import_id = i.import_id AND r.day = $2) AS is_by_request
             FROM usage_imports i WHERE cell = $1 AND days @> ARRAY[$2::date]
            ORDER BY endpoint, import_id DESC`,
    values: [cell, day],
    timeoutMs: scanTimeoutMs,
  });
  return rows.map((row) => ({
    importId: row.import_id,
    endpoint: row.endpoint,
    provider: row.provider,
    fileDigest: `sha256:${row.file_digest.toString('hex')}` as Digest,
    knownKeys: row.known_keys,
    isByRequest: row.is_by_request === true && row.provider === 'csv',
  }));
}

export async function sumUsage(query: Query, importId: string, day: string): Promise<UsageSum[]> {
  const rows = await query<{
    model: string | null;
    api_key_id: string | null;
    requests: string | null;
    input_tokens: string;
    output_tokens: string;
  }>({
    text: `SELECT model, api_key_id, CASE WHEN bool_or(requests IS NULL) THEN NULL ELSE sum(requests) END AS requests,
                  sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens
             FROM usage_rows WHERE import_id = $1 AND day = $2
            GROUP BY model, api_key_id ORDER BY model, api_key_id`,
    values: [importId, day],
    timeoutMs: scanTimeoutMs,
  });
  return rows.map((row) => ({
    model: row.model,
    apiKeyId: row.api_key_id,
    requests: row.requests === null ? null : Number(row.requests),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
  }));
}

/** Request ids in an import, for a day, in pages; empty where the export has none. */
export async function* usageRequestIds(query: Query, importId: string, day: string): AsyncGenerator<string> {
  let after = -1;
  for (;;) {
    const rows = await query<{ row: number; provider_request_id: string | null }>({
      name: 'usage_request_ids',
      text: `SELECT row, provider_request_id FROM usage_rows
              WHERE import_id = $1 AND day = $2 AND row > $3 ORDER BY row LIMIT $4`,
      values: [importId, day, after, pageRows],
      timeoutMs: scanTimeoutMs,
    });
    for (const row of rows) if (row.provider_request_id !== null) yield row.provider_request_id;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageRows) return;
    after = last.row;
  }
}
