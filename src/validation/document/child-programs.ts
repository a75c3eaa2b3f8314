import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asExtraction, isPieces } from './child-answer.ts';
import type { ChildProgram } from './child-process.ts';
import type { ExtractedPiece, Extraction, ExtractionLimits } from './extraction.ts';
import { packageFolders } from './package-folders.ts';

/** From src/ and from dist/ alike. */
const packageRoot = fileURLToPath(new URL('../../..', import.meta.url));
const programs = join(packageRoot, 'dist', 'validation', 'document');
const own = [join(packageRoot, 'dist'), join(packageRoot, 'package.json')];

const MB = 1024 * 1024;

export interface ParsingJob {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly limits: ExtractionLimits;
}

/** Packages of the readers in `kinds.ts`. */
const parsers = ['pdfjs-dist', 'fflate', 'saxes', 'parse5', 'postal-mime'];

/** Reads every kind of document; draws nothing. */
export function parsingProgram(): ChildProgram<ParsingJob, Extraction> {
  const drawing = /[/\\]@napi-rs[/\\]/;
  const readable = packageFolders(parsers, packageRoot).filter((folder) => !drawing.test(folder));
  return {
    program: join(programs, 'extractor.js'),
    readable: [...own, ...readable],
    addons: false,
    heapMaxMb: 512,
    dataMaxBytes: 1536 * MB,
    residentMaxBytes: 1024 * MB,
    asAnswer: asExtraction,
  };
}

export interface ViewingJob {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly pages: readonly number[];
  readonly limits: ExtractionLimits;
}

/** What was seen on the pages, or in the picture. */
export type Seen =
  | { readonly kind: 'seen'; readonly pieces: readonly ExtractedPiece[] }
  | { readonly kind: 'unreadable' | 'too-large'; readonly detail: string };

/** Draws pages and reads what is drawn. It runs native code, so it is a process of its own. */
export function viewingProgram(): ChildProgram<ViewingJob, Seen> {
  const packages = ['pdfjs-dist', '@napi-rs/canvas', 'tesseract.js-core', '@tesseract.js-data/eng'];
  return {
    program: join(programs, 'viewer.js'),
    readable: [...own, ...packageFolders(packages, packageRoot)],
    addons: true,
    heapMaxMb: 768,
    dataMaxBytes: 2048 * MB,
    residentMaxBytes: 1536 * MB,
    asAnswer: asSeen,
  };
}

function asSeen(message: unknown): Seen | null {
  const { kind, detail, pieces } = (message ?? {}) as Record<string, unknown>;
  if (kind === 'seen') return isPieces(pieces) ? { kind, pieces } : null;
  if ((kind !== 'unreadable' && kind !== 'too-large') || typeof detail !== 'string') return null;
  return { kind, detail: detail.replace(/[^\w-]/g, '').slice(0, 60) };
}
