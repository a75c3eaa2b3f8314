import { idFloor, sweep } from '../audit/sweeper.ts';
import type { EntryId } from '../decision/ids.ts';
import { StoreUnavailableError } from '../storage/errors.ts';
import type { StorageLog } from '../storage/log.ts';
import type { Cell, Rooms } from './rooms.ts';

/** A decision may be this much older than the oldest one a later sweep still looks at. */
const lookBackMs = 24 * 60 * 60 * 1000;

/** Longest time from the beginning of a request to its last entry: past its deadline it may wait for two commits. */
export function callLifeMs(limits: { requestTimeoutMs: number; storeTimeoutMs: number }): number {
  return limits.requestTimeoutMs + 2 * limits.storeTimeoutMs + 5_000;
}

/**
 * Looks, once every period, for decisions that nobody closed. Only those older than any request can
 * live are closed; the first sweep looks at all of history, later ones at the last day.
 */
export function startSweeping(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  const { sweeperPeriodMs } = rooms.config.gateway.limits;
  const olderThanMs = callLifeMs(rooms.config.gateway.limits);
  const since = new Map<string, EntryId | null>();
  let running: Promise<void> = Promise.resolve();

  async function sweepCell(cell: Cell): Promise<void> {
    const startedMs = rooms.nowMs();
    try {
      const closed = await sweep(cell.store, {
        olderThanMs,
        since: since.get(cell.id) ?? null,
        nowMs: rooms.nowMs,
      });
      rooms.metrics.swept(cell.id, closed.unknownCalls, closed.closedDecisions);
      since.set(cell.id, idFloor(startedMs - lookBackMs));
      if (closed.closedDecisions > 0) {
        log('warn', 'closed decisions that nobody finished', {
          cell: cell.id,
          decisions: closed.closedDecisions,
        });
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      log('warn', 'the sweeper could not reach the store; trying again next period', { cell: cell.id });
    }
  }

  const timer = setInterval(() => {
    running = running.then(async () => {
      for (const cell of rooms.cells.values()) await sweepCell(cell);
    });
    running.catch((error: unknown) => {
      log('error', 'the sweeper failed', { fault: error instanceof Error ? error.name : 'unknown' });
      running = Promise.resolve();
    });
  }, sweeperPeriodMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
