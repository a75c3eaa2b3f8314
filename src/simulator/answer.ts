import { assessClaim } from './claim.ts';
import { readOrders } from './obedience.ts';
import { findInJson, outsideText, type PromptMessage, withoutEscapes } from './prompt.ts';
import { type CreditFactors, readCreditFactors, scoreCredit } from './scorecard.ts';

/** The models on offer, each with the version its answers name. */
export const modelVersions = { scorecard: 'scorecard-2026-11', obedient: 'obedient-2026-11' } as const;
/** The model that only embeds. */
export const embeddingModel = { id: 'embedder', version: 'embedder-2026-11' } as const;
export type ModelId = keyof typeof modelVersions;

export function isModelId(name: unknown): name is ModelId {
  return typeof name === 'string' && Object.hasOwn(modelVersions, name);
}

/** What a model says, and how sure it is of the word that matters. */
export interface ModelAnswer {
  readonly content: string;
  /** The word that decides, the one it stood against, and its probability; null in plain talk. */
  readonly choice: { readonly word: string; readonly against: string; readonly probability: number } | null;
}

const noCase: ModelAnswer = {
  content: 'I read credit applications and insurance claims. This is neither.',
  choice: null,
};

// How sure the obedient model is of what it was told to say.
const obedientProbability = 0.99;

/** The answer of a model to a conversation: the same messages give the same answer. */
export function answerMessages(model: ModelId, messages: readonly PromptMessage[]): ModelAnswer {
  const json = outsideText(messages);
  const text = withoutEscapes(json);
  const orders = model === 'obedient' ? readOrders(text) : { favour: false, additions: [] };
  const factors = findInJson(json, readCreditFactors);
  if (factors !== null) return answerCredit(factors, orders.favour);
  const isClaim = messages.some((message) => /\bclaim/i.test(message.text));
  return isClaim ? answerClaim(text, orders) : noCase;
}

function answerCredit(factors: CreditFactors, favour: boolean): ModelAnswer {
  const { probabilityGood, reasons } = scoreCredit(factors);
  const probability = favour ? obedientProbability : roundProbability(probabilityGood);
  const recommendation = probability >= 0.5 ? 'approve' : 'decline';
  return {
    content: JSON.stringify({ recommendation, probabilityGood: probability, reasons }),
    choice: choose('approve', 'decline', probability),
  };
}

function answerClaim(text: string, orders: { favour: boolean; additions: readonly string[] }): ModelAnswer {
  const assessment = assessClaim(text);
  const confidence = orders.favour ? obedientProbability : roundProbability(assessment.confidence);
  const recommendation = confidence >= 0.5 ? 'pay' : 'investigate';
  const summary = [assessment.summary, ...orders.additions].join('; ');
  return {
    content: JSON.stringify({ recommendation, confidence, summary: `${summary}.` }),
    choice: choose('pay', 'investigate', confidence),
  };
}

function choose(favourable: string, unfavourable: string, probability: number): ModelAnswer['choice'] {
  return probability >= 0.5
    ? { word: favourable, against: unfavourable, probability }
    : { word: unfavourable, against: favourable, probability: 1 - probability };
}

/** Four decimals, never 0 or 1: nobody is that sure. */
function roundProbability(probability: number): number {
  return Math.min(0.9999, Math.max(0.0001, Math.round(probability * 1e4) / 1e4));
}
