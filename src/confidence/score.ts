import { fieldSpan } from './json-span.ts';
import { type OutcomePolicy, type ScorePolicy, wholeAnswer } from './policy.ts';

/** A model's answer as far as the score needs it. */
export interface Answer {
  /** The answer parsed as JSON; null when it is none. */
  readonly parsed: unknown;
  readonly text: string;
  /** One element per token of the text, in order; null where the endpoint gives none. */
  readonly logprobs: readonly { readonly token: string; readonly logprob: number }[] | null;
}

/** The probability, 0 to 1, that the favourable outcome is right, and where it came from. */
export interface Score {
  readonly value: number;
  /** `field:<name>` or `logprobs:<name>`. */
  readonly source: string;
}

/** Which side of the outcome an answer is on; null when its value is on neither. */
export type Recommendation = 'favourable' | 'unfavourable';

export function recommendation(answer: Answer, outcome: OutcomePolicy): Recommendation | null {
  if (outcome.field === wholeAnswer) return 'favourable';
  const value = ownField(answer.parsed, outcome.field);
  if (typeof value !== 'string') return null;
  if (outcome.favourable.includes(value)) return 'favourable';
  return outcome.unfavourable.includes(value) ? 'unfavourable' : null;
}

/** Null when the answer carries no usable score; never throws, whatever a model wrote. */
export function score(answer: Answer, spec: ScorePolicy, outcome: OutcomePolicy): Score | null {
  const value = spec.source === 'field' ? stated(answer, spec.field) : computed(answer, spec.field, outcome);
  return value === null ? null : { value, source: `${spec.source}:${spec.field}` };
}

function stated(answer: Answer, field: string): number | null {
  const value = ownField(answer.parsed, field);
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : null;
}

/** The score from the tokens' probabilities, which speak for the answer: turned round when it is unfavourable. */
function computed(answer: Answer, field: string, outcome: OutcomePolicy): number | null {
  const side = recommendation(answer, outcome);
  if (side === null || answer.logprobs === null) return null;
  const logarithms =
    field === wholeAnswer
      ? everyToken(answer.text, answer.logprobs)
      : valueTokens(answer, answer.logprobs, field);
  // A logarithm above zero is no probability; then nothing else in the list can be trusted either.
  if (logarithms === null || !logarithms.every((each) => Number.isFinite(each) && each <= 0)) return null;
  const sum = logarithms.reduce((total, each) => total + each, 0);
  const probability = Math.exp(field === wholeAnswer ? sum / logarithms.length : sum);
  // Engines may differ in the last bits of exp; millionths make the record replay the same (I7).
  return Math.round((side === 'favourable' ? probability : 1 - probability) * 1e6) / 1e6;
}

function everyToken(text: string, tokens: NonNullable<Answer['logprobs']>): number[] | null {
  if (tokens.length === 0 || tokens.map(({ token }) => token).join('') !== text) return null;
  return tokens.map(({ logprob }) => logprob);
}

/** The logarithms of the tokens that touch the field's value; null unless tokens and text agree up to its end. */
function valueTokens(
  answer: Answer,
  tokens: NonNullable<Answer['logprobs']>,
  field: string,
): number[] | null {
  const value = ownField(answer.parsed, field);
  const span = typeof value === 'string' ? fieldSpan(answer.text, field) : null;
  if (span === null || answer.text.slice(span.start, span.end) !== JSON.stringify(value)) return null;
  // Without the quotes, which the grammar forces. An escaped value would not have been equal above.
  const start = span.start + 1;
  const end = span.end - 1;
  const logarithms: number[] = [];
  let at = 0;
  for (const { token, logprob } of tokens) {
    if (at >= end) break;
    const next = at + token.length;
    if (!answer.text.startsWith(token, at)) return null;
    if (next > start && next > at) logarithms.push(logprob);
    at = next;
  }
  return at >= end && logarithms.length > 0 ? logarithms : null;
}

function ownField(parsed: unknown, field: string): unknown {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  return Object.getOwnPropertyDescriptor(parsed, field)?.value;
}
