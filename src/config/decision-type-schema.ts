import { type Static, Type } from 'typebox';
import { BandsSchema, CostsSchema, OutcomeSchema, ScoreSchema } from '../confidence/policy.ts';
import { ReviewSchema } from '../confidence/review-policy.ts';
import { surfaceKinds } from '../decision/surface.ts';
import { OutputProfileSchema } from '../validation/output/anomaly/settings.ts';
import { CompareRenderingSchema, OutputActionsSchema } from '../validation/policy.ts';
import { ToolPolicySchema } from '../tools/declaration.ts';
import { SecretReferenceSchema } from './secret.ts';

const closed = { additionalProperties: false } as const;

/** `decision-types/<name>/type.yaml`. */
export const DecisionTypeSchema = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,62}$',
      description: 'name of the type; equals its folder',
    }),
    version: Type.String({ minLength: 1, description: 'your version of the type; a date reads well' }),
    description: Type.String({ description: 'what is decided, for whom' }),
    dataClass: Type.String({ description: 'least data class of its requests; a caller may raise it' }),
    model: Type.String({ description: 'model id as endpoints offer it' }),
    purpose: Type.Optional(
      Type.Enum(['inference', 'embedding'], {
        description:
          'what its requests are sent to a model for: inference when left out; embedding serves /v1/embeddings and decides nothing',
      }),
    ),
    parameters: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean()]), {
      description: 'parameters sent with every call (temperature, seed, max_tokens, …)',
    }),
    prompt: Type.Union(
      [
        Type.Literal('none', { description: 'the caller’s messages are sent as they are' }),
        Type.Object(
          {
            id: Type.String({ description: 'id of the prompt in prompt.md' }),
            version: Type.String({ description: 'version of the prompt' }),
          },
          closed,
        ),
      ],
      { description: 'the system prompt, in prompt.md beside this file' },
    ),
    surfaces: Type.Array(Type.Enum(surfaceKinds), {
      minItems: 1,
      description: 'where outside text may enter; others are refused',
    }),
    delimit: Type.Optional(
      Type.Enum(['toolResults', 'none'], {
        description:
          'in drop-in requests: toolResults sets tool messages apart as data, between marks that nobody can guess, and says so in a system message; when left out, toolResults with a prompt of ours and none without one',
      }),
    ),
    counterfactual: Type.Optional(
      Type.Enum(['on', 'off'], {
        description:
          'off sends every suspicion to a person unasked; when left out, validation.counterfactual of countersign.yaml applies wherever answers can be compared: with output.schema.json and an outcome field',
      }),
    ),
    documents: Type.Optional(
      Type.Object(
        { compareRendering: CompareRenderingSchema },
        { ...closed, description: 'how its documents are read; when left out, as countersign.yaml says' },
      ),
    ),
    tools: Type.Optional(ToolPolicySchema),
    outcome: OutcomeSchema,
    score: ScoreSchema,
    bands: BandsSchema,
    costs: CostsSchema,
    output: OutputActionsSchema,
    outputProfile: Type.Optional(OutputProfileSchema),
    review: ReviewSchema,
    retention: Type.Object(
      {
        class: Type.String({ description: 'name of the retention class' }),
        years: Type.Integer({ minimum: 1, description: 'years the record is kept' }),
        clockStart: Type.Union(
          [Type.Literal('decision'), Type.Literal('account-closed'), Type.Literal('notice')],
          {
            description: 'event from which the years run',
          },
        ),
      },
      { ...closed, description: 'how long records of this type are kept' },
    ),
    webhook: Type.Union(
      [
        Type.Literal('none'),
        Type.Object(
          {
            endpoint: Type.String({ description: 'id of an endpoint with the purpose webhook' }),
            secret: SecretReferenceSchema,
          },
          closed,
        ),
      ],
      { description: 'who is told when a decision’s status changes' },
    ),
  },
  { ...closed, $id: 'urn:countersign:schema:decision-type-1', title: 'type.yaml' },
);
export type DecisionTypeConfig = Static<typeof DecisionTypeSchema>;

/** `decision-types/<name>/reasons.yaml`: the principal reasons a reviewer may give. */
export const ReasonsSchema = Type.Array(
  Type.Object(
    {
      code: Type.String({ pattern: '^[A-Z][A-Z0-9_-]{0,31}$', description: 'code of the reason' }),
      text: Type.String({ description: 'the reason as the person concerned would read it' }),
    },
    closed,
  ),
  { minItems: 1, $id: 'urn:countersign:schema:reasons-1', title: 'reasons.yaml' },
);
