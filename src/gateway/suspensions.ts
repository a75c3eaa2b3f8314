import { mintId } from '../audit/mint.ts';
import { recordSystemEntry } from '../audit/system-entry.ts';
import {
  type Suspension,
  standingSuspensions,
  suspensionEndInsert,
  suspensionInsert,
} from '../confidence/suspension-repository.ts';
import type { OutcomeFacts } from '../decision/entry.ts';
import { CountersignError, InvariantError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import { stop } from '../decision/verdict.ts';
import { ConflictError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import type { Passage } from './decide.ts';
import type { Judgement } from './judge.ts';
import type { Cell } from './rooms.ts';

/** Who stops a decision type, or lets it go on, and why: codes and references only (I8). */
export interface SuspensionAct {
  readonly decisionType: string;
  readonly by: string;
  readonly reason: SuspensionReason;
  readonly caseReference: string;
}
export const suspensionReasons = [
  'incident',
  'model',
  'data',
  'drift',
  'regulator',
  'resolved',
  'test',
] as const;
export type SuspensionReason = (typeof suspensionReasons)[number];

/**
 * The kill switch. Once this returns, no process of the cell releases an answer of the type that a model made: each
 * asks the store after its answer was judged and before it is sealed. Again is the same as once.
 */
export async function suspendType(
  { store }: Pick<Cell, 'store'>,
  act: SuspensionAct,
  nowMs: () => number,
): Promise<Suspension> {
  const standing = await standingOf(store, act.decisionType);
  if (standing) return standing;
  const suspensionId = mintId<DecisionId>();
  const { decisionType, by } = act;
  await recordSystemEntry(store, {
    id: suspensionId,
    type: 'configuration',
    decisionType,
    release: null,
    facts: { ...factsOf(act), action: 'type-suspended' },
    companions: [suspensionInsert(store.cell, { suspensionId, decisionType, by })],
    nowMs,
  });
  const begun = await standingOf(store, decisionType);
  if (begun === undefined) throw new InvariantError('a suspension that is recorded does not stand');
  return begun;
}

async function standingOf(store: Store, type: string): Promise<Suspension | undefined> {
  return (await standingSuspensions(store)).find(({ decisionType }) => decisionType === type);
}

/**
 * Lets a type decide again.
 * @returns the suspensions that ended; empty where none stood
 * @throws CountersignError SECOND_PERSON_NEEDED for whoever suspended it
 */
export async function liftSuspension(
  { store }: Pick<Cell, 'store'>,
  act: SuspensionAct,
  nowMs: () => number,
): Promise<readonly Suspension[]> {
  const standing = (await standingSuspensions(store)).filter(
    ({ decisionType }) => decisionType === act.decisionType,
  );
  if (standing.some(({ by }) => by === act.by)) throw new CountersignError('SECOND_PERSON_NEEDED');
  if (standing.length === 0) return [];
  const suspensions = standing.map(({ suspensionId }) => suspensionId);
  try {
    await recordSystemEntry(store, {
      id: mintId<DecisionId>(),
      type: 'configuration',
      decisionType: act.decisionType,
      release: null,
      facts: { ...factsOf(act), action: 'type-suspension-lifted', suspensions },
      companions: suspensions.map((id) => suspensionEndInsert(store.cell, id, act.by)),
      nowMs,
    });
  } catch (error) {
    // Somebody else lifted it in between.
    if (error instanceof ConflictError) return [];
    throw error;
  }
  return standing;
}

function factsOf({ by, caseReference, decisionType, reason }: SuspensionAct) {
  return { by, caseReference, decisionType, kind: 'configuration', reason } as const;
}

/** Reads what stands, beginning after it was asked. Whoever asks meanwhile shares the next reading. */
class StandingReader {
  readonly #store: Store;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly Suspension[]> | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  read(): Promise<readonly Suspension[]> {
    const begin = () => {
      this.#next = null;
      const reading = standingSuspensions(this.#store);
      this.#running = reading;
      return reading;
    };
    return (this.#next ??= this.#running.then(begin, begin));
  }
}

const readers = new WeakMap<Store, StandingReader>();

/**
 * The judgement, or a person's task where the type is suspended now. Read from the store each time: a process that
 * learnt of it later would go on deciding. Embeddings decide nothing and stay as they are.
 * @throws StoreUnavailableError: what cannot be asked is not released (I6)
 */
export async function unlessSuspended(
  { cell, type, submission }: Passage,
  judgement: Judgement,
): Promise<Judgement> {
  if (judgement.status !== 'decided' || submission.content.kind === 'texts') return judgement;
  const reader = readers.get(cell.store) ?? new StandingReader(cell.store);
  readers.set(cell.store, reader);
  const standing = (await reader.read()).find(({ decisionType }) => decisionType === type.config.name);
  return standing === undefined ? judgement : suspended(judgement, standing.suspensionId);
}

/** The same from the record, years later (I7). */
export function suspendedAsRecorded(judgement: Judgement, { verdicts }: OutcomeFacts): Judgement {
  const recorded = verdicts.find(
    (verdict) => verdict.kind === 'review' && verdict.reasons[0] === 'TYPE_SUSPENDED',
  );
  if (judgement.status !== 'decided' || recorded?.kind !== 'review') return judgement;
  return suspended(judgement, recorded.detail ?? '');
}

function suspended(judgement: Judgement, suspensionId: string): Judgement {
  const verdict = stop('review', 'confidence', 'TYPE_SUSPENDED', { detail: suspensionId });
  return {
    ...judgement,
    status: 'in_review',
    verdicts: [...judgement.verdicts, verdict],
    reviewOrigin: 'suspended',
  };
}
