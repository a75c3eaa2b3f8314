import { validate as isUuid } from 'uuid';
import { CountersignError } from '../decision/errors.ts';
import type { Digest } from '../decision/ids.ts';
import { ConflictError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import { type FirstAnswer, type ReviewAnswer, checkAnswer, checkVerdict } from './answer.ts';
import { hasAnswered } from './answer-repository.ts';
import type { OutcomePolicy } from './policy.ts';
import { findTask, listTasks } from './repository.ts';
import type { ReviewPolicy } from './review-policy.ts';
import type { Tally } from './review-quorum.ts';
import type { ReviewScope, ReviewTask, TaskState } from './review-task.ts';
import { claimTask, closeTask, markEscalated, passOn, releaseTask, renewLease } from './task-claim.ts';
import { decodeCursor, encodeCursor } from './task-cursor.ts';

/** An answer that may be recorded: the reviewer holds the task and the codes are the type's. */
export interface AcceptedAnswer {
  readonly task: ReviewTask;
  readonly reviewer: string;
  readonly answer: ReviewAnswer;
  /** Milliseconds since the reviewer took the task. */
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
  /** Reads what is recorded of a task, once, for one reviewer. */
  readonly openRecord: (task: ReviewTask, reviewer: string) => Promise<AnswerRecord>;
}

/** What is recorded of a task, and the one way to continue it from there. */
export interface AnswerRecord {
  /** What the recorded answers come to. */
  readonly standing: Tally['kind'];
  /** Whether an entry says that somebody else must look. */
  readonly isEscalated: boolean;
  readonly answeredBy: ReadonlySet<string>;
  /** Verdicts of those who were asked independently, in their order. */
  readonly verdicts: readonly string[];
  /** What this reviewer said before the model's answer was shown; null while nothing. */
  readonly first: string | null;
  /** Of everything that this reviewer is shown now. */
  readonly evidenceHash: Digest;
  /**
   * Writes the answer right behind the last entry that was read, with the outcome where it leads to one, and
   * resolves once all is durable. So of two answers that both saw the same record, one is refused by the chain.
   * @throws ConflictError when the chain has grown since, or the person has answered
   */
  append(accepted: AcceptedAnswer): Promise<{ kind: Tally['kind']; verdicts: readonly string[] }>;
  /** @throws ConflictError as `append` */
  appendFirst(accepted: Omit<AcceptedAnswer, 'answer'> & { readonly answer: FirstAnswer }): Promise<void>;
  /** @throws ConflictError as `append` */
  escalate(step: 'escalated' | 'expired', by: string, note: string | null): Promise<void>;
}

/** Review of one cell: who gets which task, and what becomes of an answer. */
export class ReviewQueue {
  readonly #ports: ReviewPorts;

  constructor(ports: ReviewPorts) {
    this.#ports = ports;
  }

  /** @throws CountersignError REQUEST_INVALID when the cursor is not one of ours */
  async list(
    scope: ReviewScope,
    page: { state: TaskState | null; queue?: string | null; limit: number; cursor: string | null },
  ): Promise<{ tasks: ReviewTask[]; nextCursor: string | null }> {
    const { store, nowMs } = this.#ports;
    const after = page.cursor === null ? null : decodeCursor(page.cursor);
    const { state, queue = null, limit } = page;
    const { tasks, next } = await listTasks(store, scope, { state, queue, after, limit, nowMs: nowMs() });
    return { tasks, nextCursor: next && encodeCursor(next) };
  }

  /** The most urgent free task, of a queue or of any, now leased to the reviewer; null when none is free. */
  claimNext(scope: ReviewScope, reviewer: string, queue: string | null = null): Promise<ReviewTask | null> {
    return this.#take(scope, reviewer, { taskId: null, queue });
  }

  /** @throws CountersignError as `hold`, and TASK_OF_ANOTHER_PERSON */
  async claim(scope: ReviewScope, reviewer: string, taskId: string): Promise<ReviewTask> {
    const task = await this.#take(scope, reviewer, { taskId: requireUuid(taskId), queue: null });
    if (task === null) throw await this.#refusal(scope, reviewer, taskId);
    return task;
  }

  /** Lets the lease begin anew. @throws CountersignError as `hold` */
  async renew(scope: ReviewScope, reviewer: string, taskId: string): Promise<ReviewTask> {
    const { store, nowMs, policyOf } = this.#ports;
    const task = await this.hold(scope, reviewer, taskId);
    const { leaseSeconds } = policyOf(task.decisionType).review;
    const renewed = await renewLease(store, scope, { taskId, reviewer, nowMs: nowMs(), leaseSeconds });
    if (renewed === null) throw await this.#refusal(scope, reviewer, taskId);
    return renewed;
  }

  /** Puts it back. @throws CountersignError as `hold` */
  async release(scope: ReviewScope, reviewer: string, taskId: string): Promise<void> {
    const { store, nowMs } = this.#ports;
    const hold = { taskId: requireUuid(taskId), reviewer, nowMs: nowMs() };
    if (!(await releaseTask(store, scope, hold))) throw await this.#refusal(scope, reviewer, taskId);
  }

  /**
   * The task, when the reviewer's lease on it runs.
   * @throws CountersignError TASK_UNKNOWN, TASK_CLOSED, TASK_EXPIRED, TASK_NOT_CLAIMED
   */
  async hold(scope: ReviewScope, reviewer: string, taskId: string): Promise<ReviewTask> {
    const { store, nowMs } = this.#ports;
    const task = await findTask(store, scope, requireUuid(taskId), nowMs());
    if (task?.state === 'claimed' && task.leaseHolder === reviewer) return task;
    throw unavailable(task, nowMs());
  }

  /** Hands a task on to whoever decides escalated ones; its answers so far still count. @throws as `hold` */
  async escalate(scope: ReviewScope, reviewer: string, taskId: string, note: string | null): Promise<void> {
    const { store, nowMs } = this.#ports;
    const task = await this.hold(scope, reviewer, taskId);
    const record = await this.#open(task, reviewer);
    if (!record.isEscalated) {
      await this.#write(task, reviewer, () => record.escalate('escalated', reviewer, note));
      await markEscalated(store, taskId, nowMs());
    } else await passOn(store, taskId, reviewer);
  }

  /**
   * Records what the reviewer of a blind task thinks before the model's answer is shown.
   * @throws CountersignError as `hold` and `answer`, and FIRST_ANSWER_GIVEN
   */
  async first(scope: ReviewScope, reviewer: string, taskId: string, given: FirstAnswer): Promise<void> {
    const task = await this.hold(scope, reviewer, taskId);
    checkVerdict(given.verdict, this.#ports.policyOf(task.decisionType).outcome);
    const record = await this.#open(task, reviewer);
    if (!task.blind || record.first !== null) throw new CountersignError('FIRST_ANSWER_GIVEN');
    if (given.evidenceHash !== record.evidenceHash) throw new CountersignError('EVIDENCE_CHANGED');
    const accepted = { task, reviewer, answer: given, openMs: this.#openMs(task) };
    await this.#write(task, reviewer, () => record.appendFirst(accepted));
  }

  /**
   * Records an answer, and then marks what follows from it: a process that dies in between leaves a task that the
   * next attempt finds answered, and closes.
   * @throws CountersignError as `hold`, and for the answer itself REQUEST_INVALID, REASON_CODE_UNKNOWN,
   *   TASK_OF_ANOTHER_PERSON, FIRST_ANSWER_MISSING, EVIDENCE_CHANGED
   */
  async answer(
    scope: ReviewScope,
    reviewer: string,
    taskId: string,
    given: ReviewAnswer,
  ): Promise<ReviewTask> {
    const { store, nowMs, policyOf } = this.#ports;
    const task = await this.hold(scope, reviewer, taskId);
    const policy = policyOf(task.decisionType);
    checkAnswer(given, policy.outcome, policy.reasonCodes);
    const record = await this.#open(task, reviewer);
    if (record.answeredBy.has(reviewer) || isOwn(task, reviewer))
      throw new CountersignError('TASK_OF_ANOTHER_PERSON');
    if (task.blind && record.first === null) throw new CountersignError('FIRST_ANSWER_MISSING');
    if (given.evidenceHash !== record.evidenceHash) throw new CountersignError('EVIDENCE_CHANGED');
    const accepted = { task, reviewer, answer: given, openMs: this.#openMs(task) };
    const { kind, verdicts } = await this.#write(task, reviewer, () => record.append(accepted));
    if (kind === 'reached') await closeTask(store, taskId, verdicts, nowMs());
    else if (kind === 'split') await this.#markSplit(task, reviewer);
    else await passOn(store, taskId, reviewer);
    return { ...task, state: 'answered', leaseHolder: null, leaseUntilMs: null, claimedAtMs: null };
  }

  async #markSplit(task: ReviewTask, reviewer: string): Promise<void> {
    const { store, nowMs } = this.#ports;
    if (task.isEscalated) await passOn(store, task.taskId, reviewer);
    else await markEscalated(store, task.taskId, nowMs());
  }

  async #take(
    scope: ReviewScope,
    reviewer: string,
    wanted: { taskId: string | null; queue: string | null },
  ): Promise<ReviewTask | null> {
    const { store, nowMs, policyOf } = this.#ports;
    const leaseSeconds = scope.decisionTypes.map((type) => policyOf(type).review.leaseSeconds);
    for (;;) {
      const claim = { ...wanted, reviewer, leaseSeconds, nowMs: nowMs() };
      const claimed = await claimTask(store, scope, claim);
      if (claimed === null) return null;
      if (!claimed.claimedBefore || (await this.#isStillOpen(claimed.task, reviewer))) return claimed.task;
    }
  }

  /** Marks what a process that died has recorded and not marked. */
  async #isStillOpen(task: ReviewTask, reviewer: string): Promise<boolean> {
    const { store, nowMs, openRecord } = this.#ports;
    const record = await openRecord(task, reviewer);
    if (record.standing === 'reached') {
      await closeTask(store, task.taskId, record.verdicts, nowMs());
      return false;
    }
    if (!record.isEscalated || task.isEscalated) return true;
    await markEscalated(store, task.taskId, nowMs());
    return false;
  }

  /** @throws CountersignError TASK_CLOSED when the record holds the outcome already */
  async #open(task: ReviewTask, reviewer: string): Promise<AnswerRecord> {
    const { store, nowMs, openRecord } = this.#ports;
    const record = await openRecord(task, reviewer);
    if (record.standing !== 'reached') return record;
    await closeTask(store, task.taskId, record.verdicts, nowMs());
    throw new CountersignError('TASK_CLOSED');
  }

  async #write<Result>(task: ReviewTask, reviewer: string, write: () => Promise<Result>): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Somebody else continued the chain. If that was no answer, claiming the task again shows what is.
      const open = await this.#isStillOpen(task, reviewer);
      throw new CountersignError(open ? 'TASK_NOT_CLAIMED' : 'TASK_CLOSED', { cause: error });
    }
  }

  async #refusal(scope: ReviewScope, reviewer: string, taskId: string): Promise<CountersignError> {
    const { store, nowMs } = this.#ports;
    const task = await findTask(store, scope, taskId, nowMs());
    const mayNot =
      task !== null &&
      task.state !== 'answered' &&
      (isOwn(task, reviewer) || (await hasAnswered(store, task.decisionId, reviewer)));
    if (!mayNot) return unavailable(task, nowMs());
    // Perhaps theirs was the answer that closes it, and the process died before it said so.
    const isOpen = await this.#isStillOpen(task, reviewer);
    return new CountersignError(isOpen ? 'TASK_OF_ANOTHER_PERSON' : 'TASK_CLOSED');
  }

  #openMs({ claimedAtMs }: ReviewTask): number {
    const nowMs = this.#ports.nowMs();
    // What the column holds: more than three weeks are the time of nobody's work.
    return Math.min(Math.max(0, nowMs - (claimedAtMs ?? nowMs)), 2 ** 31 - 1);
  }
}

function isOwn({ fourEyes, submittedBy }: ReviewTask, reviewer: string): boolean {
  return fourEyes && submittedBy === reviewer;
}

/** PostgreSQL would refuse the statement; for the caller a text that is no id names no task. */
function requireUuid(taskId: string): string {
  if (!isUuid(taskId)) throw new CountersignError('TASK_UNKNOWN');
  return taskId;
}

function unavailable(task: ReviewTask | null, nowMs: number): CountersignError {
  if (task === null) return new CountersignError('TASK_UNKNOWN');
  if (task.state === 'answered') return new CountersignError('TASK_CLOSED');
  const isOver = !task.isEscalated && task.dueAtMs <= nowMs;
  return new CountersignError(isOver ? 'TASK_EXPIRED' : 'TASK_NOT_CLAIMED');
}
