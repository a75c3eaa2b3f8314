import { v7 as uuidV7 } from 'uuid';
import type { EntryId } from '../decision/ids.ts';
import { stop } from '../decision/verdict.ts';
import { ConflictError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import { recordAfter } from './continue.ts';
import { refusedOutcome } from './refused-outcome.ts';
import { type OpenDecision, findOpenDecisions } from './repository.ts';

export interface SweepResult {
  /** Calls closed as `unknown`. */
  readonly unknownCalls: number;
  /** Decisions sealed as refused because nobody finished them. */
  readonly closedDecisions: number;
}

const batch = 500;

/**
 * Closes what a stopped gateway left open: an intent without completion becomes `unknown`, and the
 * decision is sealed as refused, so that a crash is never silent (I6). Several gateways may sweep at
 * once, and a slow one may still be alive: the chain's unique constraint lets one closing through,
 * and an answer that comes later can no longer be recorded, hence not released (I2).
 */
export async function sweep(
  store: Store,
  options: { olderThanMs: number; since: EntryId | null; nowMs: () => number },
): Promise<SweepResult> {
  let unknownCalls = 0;
  let closedDecisions = 0;
  // An id of this very millisecond is old enough, too.
  const before = idFloor(options.nowMs() - options.olderThanMs + 1);
  for (;;) {
    const open = await findOpenDecisions(store, { before, since: options.since, limit: batch });
    const closed = await Promise.all(open.map((decision) => close(store, decision, options.nowMs)));
    unknownCalls += closed.filter((result) => result === 'unknown').length;
    closedDecisions += closed.filter((result) => result !== 'conflict').length;
    if (open.length < batch) return { unknownCalls, closedDecisions };
  }
}

async function close(
  store: Store,
  open: OpenDecision,
  nowMs: () => number,
): Promise<'unknown' | 'sealed' | 'conflict'> {
  const record = recordAfter(store, { header: open.last, digest: open.lastDigest }, null, nowMs);
  try {
    const result = open.last.facts.kind === 'intent' ? 'unknown' : 'sealed';
    if (open.last.facts.kind === 'intent' && open.last.callId !== null) {
      await record.closeUnknown(open.last.callId, open.last.facts.endpoint.id);
    }
    await record.seal(refusedOutcome([stop('refuse', 'audit', 'INTERRUPTED')]), null);
    return result;
  } catch (error) {
    if (error instanceof ConflictError) return 'conflict';
    throw error;
  }
}

/** A UUIDv7 that sorts before every id minted after the given moment. */
export function idFloor(epochMs: number): EntryId {
  return uuidV7({ msecs: epochMs, random: new Uint8Array(16), seq: 0 }) as EntryId;
}
