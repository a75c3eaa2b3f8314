import { type Static, type TOptional, Type } from 'typebox';
import type { SurfaceKind } from '../decision/surface.ts';
import { OperatorModelSchema } from './operator-model/settings.ts';
import { type OutputClass, outputClasses } from './output/candidate.ts';

const Score = (description: string) => Type.Integer({ minimum: 1, maximum: 1001, description });
const Count = (description: string) => Type.Integer({ minimum: 1, description });

const Thresholds = Type.Object(
  {
    refuse: Score('Score in thousandths from which the input is refused; 1001 means never.'),
    review: Score('Score in thousandths from which a person decides; 1001 means never.'),
  },
  { additionalProperties: false, description: 'What follows from the highest score on a surface.' },
);

/** The ways in. What leaves is always enforced: a leak that was only told of has happened. */
export const inwardSurfaces = ['chat', 'document', 'retrieved', 'tool_result'] as const;

const DetectOnly = Type.Object(
  {
    surfaces: Type.Union(
      [Type.Literal('all'), Type.Array(Type.Enum(inwardSurfaces), { minItems: 1, uniqueItems: true })],
      { description: 'where findings stop nothing: "all", or surfaces by name' },
    ),
    decisionTypes: Type.Union(
      [Type.Literal('all'), Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true })],
      { description: 'for which decision types: "all", or types by name' },
    ),
  },
  {
    additionalProperties: false,
    description:
      'For a roll-out: here detectors tell what they see and stop nothing. Every record made under it says so, and an alert is raised at each start. What could not be read or inspected is refused as ever. Left out, everything is enforced.',
  },
);

const Action = (description: string) =>
  Type.Union([Type.Literal('mask'), Type.Literal('refuse'), Type.Literal('review')], { description });

/** What becomes of an answer that carries what it should not: by group, and where it is named, by class. */
export const OutputActionsSchema = Type.Object(
  {
    personalData: Action(
      'personal data that is not in the decision’s own inputs: replaced by its class, refused, or left to a person',
    ),
    secrets: Action(
      'private key, API key, token, password or canary: replaced by its class, refused, or left to a person',
    ),
    classes: Type.Optional(
      Type.Object(
        Object.fromEntries(
          outputClasses.map((name) => [name, Type.Optional(Action(`the same for ${name} alone`))]),
        ) as Record<OutputClass, TOptional<ReturnType<typeof Action>>>,
        { additionalProperties: false, description: 'classes that are treated otherwise than their group' },
      ),
    ),
  },
  { additionalProperties: false, description: 'what the output filter does with what it finds in an answer' },
);
export type OutputActions = Static<typeof OutputActionsSchema>;

/** When the pages of a PDF are drawn and what is seen is compared with what is stored. */
export const CompareRenderingSchema = Type.Union(
  [Type.Literal('always'), Type.Literal('suspicion'), Type.Literal('never')],
  {
    description:
      '`always`; on `suspicion`, when the structure shows concealed text, pictures in place of text or fonts that may not be what they say; `never`: text in pictures then stays unread',
  },
);

/** The configuration of gate 3. */
export const ValidationPolicySchema = Type.Object(
  {
    counterfactual: Type.Optional(
      Type.Enum(['on', 'off'], {
        description:
          'Whether a suspicion, where answers can be compared, is settled by asking twice: as it is, and with the suspect passages withheld. A changed outcome goes to a person with both answers. Off, and where this is left out, every suspicion goes to a person unasked.',
      }),
    ),
    detectOnly: Type.Optional(DetectOnly),
    onnx: Type.Optional(OperatorModelSchema),
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
    documents: Type.Object(
      {
        compareRendering: CompareRenderingSchema,
        viewedMax: Count(
          'Pages and pictures of one document that are drawn and read by character recognition.',
        ),
        viewingTimeoutMs: Count('Time to draw and read them, in milliseconds; then their reader is killed.'),
        attachmentsMax: Count('Attachments of one document, those inside attachments included.'),
        attachmentDepthMax: Type.Integer({
          minimum: 0,
          maximum: 8,
          description: 'Attachments inside attachments that are opened; what is deeper is refused.',
        }),
        expandedBytesMax: Count('Bytes that may come out of one document when it is unpacked.'),
      },
      { additionalProperties: false, description: 'How documents are opened and looked at.' },
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
  counterfactual: 'on',
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
  documents: {
    compareRendering: 'suspicion',
    viewedMax: 20,
    viewingTimeoutMs: 60_000,
    attachmentsMax: 50,
    attachmentDepthMax: 3,
    expandedBytesMax: 104_857_600,
  },
  canonical: { depthMax: 3, viewsMax: 64, expansionMax: 8 },
};
