import { type Static, Type } from 'typebox';
import type { SurfaceKind } from '../decision/surface.ts';

const Score = (description: string) => Type.Integer({ minimum: 1, maximum: 1001, description });
const Count = (description: string) => Type.Integer({ minimum: 1, description });

const Thresholds = Type.Object(
  {
    refuse: Score('Score in thousandths from which the input is refused; 1001 means never.'),
    review: Score('Score in thousandths from which a person decides; 1001 means never.'),
  },
  { additionalProperties: false, description: 'What follows from the highest score on a surface.' },
);

const Action = (description: string) =>
  Type.Union([Type.Literal('mask'), Type.Literal('refuse'), Type.Literal('review')], { description });

/** What becomes of an answer that carries what it should not. The same for every class of a group. */
export const OutputActionsSchema = Type.Object(
  {
    personalData: Action(
      'IBAN, payment card, e-mail address or national id that is not in the decision’s own inputs: replaced by its class, refused, or left to a person',
    ),
    secrets: Action(
      'private key, API key, token or canary: replaced by its class, refused, or left to a person',
    ),
  },
  { additionalProperties: false, description: 'what the output filter does with what it finds in an answer' },
);
export type OutputActions = Static<typeof OutputActionsSchema>;

/** The configuration of gate 3. */
export const ValidationPolicySchema = Type.Object(
  {
    thresholds: Type.Object(
      {
        chat: Thresholds,
        document: Thresholds,
        retrieved: Thresholds,
        tool_result: Thresholds,
        tool_call: Thresholds,
        output: Thresholds,
      },
      { additionalProperties: false, description: 'Detector thresholds for each surface.' },
    ),
    limits: Type.Object(
      {
        charactersMax: Count('Characters (UTF-16 units) of all surfaces of a request, documents included.'),
        textsMax: Count('Pieces of outside text in a request, those of documents included.'),
        documentsMax: Count('Documents in a request.'),
        documentBytesMax: Count('Bytes of one document.'),
        documentPagesMax: Count('Pages of one document.'),
        extractionTimeoutMs: Count('Time to read one document, in milliseconds; then its reader is killed.'),
        findingsMax: Count('Findings written into a verdict, highest scores first.'),
      },
      { additionalProperties: false, description: 'What is inspected at most; more is refused.' },
    ),
    canonical: Type.Object(
      {
        depthMax: Type.Integer({
          minimum: 0,
          maximum: 8,
          description: 'Encodings inside encodings that are opened.',
        }),
        viewsMax: Count('Readings of one text.'),
        expansionMax: Count('Characters of all readings of a text, as a multiple of its length.'),
      },
      {
        additionalProperties: false,
        description: 'How far encoded text is opened; what is deeper is refused.',
      },
    ),
  },
  {
    additionalProperties: false,
    description: 'Inspection of everything that comes from outside; what ships applies when it is left out.',
  },
);
export type ValidationPolicy = Static<typeof ValidationPolicySchema>;
export type Thresholds = ValidationPolicy['thresholds'][SurfaceKind];

/**
 * What ships. Documents and tool results tell facts, so an instruction in them weighs more than one
 * in a chat, where people do give orders; policies and manuals in retrieved text do so most of all.
 */
export const defaultValidationPolicy: ValidationPolicy = {
  thresholds: {
    chat: { refuse: 800, review: 600 },
    document: { refuse: 700, review: 500 },
    retrieved: { refuse: 800, review: 600 },
    tool_result: { refuse: 700, review: 500 },
    tool_call: { refuse: 800, review: 600 },
    output: { refuse: 800, review: 600 },
  },
  limits: {
    charactersMax: 400_000,
    textsMax: 20_000,
    documentsMax: 16,
    documentBytesMax: 10_485_760,
    documentPagesMax: 200,
    extractionTimeoutMs: 10_000,
    findingsMax: 50,
  },
  canonical: { depthMax: 3, viewsMax: 64, expansionMax: 8 },
};
