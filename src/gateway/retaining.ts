import { setTimeout as sleep } from 'node:timers/promises';
import { pursueErasure } from '../audit/retention/erasure.ts';
import { expireDue } from '../audit/retention/expiry.ts';
import { findDueErasures } from '../audit/retention/repository.ts';
import { StoreUnavailableError } from '../storage/errors.ts';
import type { StorageLog } from '../storage/log.ts';
import { erasurePorts } from './erasing.ts';
import type { Cell, Rooms } from './rooms.ts';

const periodMs = 60 * 60 * 1000;
const erasuresMax = 200;

/** Once an hour, one process of each cell brings erasures on that are due and lets records expire. */
export function startRetaining(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  const leaderships = [...rooms.cells.values()].map((cell) =>
    cell.store.lead('retention', async ({ signal }) => {
      while (!signal.aborted) {
        try {
          await retain(rooms, cell, { nowMs: rooms.nowMs, signal });
        } catch (error) {
          const fault = error instanceof Error ? error.name : 'unknown';
          const level = error instanceof StoreUnavailableError ? 'warn' : 'error';
          log(level, 'retention could not finish its round; it goes on in an hour', { cell: cell.id, fault });
        }
        await hour(signal);
      }
    }),
  );
  return {
    async stop() {
      await Promise.all(leaderships.map((leadership) => leadership.stop()));
    },
  };
}

/**
 * One round of retention in one cell. Everything in it may be done by two at once: entries form chains that
 * take one writer, and what deletes checks again under a lock.
 */
export async function retain(
  rooms: Pick<Rooms, 'config' | 'metrics'>,
  cell: Cell,
  { nowMs, signal }: { readonly nowMs: () => number; readonly signal?: AbortSignal },
): Promise<void> {
  const ports = erasurePorts(rooms.config, cell, nowMs);
  const due = await findDueErasures(cell.store, nowMs(), erasuresMax);
  for (const erasureId of due) {
    if (signal?.aborted) return;
    await pursueErasure(ports, erasureId);
  }
  const result = await expireDue(cell.store, { nowMs, dryRun: false, ...(signal && { signal }) });
  rooms.metrics.retained(cell.id, 'erasures', due.length);
  rooms.metrics.retained(cell.id, 'expired', result.expired.length);
  rooms.metrics.retained(cell.id, 'held', result.held.length);
}

async function hour(signal: AbortSignal): Promise<void> {
  try {
    await sleep(periodMs, undefined, { signal, ref: false });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
  }
}
