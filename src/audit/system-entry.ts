import type { SystemFacts } from '../decision/entry.ts';
import type { DecisionId, Digest } from '../decision/ids.ts';
import type { Insert } from '../storage/table.ts';
import type { Store } from '../storage/store.ts';
import { DecisionRecord } from './record.ts';

/** Entries about the gateway itself belong to no tenant. */
const systemTenant = '';

/** Records a fact about the gateway itself: a release, a change of configuration. Durable on return. */
export async function recordSystemEntry(
  store: Store,
  entry: {
    id: DecisionId;
    type: SystemFacts['kind'];
    decisionType: string | null;
    release: Digest | null;
    facts: SystemFacts;
    /** Rows of other tables that must appear with it. */
    companions: readonly Insert[];
    nowMs: () => number;
  },
): Promise<void> {
  const subject = {
    decisionId: entry.id,
    tenant: systemTenant,
    jurisdiction: null,
    dataClass: null,
    decisionType: entry.decisionType,
    release: entry.release,
    retention: null,
  };
  const record = new DecisionRecord({ store, subject, key: null, previous: null, nowMs: entry.nowMs });
  await record.system(entry.type, entry.facts, entry.companions);
}
