import { setTimeout as sleep } from 'node:timers/promises';
import { closeTask, markEscalated, overdueTasks } from '../confidence/task-claim.ts';
import type { ReviewTask } from '../confidence/review-task.ts';
import { ConflictError, StoreUnavailableError } from '../storage/errors.ts';
import type { Leadership } from '../storage/leadership.ts';
import type { StorageLog } from '../storage/log.ts';
import { desk, openReview } from './review-answer.ts';
import type { Cell, Rooms } from './rooms.ts';
import { plantDrawn } from './seeding.ts';

const lookMs = 2_000;
const batch = 100;

/** In each cell one process looks after the desk: what nobody answered in time is escalated, known cases are planted. */
export function startReviewDesk(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  const parts: Leadership[] = [...rooms.cells.values()].map((cell) =>
    cell.store.lead('reviewDesk', async ({ signal }) => {
      while (!signal.aborted) {
        await lookOnce(rooms, cell, log);
        await sleep(lookMs, undefined, { signal, ref: false }).catch((error: Error) => {
          if (error.name !== 'AbortError') throw error;
        });
      }
    }),
  );
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

async function lookOnce(rooms: Rooms, cell: Cell, log: StorageLog): Promise<void> {
  try {
    await escalateOverdue(rooms, cell);
    await plantDrawn(rooms, cell);
  } catch (error) {
    const fault = error instanceof Error ? error.name : 'unknown';
    const level = error instanceof StoreUnavailableError ? 'warn' : 'error';
    log(level, 'the review desk could not be looked after; trying again', { cell: cell.id, fault });
  }
}

/**
 * Hands on every task whose time is over: an entry says so, then the task is marked. Nothing is ever approved by time
 * passing (I5). Returns how many were escalated.
 */
export async function escalateOverdue(rooms: Rooms, cell: Cell): Promise<number> {
  let escalated = 0;
  for (;;) {
    const overdue = await overdueTasks(cell.store, rooms.nowMs(), batch);
    for (const task of overdue) {
      if (await escalate(rooms, cell, task)) escalated += 1;
    }
    if (overdue.length < batch) return escalated;
  }
}

async function escalate(rooms: Rooms, cell: Cell, task: ReviewTask): Promise<boolean> {
  // A type that was taken out of the configuration: its tasks wait for it to come back.
  if (!rooms.types.has(task.decisionType)) return false;
  const record = await openReview(rooms, cell, task, desk);
  if (record.standing === 'reached') {
    // A process died between an answer and its mark.
    await closeTask(cell.store, task.taskId, record.verdicts, rooms.nowMs());
    return false;
  }
  try {
    if (!record.isEscalated) await record.escalate('expired', desk, null);
  } catch (error) {
    // An answer came at the last moment, or another process was first: the next look sees which.
    if (error instanceof ConflictError) return false;
    throw error;
  }
  await markEscalated(cell.store, task.taskId, rooms.nowMs());
  const { decisionType, queue } = task;
  const alert = { kind: 'review-expired', cell: cell.id, detail: { decisionType, queue } } as const;
  rooms.alerts.raiseOften(alert, `${decisionType} ${queue}`);
  return true;
}
