import { LRUCache } from 'lru-cache';
import type { DecisionStory } from '../../audit/story.ts';
import type { Digest } from '../../decision/ids.ts';
import { readRelease } from '../../release/stored-release.ts';
import type { Store } from '../../storage/store.ts';
import { createDocumentReader, type DocumentReader } from '../../validation/document/document-reader.ts';
import { gatewayVersion } from '../version.ts';
import { repeatAttempts } from './attempts-again.ts';
import { repeatOutcome } from './outcome-again.ts';
import { type RecordedDecision, readDecision } from './recorded-decision.ts';
import { type Reenactment, reenact } from './reenactment.ts';
import type { ReplayObstacle, ReplayResult } from './replay-result.ts';
import { type RestoredGates, restoreGates } from './restored-gates.ts';
import { Trace } from './trace.ts';

/** A replay, and what was done again where it came that far. */
export interface Replayed {
  readonly result: ReplayResult;
  readonly reenactment: Reenactment | null;
}

export interface Replayer {
  /**
   * Does again, from the record and the release in its store alone, everything deterministic of a decision (I7).
   * The model is not asked.
   * @param options.reveal shows content where the two differ
   * @throws CountersignError VALIDATION_FAILED when a document could not be read again within its limits
   */
  replay(store: Store, story: DecisionStory, options: { reveal: boolean }): Promise<Replayed>;
  close(): void;
}

const gatesKept = 32;
/** Its limit guards the machine and must not decide: a busy one may be slower today than on the day. */
const readingTimeoutMsMin = 60_000;

export function createReplayer(): Replayer {
  const reader = createDocumentReader();
  const patient: DocumentReader = {
    ...reader,
    read: (document, limits) =>
      reader.read(document, { ...limits, timeoutMs: Math.max(limits.timeoutMs, readingTimeoutMsMin) }),
  };
  const kept = new LRUCache<Digest, RestoredGates>({ max: gatesKept });

  /** The release is read, and every digest checked, each time; gates of the same bytes are made once. */
  async function gatesOf(store: Store, digest: Digest): Promise<RestoredGates | Obstacle> {
    const read = await readRelease(store, digest);
    if (read.kind === 'problem') {
      const { kind, part, recorded, found } = read.problem;
      const code = kind === 'missing' ? 'RELEASE_MISSING' : 'RELEASE_ALTERED';
      return { code, detail: `part ${part}: recorded ${recorded}, in the store ${found ?? 'nothing'}` };
    }
    const gates = kept.get(digest) ?? restoreGates(read.release, patient);
    if (typeof gates === 'string')
      return { code: 'RELEASE_MISSING', detail: `the release has no part ${gates}` };
    kept.set(digest, gates);
    return gates;
  }

  return {
    async replay(store, story, { reveal }) {
      const read = readDecision(story);
      if (read.kind === 'obstacle') return obstructed(story, read);
      const { decision } = read;
      const { release } = decision.first;
      if (release === null)
        return obstructed(story, { code: 'NOT_A_DECISION', detail: 'it is a canary, which decides nothing' });
      const gates = await gatesOf(store, release);
      if ('code' in gates) return obstructed(story, gates);
      const trace = new Trace(reveal);
      const reenactment = await reenact(decision, gates, trace);
      repeatOutcome(reenactment, await repeatAttempts(reenactment));
      return { result: resultOf(decision, gates, trace), reenactment };
    },
    close: () => reader.close(),
  };
}

interface Obstacle {
  readonly code: ReplayObstacle;
  readonly detail: string;
}

function obstructed({ decisionId, entries }: DecisionStory, { code, detail }: Obstacle): Replayed {
  const result: ReplayResult = {
    decisionId,
    schema: entries[0]?.header.schema ?? 2,
    result: 'not-replayable',
    firstDifference: null,
    steps: [],
    reason: { code, detail },
    gatewayVersion: null,
  };
  return { result, reenactment: null };
}

function resultOf({ decisionId, first }: RecordedDecision, gates: RestoredGates, trace: Trace): ReplayResult {
  const { firstDifference, steps } = trace;
  return {
    decisionId,
    schema: first.schema,
    result: firstDifference === null ? 'equal' : 'different',
    firstDifference,
    steps,
    reason: null,
    gatewayVersion: { recorded: gates.gatewayVersion, now: gatewayVersion },
  };
}
