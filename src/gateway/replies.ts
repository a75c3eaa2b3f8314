import { type DecisionStory, tellStory } from '../audit/story.ts';
import type { OutcomePayload } from '../audit/payload-content.ts';
import type { OutcomeFacts } from '../decision/entry.ts';
import { CountersignError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { StopVerdict, Verdict } from '../decision/verdict.ts';
import type { Judgement } from './judge.ts';
import { refusalError } from './refusal.ts';
import type { Cell } from './rooms.ts';
import type { Reply } from './submission.ts';

/** Body of a decided decision. These bytes are recorded before they are sent (I2). */
export function decidedBody(decisionId: DecisionId, decisionType: string, judgement: Judgement): string {
  return JSON.stringify({
    decisionId,
    decisionType,
    status: 'decided',
    decidedBy: 'model',
    outcome: judgement.outcome,
    answer: judgement.answer,
    band: judgement.band,
    confidence: judgement.score?.value ?? null,
  });
}

/** Body of a decision that waits for a person. It holds nothing of an answer. */
export function inReviewBody(
  decisionId: DecisionId,
  decisionType: string,
  verdicts: readonly Verdict[],
): string {
  return JSON.stringify({ decisionId, decisionType, status: 'in_review', reasons: reasonsOf(verdicts) });
}

function reasonsOf(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap((verdict) => (verdict.kind === 'pass' ? [] : verdict.reasons));
}

/** How a decision stands: its last outcome, and whose it is. */
export interface Standing {
  readonly tenant: string;
  readonly decisionType: string | null;
  readonly jurisdiction: string | null;
  readonly others: readonly string[];
  readonly facts: OutcomeFacts | null;
  readonly payload: OutcomePayload | null;
  /** Why an outcome's payload is lawfully not there any more; null otherwise. */
  readonly gone: 'erased' | 'expired' | null;
}

/** Read from the record: what `GET /v1/decisions/{id}` and a repeated idempotency key are answered with. */
export async function standing(cell: Cell, decisionId: DecisionId): Promise<Standing | null> {
  const story = await tellStory(cell.store, cell.keys, decisionId);
  // A record about a decision (a reading, an erasure, a model asked again) is none itself.
  if (story?.entries[0]?.header.about) return null;
  return story && standingOf(story);
}

export function standingOf(story: DecisionStory): Standing {
  const outcome = story.entries.findLast((entry) => entry.header.type === 'outcome');
  const first = story.entries[0];
  return {
    tenant: story.tenant,
    decisionType: first?.header.decisionType ?? null,
    jurisdiction: first?.header.jurisdiction ?? null,
    others: first?.header.others ?? [],
    facts: (outcome?.header.facts as OutcomeFacts | undefined) ?? null,
    payload: (outcome?.payload as OutcomePayload | undefined) ?? null,
    gone: outcome?.state === 'erased' || outcome?.state === 'expired' ? outcome.state : null,
  };
}

/** Answers a repeated idempotency key from the record of the first request; it never makes a call. */
export async function earlierReply(cell: Cell, decisionId: DecisionId): Promise<Reply> {
  const found = await standing(cell, decisionId);
  if (!found?.facts) throw new CountersignError('IDEMPOTENCY_IN_PROGRESS', { extra: { decisionId } });
  const { facts, payload } = found;
  if (facts.status === 'refused') {
    const stopped = facts.verdicts.find((verdict): verdict is StopVerdict => verdict.kind === 'refuse');
    if (!stopped) throw new CountersignError('INTERNAL', { extra: { decisionId } });
    throw refusalError(stopped, decisionId, {});
  }
  if (facts.status === 'decided' && found.gone !== null)
    throw new CountersignError('RECORD_GONE', { extra: { decisionId, state: found.gone } });
  const body =
    facts.status === 'decided'
      ? payload?.released
      : inReviewBody(decisionId, found.decisionType ?? '', facts.verdicts);
  if (body === null || body === undefined)
    throw new CountersignError('RECORD_ALTERED', { extra: { decisionId } });
  return {
    httpStatus: facts.status === 'decided' ? 200 : 202,
    body,
    decisionId,
    verdict: facts.status,
    endpoint: null,
    upstreamMs: 0,
    promise: null,
  };
}

/** Body of a decision that a person made. The model's answer stays with the reviewer and the record. */
export function reviewedBody(
  decisionId: DecisionId,
  decisionType: string,
  answer: { verdict: string; reasonCodes: readonly string[] },
): string {
  return JSON.stringify({
    decisionId,
    decisionType,
    status: 'decided',
    decidedBy: 'person',
    outcome: answer.verdict,
    reasonCodes: answer.reasonCodes,
  });
}
