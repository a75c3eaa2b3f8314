import { createHash } from 'node:crypto';
import type { Finding } from '../decision/finding.ts';
import type { Digest } from '../decision/ids.ts';
import type { InspectedInput } from '../decision/passage.ts';
import type { ReasonCode } from '../decision/reason.ts';
import type { SurfaceDocument, SurfaceKind, SurfaceText } from '../decision/surface.ts';
import { type StopVerdict, stop, type Verdict } from '../decision/verdict.ts';
import { digestOf } from '../decision/canonical.ts';
import { surfacesDetectOnly, underMode } from './detect-only.ts';
import { createDetector, type Detector, restoreDetector, type StoredDetector } from './detector.ts';
import { createDocumentReader, type DocumentReader, type ReadingLimits } from './document/document-reader.ts';
import { type Extraction, type ExtractedPiece, isConcealed } from './document/extraction.ts';
import type { Isolation } from './document/sandbox.ts';
import { judge } from './judgement.ts';
import type { OperatorModel } from './operator-model/operator-model.ts';
import { type RecordedScores, withRecordedScores } from './operator-model/recorded-scores.ts';
import { defaultValidationPolicy, type ValidationPolicy } from './policy.ts';

export interface Submitted {
  readonly texts: readonly SurfaceText[];
  readonly documents: readonly SurfaceDocument[];
  /** For decision types that look closer, or less close, than the policy. */
  readonly compareRendering?: ReadingLimits['compareRendering'] | undefined;
  /** Where detectors may be set to only tell what they see; unnamed, everything is enforced. */
  readonly decisionType?: string;
  /** What the operator's model made of the texts, documents' included, on an earlier day: it is not asked again. */
  readonly operatorScores?: readonly RecordedScores[] | undefined;
}

export interface Inspection {
  readonly verdict: Verdict;
  /** The passage to the model; null when the input is refused. */
  readonly inspected: InspectedInput | null;
  /**
   * The texts that came in, and those that were found in documents. Hidden ones are marked; where a model of the
   * operator's own was asked, all have its scores.
   */
  readonly texts: readonly SurfaceText[];
  /** What kept the parsers of the documents from the machine; absent without documents. */
  readonly isolation?: Isolation;
}

export interface ValidationGate {
  /** What a release manifest names. */
  readonly name: string;
  readonly version: string;
  /** Rules, thresholds and limits as canonical JSON, and the digest of it. */
  readonly content: string;
  readonly digest: Digest;
  /** The weights of the classifier: a part of the release beside the content, which names their digest. */
  readonly weights: Detector['weights'];
  readonly policy: ValidationPolicy;
  /** Where detectors of a decision type only tell what they see; empty where all is enforced. */
  surfacesDetectOnly(decisionType: string): readonly SurfaceKind[];
  /** A verdict that was reached beside this gate, with the mode that this gate is in for a decision type. */
  underMode(verdict: Verdict, decisionType: string): Verdict;
  /** Never rejects: a gate that fails is closed, and its verdict says so (I6). */
  inspect(input: Submitted): Promise<Inspection>;
  close(): Promise<void>;
}

export interface GateOptions {
  readonly policy?: ValidationPolicy;
  readonly reader?: DocumentReader;
  /** The model that the policy names, loaded. Closing the gate closes it. */
  readonly operatorModel?: OperatorModel | null;
  /** Told of faults, for the log. A verdict only names their kind. */
  readonly onFault?: (fault: unknown) => void;
}

/** Name of the release's part that holds the weights of the classifier, as base64. */
export const weightsPart = 'validation-weights';

/** That part: stored once by its content, however often the policy changes. */
export function weightsOf({ weights }: ValidationGate) {
  if (weights === null) return [];
  return [{ name: weightsPart, version: weights.digest.slice(7, 19), content: weights.base64 }];
}

const genuine = new WeakSet<object>();

/** Whether a value was made by this gate: what the type says, proven at run time. */
export function isInspected(value: unknown): value is InspectedInput {
  return typeof value === 'object' && value !== null && genuine.has(value);
}

