import type { Store } from '../storage/store.ts';

/** How review went in a span of time: counts of one cell and tenant. Ratios are the reader's. */

export interface ReportSpan {
  readonly tenant: string;
  readonly decisionTypes: readonly string[];
  readonly sinceMs: number;
  /** Exclusive. */
  readonly untilMs: number;
}

export interface ReviewerLine {
  readonly reviewer: string;
  readonly decisionType: string;
  /** Answers that count towards outcomes. */
  readonly answers: number;
  readonly overrides: number;
  /** Answers of blind tasks, and those that differ from what was said before the model's was shown. */
  readonly blind: number;
  readonly changed: number;
  /** Cases with a known answer that they were given, and those they got right. */
  readonly seeded: number;
  readonly caught: number;
  readonly audits: number;
  /** Of all answers; null where there are none. */
  readonly medianOpenMs: number | null;
  readonly p90OpenMs: number | null;
}

export async function reviewerLines(store: Store, span: ReportSpan): Promise<ReviewerLine[]> {
  return store.query<ReviewerLine>({
    name: 'reviewer_lines',
    text: `SELECT reviewer, decision_type AS "decisionType",
                  count(*) FILTER (WHERE aim = 'decide')::int AS answers,
                  count(*) FILTER (WHERE aim = 'decide' AND override)::int AS overrides,
                  count(changed)::int AS blind, count(*) FILTER (WHERE changed)::int AS changed,
                  count(caught)::int AS seeded, count(*) FILTER (WHERE caught)::int AS caught,
                  count(*) FILTER (WHERE aim = 'audit')::int AS audits,
                  percentile_cont(0.5) WITHIN GROUP (ORDER BY open_ms)::float8 AS "medianOpenMs",
                  percentile_cont(0.9) WITHIN GROUP (ORDER BY open_ms)::float8 AS "p90OpenMs"
             FROM review_answers
            WHERE cell = $1 AND tenant = $2 AND decision_type = ANY($3) AND answered_at >= $4 AND answered_at < $5
            GROUP BY reviewer, decision_type ORDER BY reviewer, decision_type`,
    values: parameters(store, span),
  });
}

export interface QueueLine {
  readonly queue: string;
  readonly decisionType: string;
  /** Opened in the span. */
  readonly opened: number;
  /** Of those: answered by now, escalated by now, waiting still. */
  readonly answered: number;
  readonly escalated: number;
  readonly waiting: number;
  readonly medianHours: number | null;
  readonly p90Hours: number | null;
}

export async function queueLines(store: Store, span: ReportSpan): Promise<QueueLine[]> {
  const hours = 'extract(epoch FROM answered_at - created_at) / 3600';
  return store.query<QueueLine>({
    name: 'queue_lines',
    text: `SELECT queue, decision_type AS "decisionType", count(*)::int AS opened, count(answered_at)::int AS answered,
                  count(escalated_at)::int AS escalated, count(*) FILTER (WHERE state <> 'answered')::int AS waiting,
                  percentile_cont(0.5) WITHIN GROUP (ORDER BY ${hours})::float8 AS "medianHours",
                  percentile_cont(0.9) WITHIN GROUP (ORDER BY ${hours})::float8 AS "p90Hours"
             FROM review_tasks
            WHERE cell = $1 AND tenant = $2 AND decision_type = ANY($3) AND created_at >= $4 AND created_at < $5
              AND aim = 'decide'
            GROUP BY queue, decision_type ORDER BY queue, decision_type`,
    values: parameters(store, span),
  });
}

/** How often one list of verdicts was given to a task, in the order of the answers. */
export interface AgreementCount {
  readonly queue: string;
  readonly decisionType: string;
  readonly verdicts: readonly string[];
  readonly tasks: number;
}

/** By whole months: the counts know no finer time, so that none of them tells of a case. */
export async function agreementCounts(store: Store, span: ReportSpan): Promise<AgreementCount[]> {
  return store.query<AgreementCount>({
    name: 'agreement_counts',
    text: `SELECT queue, decision_type AS "decisionType", verdicts, sum(tasks)::int AS tasks FROM review_agreement
            WHERE cell = $1 AND tenant = $2 AND decision_type = ANY($3)
              AND month >= date_trunc('month', $4::timestamptz AT TIME ZONE 'UTC') AND month < $5::timestamptz
            GROUP BY queue, decision_type, verdicts ORDER BY queue, decision_type, verdicts`,
    values: parameters(store, span),
  });
}

function parameters(store: Store, { tenant, decisionTypes, sinceMs, untilMs }: ReportSpan): unknown[] {
  return [store.cell, tenant, decisionTypes, new Date(sinceMs), new Date(untilMs)];
}
