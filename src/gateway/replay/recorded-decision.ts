import type {
  CompletionPayload,
  IntentPayload,
  OutcomePayload,
  RecordedInput,
  ReviewPayload,
} from '../../audit/payload-content.ts';
import type { DecisionStory } from '../../audit/story.ts';
import type {
  CompletionFacts,
  EntryHeader,
  EntryType,
  IntentFacts,
  OutcomeFacts,
  ReviewFacts,
} from '../../decision/entry.ts';
import type { DecisionId } from '../../decision/ids.ts';
import type { ReplayObstacle } from './replay-result.ts';

/** One entry of the record with the facts and payload that its type has, and where it stands in it. */
export interface Recorded<Facts, Payload> {
  /** JSON pointer into the record: `/entries/1`. */
  readonly at: string;
  readonly header: EntryHeader;
  readonly facts: Facts;
  readonly payload: Payload;
}

export interface RecordedAttempt {
  readonly intent: Recorded<IntentFacts, IntentPayload>;
  /** Null when the record was closed without one. */
  readonly completion: Recorded<CompletionFacts, CompletionPayload | null> | null;
}

export type RecordedOutcome = Recorded<OutcomeFacts, OutcomePayload | null>;

export type RecordedAnswerOf = Recorded<ReviewFacts, ReviewPayload>;

/** The answer that led to an outcome, with the outcomes before and after it; null where they do not surround it. */
export interface RecordedReview {
  readonly review: RecordedAnswerOf;
  /** Answers of others to the same task, which count as well. */
  readonly counted: readonly RecordedAnswerOf[];
  /** What the same person said before the model's answer was shown; null where nothing. */
  readonly first: RecordedAnswerOf | null;
  readonly before: RecordedOutcome | null;
  readonly after: RecordedOutcome | null;
}

/** A sealed decision as its record tells it. */
export interface RecordedDecision {
  readonly decisionId: DecisionId;
  readonly first: EntryHeader;
  readonly input: { readonly at: string; readonly request: RecordedInput };
  /** Calls with the request as it is. */
  readonly attempts: readonly RecordedAttempt[];
  /** Calls from which the suspect spans were withheld; empty where the decision was asked once. */
  readonly maskedAttempts: readonly RecordedAttempt[];
  /** Calls of the rounds after the first, which show results of tools. */
  readonly laterAttempts: readonly RecordedAttempt[];
  /** Calls of tools behind endpoints. */
  readonly toolAttempts: readonly RecordedAttempt[];
  /** How the pipeline, or the sweeper, sealed it. */
  readonly outcome: RecordedOutcome;
  readonly reviews: readonly RecordedReview[];
  /** Every outcome of the record; one more than reviews, if all is well. */
  readonly outcomes: readonly RecordedOutcome[];
}

export type ReadDecision =
  | { readonly kind: 'decision'; readonly decision: RecordedDecision }
  | { readonly kind: 'obstacle'; readonly code: ReplayObstacle; readonly detail: string };

/** Takes a record apart for a replay, or says what stands in the way. */
export function readDecision(story: DecisionStory): ReadDecision {
  const first = story.entries[0]?.header;
  if (first?.type === 'refusal') return obstacle('LABEL_REFUSED', 'no payload is kept of a refused label');
  if (!first || first.about || !['intent', 'outcome'].includes(first.type))
    return obstacle('NOT_A_DECISION', 'the entry is not one of a decision');
  const unwell = story.entries.findIndex((entry) => entry.problem !== null);
  if (unwell !== -1)
    return obstacle('RECORD_ALTERED', `/entries/${unwell}: ${story.entries[unwell]?.problem}`);
  const gone = story.entries.find(({ state }) => state === 'erased' || state === 'expired');
  if (gone?.state === 'erased') return obstacle('ERASED', 'the key of its payloads was destroyed');
  if (gone) return obstacle('EXPIRED', 'its payloads were kept as long as they had to be');
  const outcomes = entriesOf<OutcomeFacts, OutcomePayload | null>(story, 'outcome');
  const [outcome] = outcomes;
  if (!outcome) return obstacle('OPEN', 'the decision is not sealed yet');
  const calls = attemptsOf(story);
  const toolAttempts = calls.filter(({ intent }) => intent.facts.tool !== undefined);
  const laterAttempts = calls.filter(({ intent }) => (intent.facts.tools?.round ?? 1) > 1);
  const others = new Set([...toolAttempts, ...laterAttempts]);
  const attempts = calls.filter((call) => call.intent.facts.variant === undefined && !others.has(call));
  const maskedAttempts = calls.filter(({ intent }) => intent.facts.variant === 'masked');
  const input = inputOf(attempts, outcome);
  if (input === null) return obstacle('RECORD_ALTERED', 'no entry holds the request');
  const reviews = reviewsOf(story, outcomes);
  const { decisionId } = story;
  const asked = { attempts, maskedAttempts, laterAttempts, toolAttempts };
  return { kind: 'decision', decision: { decisionId, first, input, ...asked, outcome, reviews, outcomes } };
}

function obstacle(code: ReplayObstacle, detail: string): ReadDecision {
  return { kind: 'obstacle', code, detail };
}

function entriesOf<Facts, Payload>(story: DecisionStory, type: EntryType): Recorded<Facts, Payload>[] {
  return story.entries.flatMap(({ header, payload }, i) => {
    if (header.type !== type) return [];
    // The header's type says which facts and which payload the entry carries.
    const typed = { facts: header.facts as unknown as Facts, payload: payload as Payload };
    return [{ at: `/entries/${i}`, header, ...typed }];
  });
}

function attemptsOf(story: DecisionStory): RecordedAttempt[] {
  const completions = entriesOf<CompletionFacts, CompletionPayload | null>(story, 'completion');
  return entriesOf<IntentFacts, IntentPayload>(story, 'intent').map((intent) => ({
    intent,
    completion: completions.find(({ header }) => header.callId === intent.header.callId) ?? null,
  }));
}

/** The request stands in the first intent, or in the outcome where nobody was asked. */
function inputOf(attempts: readonly RecordedAttempt[], outcome: RecordedOutcome) {
  const holder = attempts[0]?.intent ?? outcome;
  const request = holder.payload?.request ?? null;
  return request === null ? null : { at: `${holder.at}/payload/request`, request };
}

function reviewsOf(story: DecisionStory, outcomes: readonly RecordedOutcome[]): RecordedReview[] {
  const all = entriesOf<ReviewFacts, ReviewPayload>(story, 'review');
  // Whatever else people said or did leads to no outcome by itself.
  const final = all.filter(({ facts }) => facts.step === undefined);
  return final.map((review) => {
    const place = placeOf(review);
    const { task, reviewer } = review.facts;
    const earlier = all.filter((entry) => entry.facts.task === task && placeOf(entry) < place);
    const counted = earlier.filter(({ facts }) => facts.step === 'counted');
    const first = earlier.find(({ facts }) => facts.step === 'first' && facts.reviewer === reviewer) ?? null;
    const after = outcomes.find((outcome) => placeOf(outcome) === place + 1) ?? null;
    const before = outcomes.findLast((outcome) => placeOf(outcome) < place) ?? null;
    return { review, counted, first, before, after };
  });
}

function placeOf({ at }: { readonly at: string }): number {
  return Number(at.slice('/entries/'.length));
}
