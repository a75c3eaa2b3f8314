import type { Query } from '../../storage/connections.ts';

/** How many calls about data of one jurisdiction went to one endpoint, and how well its place is known. */
export interface Share {
  readonly jurisdiction: string;
  readonly endpoint: string;
  /** What the call itself earned; `contract` where nothing was checked. */
  readonly evidence: string;
  readonly calls: number;
  /** Of all calls about data of the jurisdiction, 0 to 1. */
  readonly share: number;
}

export interface SharePeriod {
  /** Epoch milliseconds, inclusive. */
  readonly fromMs: number;
  /** Epoch milliseconds, exclusive. */
  readonly toMs: number;
}

interface CountRow {
  jurisdiction: string;
  endpoint: string;
  evidence: string;
  calls: string;
}

const dayMs = 86_400_000;
const scanTimeoutMs = 60_000;

/**
 * Counts what left, by the record: an intent whose completion does not say that nothing was sent. Read a day at
 * a time, so that no statement is longer than a busy day; decisions count by the day that their id was minted.
 * Months that have left the store are not counted.
 */
export async function sharesOf(query: Query, { fromMs, toMs }: SharePeriod): Promise<readonly Share[]> {
  const counts = new Map<string, { readonly row: CountRow; calls: number }>();
  for (let ms = fromMs; ms < toMs; ms += dayMs) {
    for (const row of await countDay(query, ms, Math.min(ms + dayMs, toMs))) {
      const key = JSON.stringify([row.jurisdiction, row.endpoint, row.evidence]);
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { row, calls: Number(row.calls) });
      else known.calls += Number(row.calls);
    }
  }
  return withShares([...counts.values()]);
}

function withShares(counts: readonly { readonly row: CountRow; readonly calls: number }[]): readonly Share[] {
  const totals = new Map<string, number>();
  for (const { row, calls } of counts)
    totals.set(row.jurisdiction, (totals.get(row.jurisdiction) ?? 0) + calls);
  return counts
    .map(({ row: { jurisdiction, endpoint, evidence }, calls }) => {
      return { jurisdiction, endpoint, evidence, calls, share: calls / (totals.get(jurisdiction) ?? calls) };
    })
    .sort(
      (a, b) =>
        a.jurisdiction.localeCompare(b.jurisdiction) ||
        b.calls - a.calls ||
        a.endpoint.localeCompare(b.endpoint),
    );
}

async function countDay(query: Query, fromMs: number, toMs: number): Promise<CountRow[]> {
  return query<CountRow>({
    name: 'residency_shares_of_day',
    text: `WITH heads AS MATERIALIZED (
             SELECT type, call_id, convert_from(header, 'UTF8')::jsonb AS header FROM entries
              WHERE decision_id >= uuid_from_time($1) AND decision_id < uuid_from_time($2) AND type IN ('intent', 'completion'))
           SELECT i.header ->> 'jurisdiction' AS jurisdiction,
                  i.header #>> '{facts,endpoint,id}' AS endpoint,
                  coalesce(c.header #>> '{facts,evidence,grade}', 'contract') AS evidence,
                  count(*) AS calls
             FROM heads i LEFT JOIN heads c ON c.type = 'completion' AND c.call_id = i.call_id
            WHERE i.type = 'intent' AND i.header ->> 'jurisdiction' IS NOT NULL
              AND c.header #>> '{facts,status}' IS DISTINCT FROM 'not_sent'
            GROUP BY 1, 2, 3`,
    values: [new Date(fromMs), new Date(toMs)],
    timeoutMs: scanTimeoutMs,
  });
}
