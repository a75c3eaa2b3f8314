import type { OutcomePayload } from '../audit/payload-content.ts';
import type { DecisionTypeConfig } from '../config/decision-type-schema.ts';
import { digestOf } from '../decision/canonical.ts';
import type { OutcomeFacts } from '../decision/entry.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { detectOnlySurfaces } from '../decision/verdict.ts';
import { writeChatAnswer } from '../models/openai/chat.ts';
import { writeEmbeddingAnswer } from '../models/openai/embeddings.ts';
import type { Dialect, ModelAnswer } from './dialect.ts';
import type { Judgement } from './judge.ts';
import { decidedBody, reviewedBody } from './replies.ts';

/*
 * What the seal of a decision says. All of it is pure, so that a replay makes it again from the record (I7).
 * Keys of facts stand in the order of canonical JSON: then nothing has to be sorted.
 */

export function outcomeFacts(
  { bands, purpose }: Pick<DecisionTypeConfig, 'bands' | 'purpose'>,
  judgement: Judgement,
  end: Pick<
    OutcomeFacts,
    'counterfactual' | 'decidedBy' | 'releasedDigest' | 'reviewTask' | 'status' | 'verdicts'
  >,
): OutcomeFacts {
  const detectOnly = detectOnlySurfaces(end.verdicts);
  const { basis, id, tHigh, tLow } = bands;
  return {
    band: judgement.band,
    // An embedding is no decision about a person: no band set has a say in it.
    bandSet: purpose === 'embedding' ? null : { basis, id, tHigh, tLow },
    ...(end.counterfactual === undefined ? {} : { counterfactual: end.counterfactual }),
    decidedBy: end.decidedBy,
    ...(detectOnly === null ? {} : { detectOnly }),
    kind: 'outcome',
    releasedDigest: end.releasedDigest,
    reviewTask: end.reviewTask,
    score: judgement.score && { source: judgement.score.source, value: judgement.score.value },
    status: end.status,
    verdicts: end.verdicts,
  };
}

/** The exact body that a caller gets of a decision that a model made. */
export function releasedBody(
  decision: {
    readonly dialect: Dialect;
    readonly decisionId: DecisionId;
    readonly decisionType: string;
  },
  judgement: Judgement,
  answer: ModelAnswer,
): string {
  const { dialect, decisionId, decisionType } = decision;
  if (answer.kind === 'embedding') return JSON.stringify(writeEmbeddingAnswer(answer));
  return dialect === 'openai-chat'
    ? JSON.stringify(writeChatAnswer(`chatcmpl-${decisionId}`, answer, judgement))
    : decidedBody(decisionId, decisionType, judgement);
}

/** The judgement of an input that a person must see before any model is asked. */
export function unaskedJudgement(texts: readonly SurfaceText[]): Judgement {
  return {
    status: 'in_review',
    verdicts: [],
    outcome: null,
    answer: {
      unasked: true,
      texts: texts.map(({ surface, origin, hidden }) => ({ surface, origin, hidden: hidden === true })),
    },
    text: '',
    toolCalls: [],
    score: null,
    band: null,
    reviewOrigin: 'validation',
  };
}

/** Whether a person says something else than the model recommended. */
export function isOverride(model: Pick<OutcomePayload, 'outcome'> | null, verdict: string): boolean {
  return model?.outcome !== verdict;
}

/** The outcome that reviewers' answers lead to. */
export function reviewedOutcome(
  decision: { readonly decisionId: DecisionId; readonly decisionType: string; readonly task: string },
  before: { readonly facts: OutcomeFacts; readonly payload: OutcomePayload | null },
  answer: { readonly verdict: string; readonly reasonCodes: readonly string[] },
): { facts: OutcomeFacts; payload: OutcomePayload } {
  const body = reviewedBody(decision.decisionId, decision.decisionType, answer);
  const { band, bandSet, score } = before.facts;
  return {
    facts: {
      band,
      bandSet,
      decidedBy: 'person',
      kind: 'outcome',
      releasedDigest: digestOf(body),
      reviewTask: decision.task,
      score,
      status: 'decided',
      verdicts: [],
    },
    payload: {
      schema: 2,
      request: null,
      outcome: answer.verdict,
      answer: before.payload?.answer ?? null,
      released: body,
    },
  };
}
