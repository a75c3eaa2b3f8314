import { createHash } from 'node:crypto';
import type { Finding } from '../decision/finding.ts';
import type { Digest } from '../decision/ids.ts';
import type { InspectedInput } from '../decision/passage.ts';
import type { ReasonCode } from '../decision/reason.ts';
import type { SurfaceDocument, SurfaceText } from '../decision/surface.ts';
import { type StopVerdict, stop, type Verdict } from '../decision/verdict.ts';
import { digestOf } from '../decision/canonical.ts';
import { createDetector, type Detector, restoreDetector, type StoredDetector } from './detector.ts';
import { createDocumentReader, type DocumentReader } from './document/document-reader.ts';
import { type Extraction, type ExtractedPiece, isConcealed } from './document/extraction.ts';
import { judge } from './judgement.ts';
import { defaultValidationPolicy, type ValidationPolicy } from './policy.ts';

export interface Submitted {
  readonly texts: readonly SurfaceText[];
  readonly documents: readonly SurfaceDocument[];
}

export interface Inspection {
  readonly verdict: Verdict;
  /** The passage to the model; null when the input is refused. */
  readonly inspected: InspectedInput | null;
  /** The texts that came in, and those that were found in documents. Hidden ones are marked. */
  readonly texts: readonly SurfaceText[];
}

export interface ValidationGate {
  /** What a release manifest names. */
  readonly name: string;
  readonly version: string;
  /** Rules, thresholds and limits as canonical JSON, and the digest of it. */
  readonly content: string;
  readonly digest: Digest;
  /** Never rejects: a gate that fails is closed, and its verdict says so (I6). */
  inspect(input: Submitted): Promise<Inspection>;
  close(): Promise<void>;
}

export interface GateOptions {
  readonly policy?: ValidationPolicy;
  readonly reader?: DocumentReader;
  /** Told of faults, for the log. A verdict only names their kind. */
  readonly onFault?: (fault: unknown) => void;
}

const genuine = new WeakSet<object>();

/** Whether a value was made by this gate: what the type says, proven at run time. */
export function isInspected(value: unknown): value is InspectedInput {
  return typeof value === 'object' && value !== null && genuine.has(value);
}

/** Gate 3: every surface of a request through one function, whatever route it came by (I4). */
export function createValidationGate(options: GateOptions = {}): ValidationGate {
  return gateOf(createDetector(options.policy ?? defaultValidationPolicy), options);
}

/** The gate of an earlier day, from what a release keeps of it. Closing it closes the reader it was given. */
export function restoreValidationGate(
  stored: StoredDetector,
  options: Omit<GateOptions, 'policy'>,
): ValidationGate {
  return gateOf(restoreDetector(stored), options);
}

function gateOf(detector: Detector, options: GateOptions): ValidationGate {
  const { policy } = detector;
  const reader = options.reader ?? createDocumentReader();
  return {
    name: 'validation-rules',
    version: detector.version,
    content: detector.content,
    digest: digestOf(detector.content),
    async inspect(input) {
      try {
        return await inspect(input, policy, detector, reader);
      } catch (fault) {
        options.onFault?.(fault);
        const detail = fault instanceof Error ? fault.name : 'unknown';
        return refused(input.texts, stop('refuse', 'validation', 'VALIDATION_FAILED', { detail }));
      }
    },
    async close() {
      reader.close();
    },
  };
}

async function inspect(
  input: Submitted,
  policy: ValidationPolicy,
  detector: Detector,
  reader: DocumentReader,
): Promise<Inspection> {
  const tooLarge = sizeProblem(input.texts, policy) ?? documentProblem(input.documents, policy);
  if (tooLarge) return refused(input.texts, tooLarge);
  const { limits } = policy;
  const readingLimits = {
    pagesMax: limits.documentPagesMax,
    charactersMax: limits.charactersMax,
    timeoutMs: limits.extractionTimeoutMs,
  };
  const extractions = await Promise.all(
    input.documents.map(async (document) => ({
      document,
      extraction: await reader.read(document, readingLimits),
    })),
  );
  for (const { document, extraction } of extractions) {
    const problem = readingProblem(document, extraction);
    if (problem) return refused(input.texts, problem);
  }
  const extracted = extractions.flatMap(({ document, extraction }) => extractedTexts(document, extraction));
  const texts = [...input.texts, ...extracted.map(({ text }) => text)];
  const grown = sizeProblem(texts, policy);
  if (grown) return refused(texts, grown);
  const concealed = new Set(
    extracted.filter(({ piece }) => isConcealed(piece.layer)).map(({ text }) => text),
  );
  const verdict = judge(texts, concealed, policy, detector);
  if (verdict.kind === 'refuse') return refused(texts, verdict);
  return { verdict, inspected: passage(texts, input.documents, verdict.findings), texts };
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

function placeOf(origin: string, { page, layer }: ExtractedPiece): string {
  const places = [page === null ? '' : `page=${page}`, layer === 'visible' ? '' : `layer=${layer}`];
  const place = places.filter((part) => part !== '').join(';');
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
