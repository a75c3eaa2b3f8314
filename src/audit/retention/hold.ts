import type { DecisionId } from '../../decision/ids.ts';
import { ConflictError } from '../../storage/errors.ts';
import type { Store } from '../../storage/store.ts';
import type { TableSpec } from '../../storage/table.ts';
import { mintId } from '../mint.ts';
import { recordSystemEntry } from '../system-entry.ts';

/** Why something must not be deleted. A code, because a sentence could say something about the person. */
export const holdReasons = ['litigation', 'regulator', 'investigation', 'audit', 'complaint'] as const;
export type HoldReason = (typeof holdReasons)[number];

/** A legal hold as it is listed. A subject appears only as a keyed MAC, in hexadecimal. */
export interface Hold {
  readonly holdId: DecisionId;
  readonly tenant: string;
  readonly decisionId: DecisionId | null;
  readonly subjectMac: string | null;
  readonly reason: HoldReason;
  readonly caseReference: string;
  readonly placedBy: string;
  readonly placedAt: Date;
}

const holdsTable: TableSpec = {
  name: 'legal_holds',
  columns: [
    { name: 'hold_id', type: 'uuid' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'decision_id', type: 'uuid' },
    { name: 'subject_mac', type: 'bytea' },
    { name: 'reason', type: 'text' },
    { name: 'case_reference', type: 'text' },
    { name: 'placed_by', type: 'text' },
  ],
};
const releasesTable: TableSpec = {
  name: 'hold_releases',
  columns: [
    { name: 'hold_id', type: 'uuid' },
    { name: 'cell', type: 'text' },
    { name: 'released_by', type: 'text' },
  ],
};
const columns = `hold_id AS "holdId", tenant, decision_id AS "decisionId", encode(subject_mac, 'hex') AS "subjectMac",
  reason, case_reference AS "caseReference", placed_by AS "placedBy", placed_at AS "placedAt"`;

/** What a hold is placed on: one decision, or all that there is and will be of a subject. */
export type HoldTarget =
  | { readonly decisionId: DecisionId }
  | { readonly subjectMac: Buffer; readonly keyId: string | null };

/** Places a hold; it and its entry are durable on return. Returns its id. */
export async function placeHold(
  store: Store,
  hold: {
    readonly tenant: string;
    readonly on: HoldTarget;
    readonly reason: HoldReason;
    readonly caseReference: string;
    readonly by: string;
  },
  nowMs: () => number,
): Promise<DecisionId> {
  const { tenant, on, reason, caseReference, by } = hold;
  const holdId = mintId<DecisionId>();
  const decisionId = 'decisionId' in on ? on.decisionId : null;
  const mac = 'subjectMac' in on ? on.subjectMac : null;
  const keyId = 'keyId' in on ? on.keyId : null;
  const scope = decisionId === null ? 'subject' : 'decision';
  await recordSystemEntry(store, {
    id: holdId,
    about: { decisionId, tenant },
    type: 'retention',
    decisionType: null,
    release: null,
    facts: { action: 'hold-placed', by, caseReference, holdId, keyId, kind: 'retention', reason, scope },
    companions: [
      { table: holdsTable, row: [holdId, tenant, store.cell, decisionId, mac, reason, caseReference, by] },
    ],
    nowMs,
  });
  return holdId;
}

/** @returns false when somebody else has released it already */
export async function releaseHold(
  store: Store,
  hold: Hold,
  by: string,
  nowMs: () => number,
): Promise<boolean> {
  try {
    await recordSystemEntry(store, {
      id: mintId<DecisionId>(),
      about: { decisionId: hold.decisionId, tenant: hold.tenant },
      type: 'retention',
      decisionType: null,
      release: null,
      facts: { action: 'hold-released', by, holdId: hold.holdId, kind: 'retention' },
      companions: [{ table: releasesTable, row: [hold.holdId, store.cell, by] }],
      nowMs,
    });
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

/** Null when no active hold of this tenant has the id. */
export async function findHold(store: Store, tenant: string, holdId: string): Promise<Hold | null> {
  const rows = await store.query<Hold>({
    text: `SELECT ${columns} FROM active_holds WHERE hold_id = $1 AND tenant = $2`,
    values: [holdId, tenant],
  });
  return rows[0] ?? null;
}

/** The active holds of a tenant, the oldest first. */
export function listHolds(store: Store, tenant: string): Promise<Hold[]> {
  return store.query<Hold>({
    text: `SELECT ${columns} FROM active_holds WHERE tenant = $1 ORDER BY hold_id`,
    values: [tenant],
  });
}

/** Ids of the active holds that keep any of these decisions, or this subject. */
export async function holdsOn(
  store: Store,
  on: {
    readonly tenant: string;
    readonly decisions: readonly DecisionId[];
    readonly subjectMac: Buffer | null;
  },
): Promise<DecisionId[]> {
  const rows = await store.query<{ id: DecisionId }>({
    text: `SELECT hold_id AS id FROM active_holds
            WHERE decision_id = ANY ($1::uuid[]) OR (tenant = $2 AND subject_mac = $3) ORDER BY hold_id`,
    values: [on.decisions, on.tenant, on.subjectMac],
  });
  return rows.map((row) => row.id);
}
