import type { Store } from '../storage/store.ts';
import { type TaskRow, inScope, scoped, taskColumns, toTask } from './repository.ts';
import type { ReviewScope, ReviewTask } from './review-task.ts';

/*
 * Who holds a task. Free are open and escalated tasks and those whose lease has ended; a task whose time is over is
 * free for nobody until it has been escalated. Nobody is given a decision about which they have answered before.
 */

const isFree = `(t.escalated_at IS NOT NULL OR t.due_at > $5)
  AND (NOT t.four_eyes OR t.submitted_by IS DISTINCT FROM $8)
  AND NOT EXISTS (SELECT FROM review_answers a WHERE a.decision_id = t.decision_id AND a.reviewer = $8)`;
/** A lease never outlives the time of its task. */
const until = (seconds: string) => `LEAST($5::timestamptz + ${seconds} * interval '1 second',
  CASE WHEN t.escalated_at IS NULL THEN t.due_at ELSE 'infinity' END)`;

export interface Claim {
  /** Null for the most urgent one. */
  readonly taskId: string | null;
  /** Only of this queue; null for any. */
  readonly queue: string | null;
  readonly reviewer: string;
  /** One element per decision type of the scope, in its order. */
  readonly leaseSeconds: readonly number[];
  readonly nowMs: number;
}

/**
 * Gives the reviewer the named task, or the most urgent one. By name also those the reviewer already holds: their
 * lease begins anew. The row lock makes two claimers take two tasks; the second checks again what the first has changed.
 */
export async function claimTask(
  store: Store,
  scope: ReviewScope,
  claim: Claim,
): Promise<{ task: ReviewTask; claimedBefore: boolean } | null> {
  const { taskId, queue, reviewer, leaseSeconds, nowMs } = claim;
  const named = taskId === null ? '$7::uuid IS NULL' : 't.task_id = $7';
  const free = `t.state = 'open' OR t.lease_until <= $5`;
  // By name also what the reviewer holds: the lease begins anew.
  const takeable = taskId === null ? free : `${free} OR t.lease_holder = $8`;
  const rows = await store.query<TaskRow & { claimed_before: boolean }>({
    name: taskId === null ? 'claim_next_task' : 'claim_task',
    // CASE hides from the planner what it would guess to be rare: it must walk along the due times and stop at the
    // first free task, not collect all of them and sort.
    text: `WITH candidate AS MATERIALIZED (
             SELECT t.task_id, t.state = 'claimed' AS claimed_before,
                    t.state = 'claimed' AND t.lease_until > $5 AS held FROM review_tasks t
              WHERE t.state <> 'answered' AND ${named}
                AND CASE WHEN (${takeable}) AND ($10::text IS NULL OR t.queue = $10) AND ${inScope} AND ${isFree}
                    THEN true ELSE false END
              ORDER BY t.due_at, t.task_id LIMIT 1 FOR UPDATE SKIP LOCKED)
           UPDATE review_tasks t SET state = 'claimed', lease_holder = $8,
               claimed_at = CASE WHEN c.held THEN t.claimed_at ELSE $5::timestamptz END,
               lease_until = ${until('($9::int[])[array_position($4::text[], t.decision_type)]')}
             FROM candidate c WHERE t.task_id = c.task_id
           RETURNING ${taskColumns}, c.claimed_before`,
    values: [...scoped(store, scope, nowMs), taskId, reviewer, leaseSeconds, queue],
  });
  const row = rows[0];
  return row ? { task: toTask(row), claimedBefore: row.claimed_before } : null;
}

/** What only who holds a task may do with it. */
export interface Hold {
  readonly taskId: string;
  readonly reviewer: string;
  readonly nowMs: number;
}
const isHeld = `t.task_id = $7 AND t.state = 'claimed' AND t.lease_holder = $8 AND t.lease_until > $5`;

/** Lets the lease begin anew; null when the reviewer does not hold the task. */
export async function renewLease(
  store: Store,
  scope: ReviewScope,
  { taskId, reviewer, nowMs, leaseSeconds }: Hold & { readonly leaseSeconds: number },
): Promise<ReviewTask | null> {
  const rows = await store.query<TaskRow>({
    name: 'renew_lease',
    text: `UPDATE review_tasks t SET lease_until = ${until('$9::int')}
            WHERE ${inScope} AND ${isHeld} RETURNING ${taskColumns}`,
    values: [...scoped(store, scope, nowMs), taskId, reviewer, leaseSeconds],
  });
  return rows[0] ? toTask(rows[0]) : null;
}

/** Puts a task back into the queue; false when the reviewer does not hold it. */
export async function releaseTask(
  store: Store,
  scope: ReviewScope,
  { taskId, reviewer, nowMs }: Hold,
): Promise<boolean> {
  const rows = await store.query({
    name: 'release_task',
    text: `UPDATE review_tasks t SET state = 'open', lease_holder = NULL, lease_until = NULL, claimed_at = NULL
            WHERE ${inScope} AND ${isHeld} RETURNING t.task_id`,
    values: [...scoped(store, scope, nowMs), taskId, reviewer],
  });
  return rows.length > 0;
}

/** Frees a task for the next person once an answer of one is durable, whoever holds it by now. */
export async function passOn(store: Store, taskId: string, reviewer: string): Promise<void> {
  await store.query({
    name: 'pass_on_task',
    text: `UPDATE review_tasks SET state = 'open', lease_holder = NULL, lease_until = NULL, claimed_at = NULL
            WHERE task_id = $1 AND state = 'claimed' AND lease_holder = $2`,
    values: [taskId, reviewer],
  });
}

/** Marks a task whose escalation is durable. Again is the same as once. */
export async function markEscalated(store: Store, taskId: string, nowMs: number): Promise<void> {
  await store.query({
    name: 'escalate_task',
    text: `UPDATE review_tasks SET state = 'open', lease_holder = NULL, lease_until = NULL, claimed_at = NULL,
                  escalated_at = $2
            WHERE task_id = $1 AND state <> 'answered' AND escalated_at IS NULL`,
    values: [taskId, new Date(nowMs)],
  });
}

/**
 * Closes a task whose outcome is durable, whoever holds it by now. Again is the same as once.
 * @param verdicts of those who were asked independently, in their order: two or more are counted for agreement
 */
export async function closeTask(
  store: Store,
  taskId: string,
  verdicts: readonly string[],
  nowMs: number,
): Promise<void> {
  await store.query({
    name: 'close_task',
    text: `WITH closed AS (
             UPDATE review_tasks SET state = 'answered', answered_at = $2
              WHERE task_id = $1 AND state <> 'answered' RETURNING cell, tenant, decision_type, queue)
           SELECT count_agreement(cell, tenant, decision_type, queue, $2::timestamptz, $3::text[])
             FROM closed WHERE cardinality($3::text[]) > 1`,
    values: [taskId, new Date(nowMs), verdicts],
  });
}

/** Tasks whose time is over and that nobody has escalated, the oldest first. */
export async function overdueTasks(store: Store, nowMs: number, limit: number): Promise<ReviewTask[]> {
  const rows = await store.query<TaskRow>({
    name: 'overdue_tasks',
    text: `SELECT ${taskColumns} FROM review_tasks t
            WHERE t.state <> 'answered' AND t.cell = $1 AND t.escalated_at IS NULL AND t.due_at <= $5
              AND $2::text IS NULL AND $3::text IS NULL AND $4::text IS NULL
            ORDER BY t.due_at, t.task_id LIMIT $6`,
    values: [store.cell, null, null, null, new Date(nowMs), limit],
  });
  return rows.map(toTask);
}
