import type { SystemFacts } from '../../decision/entry.ts';
import type { DecisionId } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import { findDestruction, findRetentionEntries } from './repository.ts';

/**
 * Why something of a record is not there any more. Only an entry makes an absence lawful, and entries are
 * leaves of the ledger: one that was made up afterwards stands there with its own time.
 */

/** Whether an entry ordered the destruction of this key. */
export async function keyWasDestroyed(store: Store, keyId: string): Promise<boolean> {
  const headers = await findDestruction(store, keyId);
  return headers.some(({ facts }) => {
    const { kind, action, keyId: named } = facts as SystemFacts;
    return (
      named === keyId &&
      ((kind === 'erasure' && action === 'executed') || (kind === 'retention' && action === 'expired'))
    );
  });
}

/** Whether an entry ordered that this decision's payloads go. */
export async function payloadsHaveExpired(store: Store, decisionId: DecisionId): Promise<boolean> {
  const headers = await findRetentionEntries(store, [decisionId]);
  return headers.some((header) => (header.facts as SystemFacts)['action'] === 'expired');
}