/** Gate 3: every surface of a request through one function, whatever route it came by (I4). */
export function createValidationGate(options: GateOptions = {}): ValidationGate {
  const { policy = defaultValidationPolicy, operatorModel = null } = options;
  if ((policy.onnx === undefined) !== (operatorModel === null))
    throw new TypeError('a model of the operator is loaded where the policy names one, and nowhere else');
  return gateOf(createDetector(policy, undefined, operatorModel?.digests ?? null), options);
}

/** The gate of an earlier day, from what a release keeps of it. Closing it closes the reader it was given. */
export function restoreValidationGate(
  stored: StoredDetector,
  options: Omit<GateOptions, 'operatorModel' | 'policy'>,
): ValidationGate {
  return gateOf(restoreDetector(stored), options);
}

function gateOf(detector: Detector, options: GateOptions): ValidationGate {
  const { policy } = detector;
  const { reader = createDocumentReader(), operatorModel = null } = options;
  const inspectSafely = async (input: Submitted): Promise<Inspection> => {
    try {
      return await inspect(input, policy, detector, { reader, operatorModel });
    } catch (fault) {
      options.onFault?.(fault);
      const detail = fault instanceof Error ? fault.name : 'unknown';
      return refused(input.texts, stop('refuse', 'validation', 'VALIDATION_FAILED', { detail }));
    }
  };
  return {
    name: 'validation-rules',
    version: detector.version,
    content: detector.content,
    digest: digestOf(detector.content),
    weights: detector.weights,
    policy,
    surfacesDetectOnly: (decisionType) => surfacesDetectOnly(policy, decisionType),
    underMode: (verdict, decisionType) => underMode(verdict, surfacesDetectOnly(policy, decisionType)),
    async inspect(input) {
      const found = await inspectSafely(input);
      const inspection =
        input.documents.length === 0 ? found : { ...found, isolation: await reader.isolation() };
      const { verdict } = inspection;
      if (verdict.detectOnly !== undefined) return inspection;
      return { ...inspection, verdict: underMode(verdict, surfacesDetectOnly(policy, input.decisionType)) };
    },
    async close() {
      reader.close();
      await operatorModel?.close();
    },
  };
}

async function inspect(
  input: Submitted,
  policy: ValidationPolicy,
  detector: Detector,
  { reader, operatorModel }: { reader: DocumentReader; operatorModel: OperatorModel | null },
): Promise<Inspection> {
  const tooLarge = sizeProblem(input.texts, policy) ?? documentProblem(input.documents, policy);
  if (tooLarge) return refused(input.texts, tooLarge);
  const limits = readingLimits(policy, input.compareRendering);
  const extractions = await Promise.all(
    input.documents.map(async (document) => ({
      document,
      extraction: await reader.read(document, limits),
    })),
  );
  for (const { document, extraction } of extractions) {
    const problem = readingProblem(document, extraction);
    if (problem) return refused(input.texts, problem);
  }
  const extracted = extractions.flatMap(({ document, extraction }) => extractedTexts(document, extraction));
  const found = [...input.texts, ...extracted.map(({ text }) => text)];
  const grown = sizeProblem(found, policy);
  if (grown) return refused(found, grown);
  const recalled = withRecordedScores(found, input.operatorScores);
  const texts = operatorModel === null ? recalled : await operatorModel.score(recalled, policy);
  const fromDocuments = texts.slice(input.texts.length);
  const concealed = new Set(
    fromDocuments.filter((_, i) => isConcealed(extracted[i]?.piece.layer ?? 'visible')),
  );
  const verdict = judge(texts, concealed, policy, detector, input.decisionType);
  if (verdict.kind === 'refuse') return refused(texts, verdict);
  return { verdict, inspected: passage(texts, input.documents, verdict.findings), texts };
}

