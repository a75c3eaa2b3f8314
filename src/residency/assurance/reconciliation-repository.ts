import type { DecisionId } from '../../decision/ids.ts';
import type { Query } from '../../storage/connections.ts';
import type { Insert, TableSpec } from '../../storage/table.ts';

/** `daily`: of the daily job, one for each day; `asked`: on demand. */
export type ReconciliationKind = 'daily' | 'asked';

const reconciliationsTable: TableSpec = {
  name: 'residency_reconciliations',
  columns: [
    { name: 'report_id', type: 'uuid' },
    { name: 'cell', type: 'text' },
    { name: 'day', type: 'text' },
    { name: 'kind', type: 'text' },
  ],
};

export function reconciliationInsert(report: {
  readonly reportId: DecisionId;
  readonly cell: string;
  readonly day: string;
  readonly kind: ReconciliationKind;
}): Insert {
  return { table: reconciliationsTable, row: [report.reportId, report.cell, report.day, report.kind] };
}

/** The newest reconciliation of a day. */
export async function findReconciliation(
  query: Query,
  cell: string,
  day: string,
): Promise<DecisionId | null> {
  const [row] = await query<{ report_id: DecisionId }>({
    text: `SELECT report_id FROM residency_reconciliations WHERE cell = $1 AND day = $2
            ORDER BY report_id DESC LIMIT 1`,
    values: [cell, day],
  });
  return row?.report_id ?? null;
}

/** The last day that the daily job reconciled, and the time of the store's first entry; null without any. */
export async function reconciledUntil(
  query: Query,
  cell: string,
): Promise<{ lastDay: string | null; firstDecision: string | null }> {
  const [row] = await query<{ last_day: string | null; first_decision: string | null }>({
    text: `SELECT (SELECT max(day) FROM residency_reconciliations WHERE cell = $1 AND kind = 'daily') AS last_day,
                  (SELECT decision_id FROM entries ORDER BY decision_id LIMIT 1) AS first_decision`,
    values: [cell],
  });
  return { lastDay: row?.last_day ?? null, firstDecision: row?.first_decision ?? null };
}
