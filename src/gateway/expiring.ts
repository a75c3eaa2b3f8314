import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import { type Expiry, expiriesOf } from '../residency/report/expiries.ts';
import { forgetCounted } from '../residency/subject-counter-repository.ts';
import { StoreUnavailableError } from '../storage/errors.ts';
import type { Leadership } from '../storage/leadership.ts';
import type { StorageLog } from '../storage/log.ts';
import type { Store } from '../storage/store.ts';
import type { AlertDetail } from '../telemetry/alerts.ts';
import { hasAlert } from './alert-repository.ts';
import type { Cell, Rooms } from './rooms.ts';

const lookMs = 60 * 60 * 1000;

/**
 * Tells of contracts and mechanisms that end in 90, 30 and 7 days and that have ended: once for each. Nothing
 * waits for anybody to act: what has ended is out by itself. Also forgets who was counted in past years.
 */
export function startExpiring(rooms: Rooms, log: StorageLog): { stop(): Promise<void> } {
  measureExpiries(rooms);
  const [home] = rooms.cells.values();
  // The policy is the same in every cell of this gateway, so one of them tells of it.
  const parts: Leadership[] = [...rooms.cells.values()].map((cell) =>
    cell.store.lead('expiry', async ({ signal }) => {
      while (!signal.aborted) {
        await lookOnce(rooms, cell, cell === home, log);
        await pause(signal);
      }
    }),
  );
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

/** The days left at the moment somebody asks; the least of all processes. */
function measureExpiries(rooms: Rooms): void {
  const gauge = new Gauge({
    name: 'countersign_residency_expiry_days',
    help: 'Days until a contract or mechanism ends; negative once it has.',
    labelNames: ['object'],
    registers: [rooms.metrics.registry],
    aggregator: 'min',
    collect() {
      for (const { object, daysLeft } of expiriesOf(rooms.config.gateway, rooms.nowMs()))
        gauge.set({ object }, daysLeft);
    },
  });
}

async function lookOnce(rooms: Rooms, cell: Cell, tells: boolean, log: StorageLog): Promise<void> {
  try {
    if (tells) await warnOfExpiries(rooms, cell.store);
    await forgetCounted(cell.store);
  } catch (error) {
    const fault = error instanceof Error ? error.name : 'unknown';
    const level = error instanceof StoreUnavailableError ? 'warn' : 'error';
    log(level, 'expiries could not be looked at; trying again in an hour', { cell: cell.id, fault });
  }
}

/**
 * Raises an alert for everything that has come to a warning and was not told of at this one; returns what it
 * told of. What is found late, after a long stop, is told of once, by its narrowest warning.
 */
export async function warnOfExpiries(
  rooms: Pick<Rooms, 'config' | 'alerts' | 'nowMs'>,
  store: Store,
): Promise<readonly Expiry[]> {
  const told: Expiry[] = [];
  for (const expiry of expiriesOf(rooms.config.gateway, rooms.nowMs())) {
    if (expiry.warning === null) continue;
    const { object, validUntil, warning } = expiry;
    // A longer validity is a new end, with warnings of its own.
    if (await hasAlert(store, 'residency-expiry', { object, validUntil, warning })) continue;
    const detail: AlertDetail = {
      object,
      validUntil,
      warning,
      daysLeft: expiry.daysLeft,
      fallback: expiry.fallback ?? 'none',
    };
    rooms.alerts.raise({ kind: 'residency-expiry', cell: null, detail });
    told.push(expiry);
  }
  return told;
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(lookMs, undefined, { signal, ref: false }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}
