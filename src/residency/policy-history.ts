import type { DecisionId, Digest } from '../decision/ids.ts';
import type { Query } from '../storage/connections.ts';
import type { Store } from '../storage/store.ts';
import type { Insert, TableSpec } from '../storage/table.ts';

const policiesTable: TableSpec = {
  name: 'residency_policies',
  columns: [
    { name: 'cell', type: 'text' },
    { name: 'number', type: 'int4' },
    { name: 'policy', type: 'bytea' },
    { name: 'entry', type: 'uuid' },
  ],
};

/** One policy in the order in which a cell had them. */
export interface PastPolicy {
  /** 1 for the cell's first. */
  readonly number: number;
  readonly policy: Digest;
  /** Decision id of the `configuration` entry that tells of it. */
  readonly entry: DecisionId;
}

interface PolicyRow {
  number: number;
  policy: Buffer;
  entry: DecisionId;
}

/** The row that makes a policy the cell's current one; two that follow the same one conflict. */
export function policyInsert(cell: string, { number, policy, entry }: PastPolicy): Insert {
  return { table: policiesTable, row: [cell, number, Buffer.from(policy.slice(7), 'hex'), entry] };
}

/** What the cell recorded last; null before its first. */
export async function findCurrentPolicy(store: Store): Promise<PastPolicy | null> {
  const rows = await store.query<PolicyRow>({
    text: `SELECT number, policy, entry FROM residency_policies WHERE cell = $1 ORDER BY number DESC LIMIT 1`,
    values: [store.cell],
  });
  return rows[0] ? toPolicy(rows[0]) : null;
}

/** Oldest first; `after` is the number of the last of the page before, 0 for the first page. */
export async function findPolicies(
  cell: string,
  query: Query,
  page: { readonly sinceMs: number; readonly after: number; readonly limit: number },
): Promise<PastPolicy[]> {
  const rows = await query<PolicyRow>({
    text: `SELECT number, policy, entry FROM residency_policies
            WHERE cell = $1 AND recorded_at >= $2 AND number > $3 ORDER BY number LIMIT $4`,
    values: [cell, new Date(page.sinceMs), page.after, page.limit],
  });
  return rows.map(toPolicy);
}

function toPolicy({ number, policy, entry }: PolicyRow): PastPolicy {
  return { number, policy: `sha256:${policy.toString('hex')}` as Digest, entry };
}
