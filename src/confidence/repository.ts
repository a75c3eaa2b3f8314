import { InvariantError } from '../decision/errors.ts';
import { type DecisionId, type Digest, parseDigest } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { Insert, TableSpec } from '../storage/table.ts';

/** The SQL of the confidence room: review tasks and webhook deliveries of one cell. */

export type TaskOrigin = 'middle' | 'low' | 'validation' | 'output' | 'no_band';

/** A claimed task whose lease has ended is `open` again wherever a state is read or asked for. */
export const taskStates = ['open', 'claimed', 'answered'] as const;
export type TaskState = (typeof taskStates)[number];

export interface ReviewTask {
  readonly taskId: string;
  readonly decisionId: DecisionId;
  readonly jurisdiction: string;
  readonly decisionType: string;
  readonly origin: TaskOrigin;
  readonly state: TaskState;
  /** What the reviewer is asked about, so that an answer to something else can be told apart. */
  readonly evidenceDigest: Digest;
  readonly leaseHolder: string | null;
  readonly leaseUntilMs: number | null;
  readonly createdAtMs: number;
  readonly dueAtMs: number;
}

/** What a reviewer may see: tasks outside it do not exist for them. */
export interface ReviewScope {
  readonly tenant: string;
  /** As `taskLabels` names them: every one of a task's must be among those that are lawful for the reviewer. */
  readonly labels: readonly string[];
  readonly decisionTypes: readonly string[];
}

const reviewTasksTable: TableSpec = {
  name: 'review_tasks',
  columns: [
    { name: 'task_id', type: 'uuid' },
    { name: 'decision_id', type: 'uuid' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'jurisdiction', type: 'text' },
    { name: 'labels', type: 'text' },
    { name: 'decision_type', type: 'text' },
    { name: 'origin', type: 'text' },
    { name: 'evidence_digest', type: 'bytea' },
    { name: 'created_at', type: 'timestamptz' },
    { name: 'due_at', type: 'timestamptz' },
  ],
};

export type NewTask = Pick<
  ReviewTask,
  | 'taskId'
  | 'decisionId'
  | 'jurisdiction'
  | 'decisionType'
  | 'origin'
  | 'evidenceDigest'
  | 'createdAtMs'
  | 'dueAtMs'
> & { readonly tenant: string; readonly labels: readonly string[] };

/** The row that opens a task; it belongs into the same unit as the outcome entry that says `in_review`. */
export function taskInsert(cell: string, task: NewTask): Insert {
  const row = [
    task.taskId,
    task.decisionId,
    task.tenant,
    cell,
    task.jurisdiction,
    task.labels.join(' '),
    task.decisionType,
    task.origin,
    Buffer.from(task.evidenceDigest.slice('sha256:'.length), 'hex'),
    new Date(task.createdAtMs),
    new Date(task.dueAtMs),
  ];
  return { table: reviewTasksTable, row };
}

interface TaskRow {
  task_id: string;
  decision_id: DecisionId;
  jurisdiction: string;
  decision_type: string;
  origin: TaskOrigin;
  state: TaskState;
  evidence_digest: Buffer;
  lease_holder: string | null;
  lease_until: Date | null;
  created_at: Date;
  due_at: Date;
}

function toTask(row: TaskRow): ReviewTask {
  return {
    taskId: row.task_id,
    decisionId: row.decision_id,
    jurisdiction: row.jurisdiction,
    decisionType: row.decision_type,
    origin: row.origin,
    state: row.state,
    evidenceDigest: toDigest(row.evidence_digest),
    leaseHolder: row.state === 'claimed' ? row.lease_holder : null,
    leaseUntilMs: row.state === 'claimed' ? (row.lease_until?.getTime() ?? null) : null,
    createdAtMs: row.created_at.getTime(),
    dueAtMs: row.due_at.getTime(),
  };
}

function toDigest(bytes: Buffer): Digest {
  const digest = parseDigest(`sha256:${bytes.toString('hex')}`);
  if (digest === null) throw new InvariantError('an evidence digest is not 32 bytes long');
  return digest;
}

/** Parameters 1 to 5 of every statement about tasks. */
function scoped(store: Store, scope: ReviewScope, nowMs: number): unknown[] {
  return [scope.tenant, store.cell, scope.labels, scope.decisionTypes, new Date(nowMs)];
}
const inScope = `t.tenant = $1 AND t.cell = $2 AND string_to_array(t.labels, ' ') <@ $3::text[]
  AND t.decision_type = ANY($4)`;
const state = `CASE WHEN t.state = 'claimed' AND t.lease_until <= $5::timestamptz THEN 'open' ELSE t.state END`;
const columns = `t.task_id, t.decision_id, t.jurisdiction, t.decision_type, t.origin, ${state} AS state,
  t.evidence_digest, t.lease_holder, t.lease_until, t.created_at, t.due_at`;

