import { validate as isUuid } from 'uuid';
import { CountersignError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import { ConflictError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import { type ReviewAnswer, checkAnswer } from './answer.ts';
import type { OutcomePolicy, ReviewPolicy } from './policy.ts';
import {
  type ReviewScope,
  type ReviewTask,
  type TaskState,
  claimTask,
  closeTask,
  findTask,
  listTasks,
  releaseTask,
} from './repository.ts';
import { decodeCursor, encodeCursor } from './task-cursor.ts';

/** An answer that may be recorded: the reviewer holds the task and the codes are the type's. */
export interface AcceptedAnswer {
  readonly task: ReviewTask;
  readonly reviewer: string;
  readonly answer: ReviewAnswer;
  /** Milliseconds since the reviewer last claimed the task. */
  readonly openMs: number;
}

export interface ReviewPorts {
  readonly store: Store;
  readonly nowMs: () => number;
  /** The parts of a configured decision type that a review needs. */
  readonly policyOf: (decisionType: string) => {
    readonly review: ReviewPolicy;
    readonly outcome: OutcomePolicy;
    readonly reasonCodes: readonly string[];
  };
  /** Reads the chain of a decision's entries, once. */
  readonly openRecord: (decisionId: DecisionId, taskId: string) => Promise<AnswerRecord>;
}

/** A decision's record as it was read, and the one way to continue it from there. */
export interface AnswerRecord {
  /** Whether it holds an outcome entry for the task with `decidedBy: person`; the one that opened the task does not count. */
  readonly answered: boolean;
  /**
   * Writes the review entry and the outcome entry right behind the last entry that was read, and resolves
   * once both are durable. So of two answers that both saw none, one is refused by the chain.
   * @throws ConflictError when the chain has grown since
   */
  append(accepted: AcceptedAnswer): Promise<void>;
}

export interface ReviewQueue {
  /** @throws CountersignError REQUEST_INVALID when the cursor is not one of ours */
  list(
    scope: ReviewScope,
    page: { state: TaskState | null; limit: number; cursor: string | null },
  ): Promise<{ tasks: ReviewTask[]; nextCursor: string | null }>;
  /** The most urgent free task, now leased to the reviewer; null when none is free. */
  claimNext(scope: ReviewScope, reviewer: string): Promise<ReviewTask | null>;
  /** @throws CountersignError TASK_UNKNOWN, TASK_CLOSED, or TASK_NOT_CLAIMED while somebody else holds it */
  claim(scope: ReviewScope, reviewer: string, taskId: string): Promise<ReviewTask>;
  /** @throws CountersignError TASK_UNKNOWN, TASK_CLOSED, TASK_NOT_CLAIMED */
  release(scope: ReviewScope, reviewer: string, taskId: string): Promise<void>;
  /** The task, when the reviewer's lease on it runs. @throws CountersignError as `release` */
  holdForAnswer(scope: ReviewScope, reviewer: string, taskId: string): Promise<ReviewTask>;
  /**
   * Records an answer and closes the task, once the entries are durable and never before: a process that
   * dies in between leaves a task that the next attempt finds answered, and closes.
   * @throws CountersignError as `release`, and REQUEST_INVALID or REASON_CODE_UNKNOWN for the answer itself
   */
  answer(scope: ReviewScope, reviewer: string, taskId: string, answer: ReviewAnswer): Promise<ReviewTask>;
}

export function createReviewQueue(ports: ReviewPorts): ReviewQueue {
  const { store, nowMs, policyOf } = ports;

  const find = (scope: ReviewScope, taskId: string) => findTask(store, scope, requireUuid(taskId), nowMs());

  async function take(
    scope: ReviewScope,
    reviewer: string,
    taskId: string | null,
  ): Promise<ReviewTask | null> {
    const leaseSeconds = scope.decisionTypes.map((type) => policyOf(type).review.leaseSeconds);
    for (;;) {
      const claimed = await claimTask(store, scope, { taskId, reviewer, leaseSeconds, nowMs: nowMs() });
      if (claimed === null) return null;
      if (!claimed.claimedBefore || !(await closeIfAnswered(claimed.task))) return claimed.task;
    }
  }

  async function closeIfAnswered(task: ReviewTask): Promise<boolean> {
    const { answered } = await ports.openRecord(task.decisionId, task.taskId);
    if (answered) await closeTask(store, task.taskId, nowMs());
    return answered;
  }

  async function holdForAnswer(scope: ReviewScope, reviewer: string, taskId: string): Promise<ReviewTask> {
    const task = await find(scope, taskId);
    if (task?.state === 'claimed' && task.leaseHolder === reviewer) return task;
    throw unavailable(task);
  }

  async function answer(scope: ReviewScope, reviewer: string, taskId: string, given: ReviewAnswer) {
    const task = await holdForAnswer(scope, reviewer, taskId);
    const policy = policyOf(task.decisionType);
    checkAnswer(given, policy.outcome, policy.reasonCodes);
    const record = await ports.openRecord(task.decisionId, taskId);
    if (record.answered) {
      await closeTask(store, taskId, nowMs());
      throw new CountersignError('TASK_CLOSED');
    }
    try {
      await record.append({ task, reviewer, answer: given, openMs: openMsOf(task, policy.review, nowMs()) });
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Somebody else continued the chain. If that was no answer, claiming the task again shows what is.
      const code = (await closeIfAnswered(task)) ? 'TASK_CLOSED' : 'TASK_NOT_CLAIMED';
      throw new CountersignError(code, { cause: error });
    }
    await closeTask(store, taskId, nowMs());
    return { ...task, state: 'answered', leaseHolder: null, leaseUntilMs: null } as const;
  }

  return {
    async list(scope, { state, limit, cursor }) {
      const after = cursor === null ? null : decodeCursor(cursor);
      const { tasks, next } = await listTasks(store, scope, { state, after, limit, nowMs: nowMs() });
      return { tasks, nextCursor: next && encodeCursor(next) };
    },
    claimNext: (scope, reviewer) => take(scope, reviewer, null),
    async claim(scope, reviewer, taskId) {
      const task = await take(scope, reviewer, requireUuid(taskId));
      if (task === null) throw unavailable(await find(scope, taskId));
      return task;
    },
    async release(scope, reviewer, taskId) {
      if (await releaseTask(store, scope, { taskId: requireUuid(taskId), reviewer, nowMs: nowMs() })) return;
      throw unavailable(await find(scope, taskId));
    },
    holdForAnswer,
    answer,
  };
}

/** PostgreSQL would refuse the statement; for the caller a text that is no id names no task. */
function requireUuid(taskId: string): string {
  if (!isUuid(taskId)) throw unavailable(null);
  return taskId;
}

function unavailable(task: ReviewTask | null): CountersignError {
  if (task === null) return new CountersignError('TASK_UNKNOWN');
  return new CountersignError(task.state === 'answered' ? 'TASK_CLOSED' : 'TASK_NOT_CLAIMED');
}

/** The lease began when the task was claimed; its length may have been configured anew since. */
function openMsOf(task: ReviewTask, review: ReviewPolicy, nowMs: number): number {
  const leaseMs = review.leaseSeconds * 1000;
  const claimedAtMs = (task.leaseUntilMs ?? nowMs) - leaseMs;
  return Math.min(Math.max(0, nowMs - claimedAtMs), leaseMs);
}
