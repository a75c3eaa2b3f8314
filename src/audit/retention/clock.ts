import type { DecisionId } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import { mintId } from '../mint.ts';
import type { CommittedEntry } from '../record.ts';
import { recordSystemEntry } from '../system-entry.ts';
import { enqueue } from './queue.ts';

/** Events that only the outside world knows; the decision itself starts its own clock. */
export const clockEvents = ['account-closed', 'notice'] as const;
export type ClockEvent = (typeof clockEvents)[number];

/**
 * Records that a clock of this decision has started. Where an event is reported more than once, the latest
 * time counts: an account may be opened again, and keeping longer is the safe way to be wrong.
 *
 * @param start `atMs` is when it happened, epoch ms; a time before the decision counts as the decision's own
 */
export async function recordClockStart(
  store: Store,
  start: {
    readonly decisionId: DecisionId;
    readonly tenant: string;
    readonly event: ClockEvent;
    readonly atMs: number;
    readonly by: string;
  },
  nowMs: () => number,
): Promise<CommittedEntry> {
  const { decisionId, tenant, event, by } = start;
  const at = new Date(start.atMs).toISOString();
  const entry = await recordSystemEntry(store, {
    id: mintId<DecisionId>(),
    about: { decisionId, tenant },
    type: 'retention',
    decisionType: null,
    release: null,
    facts: { action: 'clock-started', at, by, event, kind: 'retention' },
    companions: [],
    nowMs,
  });
  // After the entry: should this be lost, the queue comes back to the decision by itself within a month.
  await enqueue(store, decisionId, nowMs());
  return entry;
}
