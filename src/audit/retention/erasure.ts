import { canonicalJson } from '../../decision/canonical.ts';
import type { DecisionId, Digest } from '../../decision/ids.ts';
import type { EntryHeader, SystemFacts } from '../../decision/entry.ts';
import { InvariantError } from '../../decision/errors.ts';
import { ConflictError } from '../../storage/errors.ts';
import type { Store } from '../../storage/store.ts';
import { recordAfter } from '../continue.ts';
import { mintId } from '../mint.ts';
import { findEntries } from '../repository.ts';
import { recordSystemEntry } from '../system-entry.ts';
import { type ErasurePlan, type ErasurePorts, planErasure } from './erasure-plan.ts';
import { proveErased } from './proof.ts';
import { destroySubjectKey, erasuresTable, findOpenErasure, rescheduleErasure } from './repository.ts';

/** Why somebody is to be erased; a code, because a sentence could say something about the person. */
export const erasureReasons = [
  'data-subject-request',
  'consent-withdrawn',
  'purpose-ended',
  'unlawful-processing',
  'legal-obligation',
] as const;
export type ErasureReason = (typeof erasureReasons)[number];

export interface ErasureRequest {
  readonly tenant: string;
  readonly keyId: string;
  /** The decision that was named; null where a subject was. */
  readonly decisionId: DecisionId | null;
  readonly reason: ErasureReason;
  readonly caseReference: string | null;
  readonly by: string;
}

export type ErasureStatus = 'held' | 'scheduled' | 'erased';

/** How an erasure stands: what its entries say, first to last. */
export interface Erasure {
  readonly erasureId: DecisionId;
  readonly tenant: string;
  readonly status: ErasureStatus;
  readonly steps: readonly (SystemFacts & { readonly time: string })[];
}

const dayMs = 24 * 60 * 60 * 1000;
/** Plans that were overtaken by new decisions, holds or clocks before they could be carried out. */
const attemptsMax = 5;

/**
 * Asks for an erasure and carries it out as far as it may be now. A second request for a key whose erasure
 * is not finished is answered with that one.
 */
export async function requestErasure(ports: ErasurePorts, request: ErasureRequest): Promise<Erasure> {
  const erasureId = (await begin(ports, request)) ?? (await findOpenErasure(ports.store, request.keyId));
  if (erasureId === null) throw new InvariantError('an erasure that is in the way was not found');
  return pursueErasure(ports, erasureId);
}

/** Null when another erasure of the same key is not finished. */
async function begin(ports: ErasurePorts, request: ErasureRequest): Promise<DecisionId | null> {
  const { store, nowMs } = ports;
  const { tenant, keyId, decisionId, reason, caseReference, by } = request;
  const id = mintId<DecisionId>();
  try {
    await recordSystemEntry(store, {
      id,
      about: { decisionId, tenant },
      type: 'erasure',
      decisionType: null,
      release: null,
      facts: { action: 'requested', by, caseReference, keyId, kind: 'erasure', reason },
      companions: [{ table: erasuresTable, row: [id, tenant, store.cell, keyId, new Date(nowMs())] }],
      nowMs,
    });
    return id;
  } catch (error) {
    if (error instanceof ConflictError) return null;
    throw error;
  }
}

/**
 * Brings an erasure on: plans it anew, records a plan that differs from the last, and carries out one that
 * is due. It may be called again at any time, by anybody: after a crash it goes on where the entries end.
 */
export async function pursueErasure(ports: ErasurePorts, erasureId: DecisionId): Promise<Erasure> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const told = await readErasure(ports.store, erasureId);
    if (!told) throw new InvariantError('an erasure without entries was to be carried out');
    try {
      if (await step(ports, told)) break;
    } catch (error) {
      // Another process has written the next entry: what it says counts.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  const erasure = await findErasure(ports.store, erasureId);
  if (!erasure) throw new InvariantError('an erasure has lost its entries');
  return erasure;
}

interface ToldErasure {
  readonly erasureId: DecisionId;
  readonly keyId: string;
  readonly tenant: string;
  readonly last: { readonly header: EntryHeader; readonly digest: Digest };
  readonly facts: SystemFacts;
  readonly steps: Erasure['steps'];
}

/** @returns true when there is nothing more to do for now */
async function step(ports: ErasurePorts, told: ToldErasure): Promise<boolean> {
  const { store, nowMs } = ports;
  const { erasureId, keyId, facts } = told;
  const action = facts['action'];
  if (action === 'proven' || action === 'already-destroyed') {
    await rescheduleErasure(store, erasureId, { closedMs: nowMs() });
    return true;
  }
  if (action === 'executed') {
    const result = await destroySubjectKey(store, keyId, erasureId);
    if (result === 'destroyed' || result === 'absent') {
      await append(ports, told, await proveErased(ports, told.tenant, keyId));
      return false;
    }
    if (result === 'busy') return false;
    if (result === 'unordered') throw new InvariantError('the store does not accept an order to erase');
  }
  const plan = await planErasure(ports, told.tenant, keyId);
  if (canonicalJson(plan.facts) !== canonicalJson(facts)) await append(ports, told, plan.facts);
  if (plan.kind === 'due' || plan.kind === 'already-destroyed') return false;
  await rescheduleErasure(store, erasureId, { atMs: nextLook(plan, nowMs()) });
  return true;
}

/** When a plan may have changed: its end, and every day for what only events can end. */
function nextLook(plan: ErasurePlan, nowMs: number): number {
  return plan.kind === 'scheduled' && plan.atMs !== null ? Math.max(plan.atMs, nowMs) : nowMs + dayMs;
}

async function append(ports: ErasurePorts, told: ToldErasure, facts: SystemFacts): Promise<void> {
  await recordAfter(ports.store, told.last, null, ports.nowMs).system('erasure', facts, []);
}

/** Null when there is no such erasure. */
export async function findErasure(store: Store, erasureId: DecisionId): Promise<Erasure | null> {
  const told = await readErasure(store, erasureId);
  return told && { erasureId, tenant: told.tenant, status: statusOf(told.facts), steps: told.steps };
}

async function readErasure(store: Store, erasureId: DecisionId): Promise<ToldErasure | null> {
  const entries = await findEntries(store, erasureId);
  const last = entries.at(-1);
  if (!last || last.header.type !== 'erasure') return null;
  const facts = last.header.facts as SystemFacts;
  return {
    erasureId,
    // Every step names it.
    keyId: String(facts['keyId']),
    tenant: last.header.tenant,
    last: { header: last.header, digest: `sha256:${last.headerDigest.toString('hex')}` as Digest },
    facts,
    steps: entries.map(({ header }) => Object.assign({ time: header.time }, header.facts as SystemFacts)),
  };
}

function statusOf(facts: SystemFacts): ErasureStatus {
  const action = facts['action'];
  if (action === 'proven' || action === 'already-destroyed') return 'erased';
  return action === 'held' ? 'held' : 'scheduled';
}
