import type { DecisionStory, ToldEntry } from '../audit/story.ts';
import type { CompletionPayload, IntentPayload, OutcomePayload } from '../audit/payload-content.ts';
import type { CompletionFacts, IntentFacts, OutcomeFacts, RefusalFacts } from '../decision/entry.ts';
import { StageError } from './stage-error.ts';

interface Kinds {
  intent: { facts: IntentFacts; payload: IntentPayload };
  completion: { facts: CompletionFacts; payload: CompletionPayload | null };
  outcome: { facts: OutcomeFacts; payload: OutcomePayload | null };
  refusal: { facts: RefusalFacts; payload: null };
}

/** The last entry of a kind in a record, as its auditor reads it. @throws StageError when there is none */
export function recorded<Kind extends keyof Kinds>(
  story: DecisionStory,
  kind: Kind,
): ToldEntry & Kinds[Kind] {
  const entry = story.entries.findLast((candidate) => candidate.header.type === kind);
  if (!entry) throw new StageError(`the record of ${story.decisionId} has no ${kind}`);
  // The header's type says which facts and which payload the entry carries.
  return { ...entry, facts: entry.header.facts } as unknown as ToldEntry & Kinds[Kind];
}
