import { setTimeout as delay } from 'node:timers/promises';
import { StageError } from './stage-error.ts';

const lookEveryMs = 25;

/**
 * Looks until something is there.
 * @param what names it in the error: "the EU simulator’s log shows the call"
 * @throws StageError after `timeoutMs`; the signal's reason when it is aborted
 */
export async function waitFor<Found>(
  what: string,
  look: () => Promise<Found | null> | Found | null,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Found> {
  const deadlineMs = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal.throwIfAborted();
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadlineMs) {
      throw new StageError(`waited ${options.timeoutMs / 1000} s in vain until ${what}`);
    }
    await delay(lookEveryMs);
  }
}
