import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailableError } from '../storage/errors.ts';

const attemptsMax = 20;
const pauseMs = 500;

/**
 * Does work that may be done twice until the store answers within its budget. The budget is a
 * request's; a start may wait longer, for a store that has just recovered from a crash is slow.
 * @throws StoreUnavailableError when it still does not
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || attempt === attemptsMax) throw error;
      await delay(pauseMs);
    }
  }
}