function readingLimits(
  { limits, documents: given }: Pick<ValidationPolicy, 'limits'> & Partial<ValidationPolicy>,
  asked: ReadingLimits['compareRendering'] | undefined,
): ReadingLimits {
  // Releases from before documents were looked at do not have it.
  const documents = given ?? { ...defaultValidationPolicy.documents, compareRendering: 'never' as const };
  const compareRendering = asked ?? documents.compareRendering;
  return {
    pagesMax: limits.documentPagesMax,
    charactersMax: limits.charactersMax,
    expandedBytesMax: documents.expandedBytesMax,
    attachmentsMax: documents.attachmentsMax,
    depthMax: documents.attachmentDepthMax,
    timeoutMs: limits.extractionTimeoutMs,
    compareRendering,
    viewedMax: documents.viewedMax,
    viewingTimeoutMs: documents.viewingTimeoutMs,
  };
}

function refused(texts: readonly SurfaceText[], verdict: Verdict): Inspection {
  return { verdict, inspected: null, texts };
}

function passage(
  texts: readonly SurfaceText[],
  documents: readonly SurfaceDocument[],
  findings: readonly Finding[],
): InspectedInput {
  const inspected = {
    surfacesDigest: surfacesDigest(texts, documents),
    findings,
  } as unknown as InspectedInput;
  genuine.add(Object.freeze(inspected));
  return inspected;
}

function sizeProblem(texts: readonly SurfaceText[], { limits }: ValidationPolicy): StopVerdict | null {
  const characters = texts.reduce((sum, { text }) => sum + text.length, 0);
  if (characters > limits.charactersMax) return inputTooLarge('characters');
  return texts.length > limits.textsMax ? inputTooLarge('texts') : null;
}

function documentProblem(
  documents: readonly SurfaceDocument[],
  { limits }: ValidationPolicy,
): StopVerdict | null {
  if (documents.length > limits.documentsMax) return inputTooLarge('documents');
  const large = documents.find(({ bytes }) => bytes.length > limits.documentBytesMax);
  return large ? inputTooLarge(`bytes at ${large.origin}`) : null;
}

function inputTooLarge(detail: string): StopVerdict {
  return stop('refuse', 'validation', 'INPUT_TOO_LARGE', { detail });
}

const readingReasons: Readonly<Record<Exclude<Extraction['kind'], 'read'>, ReasonCode>> = {
  unreadable: 'DOCUMENT_UNREADABLE',
  unsupported: 'DOCUMENT_UNSUPPORTED',
  'too-large': 'INPUT_TOO_LARGE',
};

function readingProblem({ origin }: SurfaceDocument, extraction: Extraction): StopVerdict | null {
  if (extraction.kind === 'read') return null;
  const detail = `${extraction.detail} at ${origin}`;
  return stop('refuse', 'validation', readingReasons[extraction.kind], { detail });
}

interface ExtractedText {
  readonly text: SurfaceText;
  readonly piece: ExtractedPiece;
}

function extractedTexts({ origin }: SurfaceDocument, extraction: Extraction): ExtractedText[] {
  if (extraction.kind !== 'read') return [];
  return extraction.pieces.map((piece) => {
    const base = { surface: 'document' as const, origin: placeOf(origin, piece), text: piece.text };
    // Metadata is not drawn either, so a model that is to see what a reader sees is not shown it.
    const isHidden = isConcealed(piece.layer) || piece.layer === 'metadata';
    return { piece, text: isHidden ? { ...base, hidden: true } : base };
  });
}

function placeOf(origin: string, { within, page, part, layer }: ExtractedPiece): string {
  const places = [
    within ?? '',
    page === null ? '' : `page=${page}`,
    part === undefined ? '' : `part=${part}`,
    layer === 'visible' ? '' : `layer=${layer}`,
  ];
  const place = places.filter((each) => each !== '').join(';');
  return place === '' ? origin : `${origin}#${place}`;
}

/** One digest over everything that was inspected, in its order. */
function surfacesDigest(texts: readonly SurfaceText[], documents: readonly SurfaceDocument[]): string {
  const hash = createHash('sha256');
  for (const { surface, origin, text, hidden } of texts) {
    hash.update(`${JSON.stringify([surface, origin, hidden === true, text])}\n`);
  }
  for (const { origin, mediaType, bytes } of documents) {
    hash.update(`${JSON.stringify([origin, mediaType, digestOf(bytes)])}\n`);
  }
  return `sha256:${hash.digest('hex')}`;
}
