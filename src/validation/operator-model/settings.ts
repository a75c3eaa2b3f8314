import { type Static, Type } from 'typebox';

const Probability = (description: string) =>
  Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description });

/** A model of the operator's own beside the rules and the classifier. Nothing of it ships. */
export const OperatorModelSchema = Type.Object(
  {
    model: Type.String({
      minLength: 1,
      description: 'ONNX file, with its weights inside; relative to this file. Run by onnxruntime-node.',
    }),
    tokenizer: Type.String({
      minLength: 1,
      description: 'tokenizer.json of the model in the format of Hugging Face, of the kind WordPiece.',
    }),
    attackLabel: Type.Integer({
      minimum: 0,
      description: 'Which of the model’s outputs stands for an attack, counted from 0.',
    }),
    maxTokens: Type.Integer({
      minimum: 16,
      maximum: 8192,
      description:
        'Tokens that the model takes at once, its special ones included. Longer texts are shown in windows that overlap by a quarter.',
    }),
    timeoutMs: Type.Integer({
      minimum: 1,
      description:
        'Time for all texts of an inspection, in milliseconds; then the gate is closed and the input refused.',
    }),
    probabilities: Type.Optional(
      Type.Object(
        {
          review: Probability('from which a window reaches the review threshold of its surface'),
          refuse: Probability('from which a window reaches the refuse threshold of its surface'),
        },
        {
          additionalProperties: false,
          description:
            'Where the model’s probability of an attack meets the thresholds of the surfaces. Left out, its score is the probability in thousandths.',
        },
      ),
    ),
  },
  {
    additionalProperties: false,
    description:
      'A model of your own that is asked about every text. Its scores are recorded, so that a replay need not run it. Left out, no model is asked.',
  },
);
export type OperatorModelSettings = Static<typeof OperatorModelSchema>;
