import type { DecisionId } from '../../decision/ids.ts';
import type { Query } from '../../storage/connections.ts';
import type { Insert, TableSpec } from '../../storage/table.ts';

/** `daily`: of the daily job, one for each day; `asked`: on demand. */
export type ReportKind = 'daily' | 'asked';

const reportsTable: TableSpec = {
  name: 'completeness_reports',
  columns: [
    { name: 'report_id', type: 'uuid' },
    { name: 'cell', type: 'text' },
    { name: 'day', type: 'text' },
    { name: 'kind', type: 'text' },
  ],
};

/** The row that finds a report's entry by its day; it appears with the entry or not at all. */
export function reportInsert(report: {
  reportId: DecisionId;
  cell: string;
  day: string;
  kind: ReportKind;
}): Insert {
  return { table: reportsTable, row: [report.reportId, report.cell, report.day, report.kind] };
}

/** The newest report of a day. */
export async function findReport(query: Query, cell: string, day: string): Promise<DecisionId | null> {
  const [row] = await query<{ report_id: DecisionId }>({
    text: 'SELECT report_id FROM completeness_reports WHERE cell = $1 AND day = $2 ORDER BY report_id DESC LIMIT 1',
    values: [cell, day],
  });
  return row?.report_id ?? null;
}

/** Days in a span that got an import of usage after their newest report: that report knows nothing of it. */
export async function findOutdated(
  query: Query,
  cell: string,
  span: { fromDay: string; toDay: string },
): Promise<readonly string[]> {
  const rows = await query<{ day: string }>({
    text: `SELECT DISTINCT d::text AS day FROM usage_imports i, unnest(i.days) AS d
            WHERE i.cell = $1 AND d >= $2::date AND d < $3::date
              AND NOT EXISTS (SELECT 1 FROM completeness_reports r
                               WHERE r.cell = $1 AND r.day = d::text AND r.report_id > i.import_id)
            ORDER BY day`,
    values: [cell, span.fromDay, span.toDay],
  });
  return rows.map((row) => row.day);
}

/** The last day that the daily job has reported, and the time of the store's first entry; null without any. */
export async function findProgress(
  query: Query,
  cell: string,
): Promise<{ lastDay: string | null; firstDecision: string | null }> {
  const [row] = await query<{ last_day: string | null; first_decision: string | null }>({
    text: `SELECT (SELECT max(day) FROM completeness_reports WHERE cell = $1 AND kind = 'daily') AS last_day,
                  (SELECT decision_id FROM entries ORDER BY decision_id LIMIT 1) AS first_decision`,
    values: [cell],
  });
  return { lastDay: row?.last_day ?? null, firstDecision: row?.first_decision ?? null };
}
