import type { Connections } from './connections.ts';
import { StoreUnavailableError } from './errors.ts';
import { createInsertStatements } from './insert-statement.ts';
import type { Unit } from './table.ts';

const unitsMax = 256;
const bytesMax = 16 * 1024 * 1024;
/** How long a batch may outlive its units' deadlines before its connection is given up. */
const lateMs = 10_000;

export interface CommitCounters {
  readonly batches: number;
  readonly units: number;
}

interface Pending {
  readonly unit: Unit;
  readonly bytes: number;
  readonly deadlineMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  answered: boolean;
  /** Set when the deadline passed in flight: tells the caller, who has gone on, how it ended. */
  late: ((durable: boolean) => void) | null;
}

/**
 * Whatever waits when a lane is free goes into one statement: the more arrives, the more rows share one
 * flush of the write-ahead log. There is nothing to tune, and no timer on an idle system.
 */
export class GroupCommit {
  readonly #connections: Connections;
  readonly #lanes: number;
  readonly #timeoutMs: number;
  readonly #statementFor = createInsertStatements();
  readonly #queue: Pending[] = [];
  readonly #inFlight = new Set<readonly Pending[]>();
  readonly #drained: (() => void)[] = [];
  #scheduled = false;
  #timer: NodeJS.Timeout | null = null;
  #batches = 0;
  #units = 0;

  /** `connections` must allow as many connections as there are `lanes`, batches in flight at most. */
  constructor(options: { connections: Connections; lanes: number; timeoutMs: number }) {
    this.#connections = options.connections;
    this.#lanes = options.lanes;
    this.#timeoutMs = options.timeoutMs;
  }

  /**
   * Resolves once the unit is durable.
   *
   * @throws StoreUnavailableError when that is not known within the budget.
   * @throws ConflictError when a unique constraint refused it; other units are not affected.
   * @throws StatementError when PostgreSQL refused it for another reason.
   */
  commit(unit: Unit): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadlineMs = performance.now() + this.#timeoutMs;
      this.#queue.push({
        unit,
        bytes: bytesOf(unit),
        deadlineMs,
        resolve,
        reject,
        answered: false,
        late: null,
      });
      if (this.#timer === null) this.#timer = setTimeout(() => this.#expire(), this.#timeoutMs).unref();
      this.#schedule();
    });
  }

  counters(): CommitCounters {
    return { batches: this.#batches, units: this.#units };
  }

  /** Resolves when nothing is queued or in flight. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After the input of this turn of the event loop, which brings requests in bundles.
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#inFlight.size < this.#lanes && this.#queue.length > 0) void this.#send(this.#takeBatch());
      if (this.#inFlight.size > 0) return;
      for (const resolve of this.#drained.splice(0)) resolve();
    });
  }

  #takeBatch(): readonly Pending[] {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#queue) {
      bytes += pending.bytes;
      if (count === unitsMax || (count > 0 && bytes > bytesMax)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #send(batch: readonly Pending[]): Promise<void> {
    this.#inFlight.add(batch);
    await this.#commitTogether(batch);
    this.#inFlight.delete(batch);
    this.#schedule();
  }

  /** Never rejects: every unit gets an answer of its own. */
  async #commitTogether(units: readonly Pending[]): Promise<void> {
    // A unit whose caller has given up while an earlier half was tried again is not sent any more.
    for (const pending of units) pending.late?.(false);
    const batch = units.filter((pending) => pending.late === null);
    if (batch.length === 0) return;
    this.#batches += 1;
    try {
      const statement = this.#statementFor(batch.map((pending) => pending.unit));
      await this.#connections.query({ ...statement, timeoutMs: this.#timeoutMs + lateMs });
    } catch (error) {
      await this.#answerFailure(batch, error);
      return;
    }
    this.#units += batch.length;
    for (const pending of batch) answer(pending, null);
  }

  /** One bad unit rolls all back: halving finds the offenders, and the others are committed. */
  async #answerFailure(batch: readonly Pending[], error: unknown): Promise<void> {
    if (error instanceof StoreUnavailableError || batch.length === 1) {
      for (const pending of batch) answer(pending, error);
      return;
    }
    const middle = batch.length >> 1;
    await this.#commitTogether(batch.slice(0, middle));
    await this.#commitTogether(batch.slice(middle));
  }

  /** The one timer: it rejects what is past its deadline, and is set again for the oldest that is not. */
  #expire(): void {
    const nowMs = performance.now();
    const overdue = this.#queue.findIndex((pending) => pending.deadlineMs > nowMs);
    for (const pending of this.#queue.splice(0, overdue === -1 ? this.#queue.length : overdue)) {
      pending.reject(new StoreUnavailableError('The store has no room in time.', { sent: false }));
    }
    let nextMs = this.#queue[0]?.deadlineMs ?? Number.POSITIVE_INFINITY;
    for (const pending of [...this.#inFlight].flat()) {
      if (pending.answered) continue;
      if (pending.deadlineMs <= nowMs) giveUp(pending);
      else nextMs = Math.min(nextMs, pending.deadlineMs);
    }
    const idle = nextMs === Number.POSITIVE_INFINITY;
    this.#timer = idle ? null : setTimeout(() => this.#expire(), Math.max(1, nextMs - nowMs)).unref();
  }
}

function answer(pending: Pending, error: unknown): void {
  if (pending.late !== null) {
    pending.late(error === null);
    return;
  }
  pending.answered = true;
  if (error === null) pending.resolve();
  else pending.reject(error);
}

function giveUp(pending: Pending): void {
  const late = new Promise<boolean>((resolve) => {
    pending.late = resolve;
  });
  pending.answered = true;
  pending.reject(new StoreUnavailableError('The store did not commit in time.', { sent: true, late }));
}

function bytesOf(unit: Unit): number {
  let bytes = 0;
  for (const { row } of unit.inserts) {
    for (const value of row) if (typeof value === 'string' || Buffer.isBuffer(value)) bytes += value.length;
  }
  return bytes;
}
