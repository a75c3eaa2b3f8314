import { type Static, Type } from 'typebox';
import { CountersignError } from '../decision/errors.ts';
import type { OutcomePolicy } from './policy.ts';

/** The commentary on Regulation B, 12 CFR 1002.9(b)(2), expects no help from more than four reasons. */
const reasonCodesMax = 4;

/** What a reviewer sends. The note is free text and goes into an encrypted payload only. */
export const ReviewAnswerSchema = Type.Object(
  {
    verdict: Type.String({
      description: 'one of the favourable or unfavourable values of the decision type',
    }),
    reasonCodes: Type.Array(Type.String(), {
      description: 'one to four codes of the decision type’s reasons, the most important first',
    }),
    note: Type.Optional(Type.String({ maxLength: 10_000, description: 'free text, kept encrypted' })),
  },
  { additionalProperties: false },
);
export type ReviewAnswer = Static<typeof ReviewAnswerSchema>;

/**
 * @throws CountersignError REQUEST_INVALID when the verdict is none of the type's,
 *   REASON_CODE_UNKNOWN when the codes are not one to four different ones of its list
 */
export function checkAnswer(
  answer: ReviewAnswer,
  outcome: OutcomePolicy,
  reasonCodes: readonly string[],
): void {
  if (![...outcome.favourable, ...outcome.unfavourable].includes(answer.verdict)) {
    const verdicts = [...outcome.favourable, ...outcome.unfavourable].join(', ');
    throw new CountersignError('REQUEST_INVALID', { detail: `The verdict must be one of: ${verdicts}.` });
  }
  const given = new Set(answer.reasonCodes);
  const inRange = given.size >= 1 && answer.reasonCodes.length <= reasonCodesMax;
  if (
    !inRange ||
    given.size < answer.reasonCodes.length ||
    !answer.reasonCodes.every((code) => reasonCodes.includes(code))
  ) {
    throw new CountersignError('REASON_CODE_UNKNOWN', { extra: { reasonCodes } });
  }
}
