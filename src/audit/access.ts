import { mintId } from './mint.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { CommittedEntry } from './record.ts';
import { recordSystemEntry } from './system-entry.ts';

/** Why a record was read. A code, because a sentence could say something about the person (I8). */
export const accessReasons = [
  'regulator',
  'data-subject',
  'audit',
  'dispute',
  'review',
  'incident',
  'test',
  'unstated',
] as const;
export type AccessReason = (typeof accessReasons)[number];

/** What was done with the record. */
export type AccessAction = 'read' | 'export' | 'export-redacted' | 'replay' | 'call-model-again';

/** Reference of the reader's own case, where there is one: no names, no sentences. */
export const caseReference = /^[A-Za-z0-9][A-Za-z0-9./_-]{0,63}$/;

export interface Access {
  readonly decisionId: DecisionId;
  readonly tenant: string;
  /** Id of the reader's API key, or `cli/<uid>` at the machine itself. */
  readonly by: string;
  readonly action: AccessAction;
  readonly reason: AccessReason;
  readonly caseReference: string | null;
}

/**
 * Every reading of a record leaves an entry of its own, durable before anything is shown. It is not part
 * of the decision's chain: a reader must not be able to disturb a decision that is still being made.
 */
export function recordAccess(store: Store, access: Access, nowMs: () => number): Promise<CommittedEntry> {
  const { decisionId, tenant, by, action, reason } = access;
  return recordSystemEntry(store, {
    id: mintId<DecisionId>(),
    about: { decisionId, tenant },
    type: 'access',
    decisionType: null,
    release: null,
    facts: { action, by, caseReference: access.caseReference, kind: 'access', reason },
    companions: [],
    nowMs,
  });
}
