import type { SystemFacts } from '../decision/entry.ts';
import type { DecisionId, Digest } from '../decision/ids.ts';
import type { Insert } from '../storage/table.ts';
import type { Store } from '../storage/store.ts';
import { type CommittedEntry, DecisionRecord } from './record.ts';

/** Entries about the gateway itself belong to no tenant. */
const systemTenant = '';

/**
 * Records a fact with an id of its own: about the gateway itself (a release, a change of configuration), or
 * about a decision (a reading, an erasure). Durable on return.
 */
export async function recordSystemEntry(
  store: Store,
  entry: {
    id: DecisionId;
    /** The decision and tenant it is about; null for facts about the gateway itself. */
    about?: { readonly decisionId: DecisionId | null; readonly tenant: string };
    type: SystemFacts['kind'];
    decisionType: string | null;
    release: Digest | null;
    facts: SystemFacts;
    /** Rows of other tables that must appear with it. */
    companions: readonly Insert[];
    nowMs: () => number;
  },
): Promise<CommittedEntry> {
  const subject = {
    decisionId: entry.id,
    about: entry.about?.decisionId ?? null,
    tenant: entry.about?.tenant ?? systemTenant,
    jurisdiction: null,
    dataClass: null,
    decisionType: entry.decisionType,
    release: entry.release,
    retention: null,
  };
  const record = new DecisionRecord({ store, subject, key: null, previous: null, nowMs: entry.nowMs });
  return record.system(entry.type, entry.facts, entry.companions);
}
