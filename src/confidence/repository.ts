import { InvariantError } from '../decision/errors.ts';
import { type DecisionId, type Digest, parseDigest } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { Insert, TableSpec } from '../storage/table.ts';
import {
  type NewTask,
  type ReviewScope,
  type ReviewTask,
  type TaskAim,
  type TaskOrigin,
  type TaskState,
  plainDemands,
} from './review-task.ts';

/** The rows of review tasks of one cell: how they are written, shown and found. Claiming is in `task-claim.ts`. */

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
    { name: 'queue', type: 'text' },
    { name: 'skills', type: 'text' },
    { name: 'escalation_skill', type: 'text' },
    { name: 'answers', type: 'int4' },
    { name: 'agree', type: 'int4' },
    { name: 'blind', type: 'bool' },
    { name: 'overlap', type: 'bool' },
    { name: 'four_eyes', type: 'bool' },
    { name: 'submitted_by', type: 'text' },
    { name: 'aim', type: 'text' },
    { name: 'shown_id', type: 'uuid' },
    { name: 'planted_for', type: 'uuid' },
    { name: 'draws_seed', type: 'bool' },
  ],
};

/** The row that opens a task; it belongs into the same unit as the outcome entry that says `in_review`. */
export function taskInsert(cell: string, task: NewTask): Insert {
  const asked = { ...plainDemands, ...task };
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
    asked.queue,
    asked.skills.join(' '),
    asked.escalationSkill,
    asked.quorum.answers,
    asked.quorum.agree,
    asked.blind,
    asked.overlap,
    asked.fourEyes,
    asked.submittedBy,
    asked.aim,
    asked.shownId,
    asked.plantedFor,
    asked.drawsSeed,
  ];
  return { table: reviewTasksTable, row };
}

export interface TaskRow {
  task_id: string;
  decision_id: DecisionId;
  tenant: string;
  jurisdiction: string;
  labels: string | null;
  decision_type: string;
  origin: TaskOrigin;
  state: TaskState;
  evidence_digest: Buffer;
  lease_holder: string | null;
  lease_until: Date | null;
  claimed_at: Date | null;
  created_at: Date;
  due_at: Date;
  queue: string;
  skills: string;
  escalation_skill: string | null;
  answers: number;
  agree: number;
  blind: boolean;
  overlap: boolean;
  four_eyes: boolean;
  submitted_by: string | null;
  aim: TaskAim;
  shown_id: string | null;
  escalated_at: Date | null;
}

export function toTask(row: TaskRow): ReviewTask {
  return {
    taskId: row.task_id,
    decisionId: row.decision_id,
    tenant: row.tenant,
    jurisdiction: row.jurisdiction,
    labels: words(row.labels ?? ''),
    decisionType: row.decision_type,
    origin: row.origin,
    state: row.state,
    isEscalated: row.escalated_at !== null,
    evidenceDigest: toDigest(row.evidence_digest),
    leaseHolder: row.state === 'claimed' ? row.lease_holder : null,
    leaseUntilMs: row.state === 'claimed' ? (row.lease_until?.getTime() ?? null) : null,
    claimedAtMs: row.state === 'claimed' ? (row.claimed_at?.getTime() ?? null) : null,
    createdAtMs: row.created_at.getTime(),
    dueAtMs: row.due_at.getTime(),
    queue: row.queue,
    skills: words(row.skills),
    escalationSkill: row.escalation_skill,
    quorum: { agree: row.agree, answers: row.answers },
    blind: row.blind,
    overlap: row.overlap,
    fourEyes: row.four_eyes,
    submittedBy: row.submitted_by,
    aim: row.aim,
    shownId: row.shown_id,
  };
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}

function toDigest(bytes: Buffer): Digest {
  const digest = parseDigest(`sha256:${bytes.toString('hex')}`);
  if (digest === null) throw new InvariantError('an evidence digest is not 32 bytes long');
  return digest;
}

/** Parameters 1 to 6 of every statement about tasks that a reviewer makes. */
export function scoped(store: Store, scope: ReviewScope, nowMs: number): unknown[] {
  const { tenant, labels, decisionTypes, skills = [] } = scope;
  return [tenant, store.cell, labels, decisionTypes, new Date(nowMs), skills];
}
export const inScope = `t.tenant = $1 AND t.cell = $2 AND string_to_array(t.labels, ' ') <@ $3::text[]
  AND t.decision_type = ANY($4) AND string_to_array(t.skills, ' ') <@ $6::text[]
  AND (t.escalated_at IS NULL OR t.escalation_skill IS NULL OR t.escalation_skill = ANY($6))`;
const state = `CASE WHEN t.state = 'answered' THEN t.state
  WHEN t.state = 'claimed' AND t.lease_until > $5::timestamptz THEN t.state
  WHEN t.escalated_at IS NOT NULL THEN 'escalated' ELSE 'open' END`;
export const taskColumns = `t.task_id, t.decision_id, t.tenant, t.jurisdiction, t.labels, t.decision_type, t.origin,
  ${state} AS state, t.evidence_digest, t.lease_holder, t.lease_until, t.claimed_at, t.created_at, t.due_at, t.queue, t.skills,
  t.escalation_skill, t.answers, t.agree, t.blind, t.overlap, t.four_eyes, t.submitted_by, t.aim, t.shown_id,
  t.escalated_at`;

export async function findTask(
  store: Store,
  scope: ReviewScope,
  taskId: string,
  nowMs: number,
): Promise<ReviewTask | null> {
  const rows = await store.query<TaskRow>({
    name: 'find_task',
    text: `SELECT ${taskColumns} FROM review_tasks t WHERE ${inScope} AND t.task_id = $7`,
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
  page: {
    state: TaskState | null;
    queue?: string | null;
    after: TaskPosition | null;
    limit: number;
    nowMs: number;
  },
): Promise<{ tasks: ReviewTask[]; next: TaskPosition | null }> {
  const rows = await store.query<TaskRow & { due_micros: string }>({
    name: 'list_tasks',
    text: `SELECT ${taskColumns}, (extract(epoch FROM t.due_at) * 1000000)::bigint::text AS due_micros
             FROM review_tasks t
            WHERE ${inScope} AND ($7::text IS NULL OR ${state} = $7) AND ($11::text IS NULL OR t.queue = $11)
              AND ($8::bigint IS NULL OR (t.due_at, t.task_id)
                > (timestamptz 'epoch' + $8 * interval '1 microsecond', $9::uuid))
            ORDER BY t.due_at, t.task_id LIMIT $10`,
    values: [
      ...scoped(store, scope, page.nowMs),
      page.state,
      page.after?.dueAtMicros ?? null,
      page.after?.taskId ?? null,
      page.limit + 1,
      page.queue ?? null,
    ],
  });
  const tasks = rows.slice(0, page.limit);
  const last = tasks.at(-1);
  const next =
    last && rows.length > page.limit ? { dueAtMicros: last.due_micros, taskId: last.task_id } : null;
  return { tasks: tasks.map(toTask), next };
}
