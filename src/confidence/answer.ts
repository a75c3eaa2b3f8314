import { type Static, Type } from 'typebox';
import { CountersignError } from '../decision/errors.ts';
import type { OutcomePolicy } from './policy.ts';

/** The commentary on Regulation B, 12 CFR 1002.9(b)(2), expects no help from more than four reasons. */
const reasonCodesMax = 4;

const EvidenceHash = Type.String({
  pattern: '^sha256:[0-9a-f]{64}$',
  description: 'evidenceHash of the task as it was read: what the answer is about',
});
const Note = Type.Optional(Type.String({ maxLength: 10_000, description: 'free text, kept encrypted' }));

/** What a reviewer sends. The note is free text and goes into an encrypted payload only. */
export const ReviewAnswerSchema = Type.Object(
  {
    verdict: Type.String({
      description: 'one of the favourable or unfavourable values of the decision type',
    }),
    reasonCodes: Type.Array(Type.String(), {
      description: 'one to four codes of the decision type’s reasons, the most important first',
    }),
    evidenceHash: EvidenceHash,
    note: Note,
  },
  { additionalProperties: false },
);
export type ReviewAnswer = Static<typeof ReviewAnswerSchema>;

/** What the reviewer of a blind task says before the model's answer is shown. */
export const FirstAnswerSchema = Type.Object(
  {
    verdict: Type.String({
      description: 'one of the favourable or unfavourable values of the decision type',
    }),
    evidenceHash: EvidenceHash,
    note: Note,
  },
  { additionalProperties: false },
);
export type FirstAnswer = Static<typeof FirstAnswerSchema>;

/**
 * @throws CountersignError REQUEST_INVALID when the verdict is none of the type's,
 *   REASON_CODE_UNKNOWN when the codes are not one to four different ones of its list
 */
export function checkAnswer(
  answer: Pick<ReviewAnswer, 'verdict' | 'reasonCodes'>,
  outcome: OutcomePolicy,
  reasonCodes: readonly string[],
): void {
  checkVerdict(answer.verdict, outcome);
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

/** @throws CountersignError REQUEST_INVALID when the verdict is none of the type's */
export function checkVerdict(verdict: string, outcome: OutcomePolicy): void {
  const verdicts = [...outcome.favourable, ...outcome.unfavourable];
  if (verdicts.includes(verdict)) return;
  throw new CountersignError('REQUEST_INVALID', {
    detail: `The verdict must be one of: ${verdicts.join(', ')}.`,
  });
}
