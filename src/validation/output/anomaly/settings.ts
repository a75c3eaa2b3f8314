import { type Static, Type } from 'typebox';

/** `outputProfile` of a decision type. */
export const OutputProfileSchema = Type.Object(
  {
    warmupAnswers: Type.Integer({
      minimum: 20,
      description: 'answers that the profile of an endpoint is made from before anything is held against it',
    }),
    tolerance: Type.Number({
      minimum: 3,
      maximum: 20,
      description:
        'robust standard deviations from the median, on a logarithmic scale, that are still usual; 6 reads well',
    }),
    action: Type.Union([Type.Literal('record'), Type.Literal('review'), Type.Literal('refuse')], {
      description: 'what becomes of an unusual answer: recorded only, left to a person, or refused',
    }),
  },
  {
    additionalProperties: false,
    description:
      'holds each answer against those before it of the same type, version and endpoint; no such check when left out',
  },
);
export type OutputProfileSettings = Static<typeof OutputProfileSchema>;