export async function findTask(
  store: Store,
  scope: ReviewScope,
  taskId: string,
  nowMs: number,
): Promise<ReviewTask | null> {
  const rows = await store.query<TaskRow>({
    name: 'find_task',
    text: `SELECT ${columns} FROM review_tasks t WHERE ${inScope} AND t.task_id = $6`,
    values: [...scoped(store, scope, nowMs), taskId],
  });
  return rows[0] ? toTask(rows[0]) : null;
}

/** Where a page of tasks ended. Microseconds since the epoch, as PostgreSQL keeps them: a Date would round. */
export interface TaskPosition {
  readonly dueAtMicros: string;
  readonly taskId: string;
}

/** Tasks by due time, the most urgent first; `next` is null on the last page. */
export async function listTasks(
  store: Store,
  scope: ReviewScope,
  page: { state: TaskState | null; after: TaskPosition | null; limit: number; nowMs: number },
): Promise<{ tasks: ReviewTask[]; next: TaskPosition | null }> {
  const rows = await store.query<TaskRow & { due_micros: string }>({
    name: 'list_tasks',
    text: `SELECT ${columns}, (extract(epoch FROM t.due_at) * 1000000)::bigint::text AS due_micros FROM review_tasks t
            WHERE ${inScope} AND ($6::text IS NULL OR ${state} = $6)
              AND ($7::bigint IS NULL OR (t.due_at, t.task_id)
                > (timestamptz 'epoch' + $7 * interval '1 microsecond', $8::uuid))
            ORDER BY t.due_at, t.task_id LIMIT $9`,
    values: [
      ...scoped(store, scope, page.nowMs),
      page.state,
      page.after?.dueAtMicros ?? null,
      page.after?.taskId ?? null,
      page.limit + 1,
    ],
  });
  const tasks = rows.slice(0, page.limit);
  const last = tasks.at(-1);
  const next =
    last && rows.length > page.limit ? { dueAtMicros: last.due_micros, taskId: last.task_id } : null;
  return { tasks: tasks.map(toTask), next };
}

/**
 * Gives the reviewer the named task, or the most urgent one when `taskId` is null. Free are open tasks,
 * tasks whose lease has ended, and, by name, those the reviewer already holds: their lease begins anew.
 * The row lock makes two claimers take two tasks; the second checks again what the first has changed.
 */
export async function claimTask(
  store: Store,
  scope: ReviewScope,
  claim: {
    taskId: string | null;
    reviewer: string;
    /** One element per decision type of the scope, in its order. */
    leaseSeconds: readonly number[];
    nowMs: number;
  },
): Promise<{ task: ReviewTask; claimedBefore: boolean } | null> {
  const rows = await store.query<TaskRow & { claimed_before: boolean }>({
    name: 'claim_task',
    text: `WITH candidate AS MATERIALIZED (
             SELECT t.task_id, t.state = 'claimed' AS claimed_before FROM review_tasks t
              WHERE ${inScope} AND ($6::uuid IS NULL OR t.task_id = $6)
                AND (t.state = 'open' OR (t.state = 'claimed'
                  AND (t.lease_until <= $5 OR ($6 IS NOT NULL AND t.lease_holder = $7))))
              ORDER BY t.due_at, t.task_id LIMIT 1 FOR UPDATE SKIP LOCKED)
           UPDATE review_tasks t SET state = 'claimed', lease_holder = $7, lease_until = $5::timestamptz
               + ($8::int[])[array_position($4::text[], t.decision_type)] * interval '1 second'
             FROM candidate c WHERE t.task_id = c.task_id
           RETURNING ${columns}, c.claimed_before`,
    values: [...scoped(store, scope, claim.nowMs), claim.taskId, claim.reviewer, claim.leaseSeconds],
  });
  const row = rows[0];
  return row ? { task: toTask(row), claimedBefore: row.claimed_before } : null;
}

/** Puts a task back into the queue; false when the reviewer does not hold it. */
export async function releaseTask(
  store: Store,
  scope: ReviewScope,
  release: { taskId: string; reviewer: string; nowMs: number },
): Promise<boolean> {
  const rows = await store.query({
    name: 'release_task',
    text: `UPDATE review_tasks t SET state = 'open', lease_holder = NULL, lease_until = NULL
            WHERE ${inScope} AND t.task_id = $6
              AND t.state = 'claimed' AND t.lease_holder = $7 AND t.lease_until > $5
           RETURNING t.task_id`,
    values: [...scoped(store, scope, release.nowMs), release.taskId, release.reviewer],
  });
  return rows.length > 0;
}

/** Closes a task whose answer is durable, whoever holds it by now. Again is the same as once. */
export async function closeTask(store: Store, taskId: string, nowMs: number): Promise<void> {
  await store.query({
    name: 'close_task',
    text: `UPDATE review_tasks SET state = 'answered', answered_at = $2
            WHERE task_id = $1 AND state <> 'answered'`,
    values: [taskId, new Date(nowMs)],
  });
}
