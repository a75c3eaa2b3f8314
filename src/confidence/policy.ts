import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const probability = { minimum: 0, maximum: 1 } as const;

/** Instead of a field's name: the whole answer is free text, and releasing it is the favourable outcome. */
export const wholeAnswer = '*';

/** Which field of the answer is the recommendation, and which of its values favour the subject. */
export const OutcomeSchema = Type.Object(
  {
    field: Type.String({
      minLength: 1,
      description:
        'top-level field of the answer that holds the recommendation; "*" where the answer is free text',
    }),
    favourable: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      uniqueItems: true,
      description: 'values that favour the subject (approve, release)',
    }),
    unfavourable: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      uniqueItems: true,
      description: 'values that do not (decline, withhold)',
    }),
  },
  { ...closed, description: 'what the model recommends and what a reviewer may answer' },
);
export type OutcomePolicy = Static<typeof OutcomeSchema>;

/** Where the score comes from: the probability that the favourable outcome is right. */
export const ScoreSchema = Type.Union(
  [
    Type.Object(
      {
        source: Type.Literal('field', { description: 'the answer states the probability itself' }),
        field: Type.String({
          minLength: 1,
          description: 'top-level field that holds the probability of the favourable outcome, 0 to 1',
        }),
      },
      closed,
    ),
    Type.Object(
      {
        source: Type.Literal('logprobs', {
          description: 'from the log-probabilities of the answer’s tokens',
        }),
        field: Type.String({
          minLength: 1,
          description:
            'field whose tokens count: the outcome’s own, or "*" for the geometric mean over the whole answer',
        }),
      },
      closed,
    ),
  ],
  { description: 'where the probability that the favourable outcome is right comes from' },
);
export type ScorePolicy = Static<typeof ScoreSchema>;

/** A band set as somebody typed it in. Nothing here has a default: each value decides about people. */
export const BandsSchema = Type.Object(
  {
    id: Type.String({ minLength: 1, description: 'id of the band set, as records name it' }),
    basis: Type.Literal('configured', { description: 'the thresholds were typed in, not certified' }),
    tLow: Type.Number({ ...probability, description: 'scores up to here are in the low band, 0 to 1' }),
    tHigh: Type.Number({
      ...probability,
      description: 'scores from here are in the high band, 0 to 1; above tLow',
    }),
    autoDecide: Type.Boolean({ description: 'whether the high band decides although nothing certifies it' }),
    low: Type.Literal('escalate', { description: 'the low band goes to a person, marked as escalated' }),
  },
  { ...closed, description: 'thresholds that part the scores into a low, a middle and a high band' },
);

/** What each mistake and each review costs. */
export const CostsSchema = Type.Object(
  {
    falseApprove: Type.Number({
      exclusiveMinimum: 0,
      description: 'cost of a favourable outcome that was wrong',
    }),
    falseDecline: Type.Number({
      exclusiveMinimum: 0,
      description: 'cost of an unfavourable outcome that was wrong',
    }),
    review: Type.Number({ exclusiveMinimum: 0, description: 'cost of one review by a person' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code of the unit of the costs' }),
  },
  { ...closed, description: 'costs of mistakes and of review, in one unit' },
);

/** A contradiction that the schemas cannot express, with the path inside `type.yaml`. */
export interface PolicyProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** Every contradiction between the parts of one decision type's policy; empty when there is none. */
export function policyProblems(policy: {
  outcome: OutcomePolicy;
  score: ScorePolicy;
  bands: { readonly tLow: number; readonly tHigh: number };
}): PolicyProblem[] {
  const { outcome, score, bands } = policy;
  const problems: PolicyProblem[] = [];
  if (!areThresholds(bands)) {
    problems.push({ path: ['bands', 'tHigh'], message: 'must be above tLow, and both within 0 to 1' });
  }
  if (outcome.unfavourable.some((value) => outcome.favourable.includes(value))) {
    problems.push({ path: ['outcome', 'unfavourable'], message: 'shares a value with favourable' });
  }
  if (score.source === 'logprobs' && score.field !== outcome.field && score.field !== wholeAnswer) {
    problems.push({
      path: ['score', 'field'],
      message: `must be "${outcome.field}", the outcome’s field, or "*"`,
    });
  }
  return problems;
}

/** True when the thresholds part [0, 1] into three bands. */
export function areThresholds(bands: { readonly tLow: number; readonly tHigh: number }): boolean {
  return bands.tLow >= 0 && bands.tLow < bands.tHigh && bands.tHigh <= 1;
}
