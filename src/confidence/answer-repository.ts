import type { DecisionId } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { Insert, TableSpec } from '../storage/table.ts';
import type { ReviewTask } from './review-task.ts';

/** Who answered what, and how it went, without verdicts: those are in encrypted payloads only (I8). */

const reviewAnswersTable: TableSpec = {
  name: 'review_answers',
  columns: [
    { name: 'task_id', type: 'uuid' },
    { name: 'decision_id', type: 'uuid' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'decision_type', type: 'text' },
    { name: 'queue', type: 'text' },
    { name: 'reviewer', type: 'text' },
    { name: 'aim', type: 'text' },
    { name: 'answered_at', type: 'timestamptz' },
    { name: 'open_ms', type: 'int4' },
    { name: 'override', type: 'bool' },
    { name: 'changed', type: 'bool' },
    { name: 'caught', type: 'bool' },
  ],
};

export interface AnswerRow {
  readonly reviewer: string;
  readonly answeredAtMs: number;
  readonly openMs: number;
  readonly override: boolean;
  /** Null where there was no first answer. */
  readonly changed: boolean | null;
  /** Null where no answer is known. */
  readonly caught: boolean | null;
}

/** The row of an answer; it belongs into the same unit as its entry, and the database takes one of each person. */
export function answerInsert(cell: string, task: ReviewTask, answer: AnswerRow): Insert {
  const { taskId, decisionId, tenant, decisionType, queue, aim } = task;
  const { reviewer, answeredAtMs, openMs, override, changed, caught } = answer;
  return {
    table: reviewAnswersTable,
    row: [
      taskId,
      decisionId,
      tenant,
      cell,
      decisionType,
      queue,
      reviewer,
      aim,
      new Date(answeredAtMs),
      openMs,
      override,
      changed,
      caught,
    ],
  };
}

/** Whether somebody has answered about a decision, in any task. */
export async function hasAnswered(store: Store, decisionId: DecisionId, reviewer: string): Promise<boolean> {
  const rows = await store.query({
    name: 'has_answered',
    text: 'SELECT 1 AS one FROM review_answers WHERE decision_id = $1 AND reviewer = $2 LIMIT 1',
    values: [decisionId, reviewer],
  });
  return rows.length > 0;
}
