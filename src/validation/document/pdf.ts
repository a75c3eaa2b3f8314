import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getDocument, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { annotationPieces, hiddenAnnotationIds } from './annotations.ts';
import type { ExtractedPiece, Extraction, ExtractionLimits } from './extraction.ts';
import { LayerTexts } from './lines.ts';
import { metadataPieces } from './metadata.ts';
import { PageReader } from './page-reader.ts';
import { layerOf } from './visibility.ts';

const MAGIC_WITHIN_BYTES = 1024;
/** A sheet of A4 at 400 dots per inch; what is larger is not decoded, and counts as not painted. */
const IMAGE_PIXELS_MAX = 16_000_000;

/**
 * All text of a PDF, seen and unseen. Nothing is rendered, fetched or run; fonts are read only for
 * the characters they encode.
 *
 * @throws whatever the parser throws on a broken file
 */
export async function readPdf(bytes: Uint8Array, limits: ExtractionLimits): Promise<Extraction> {
  if (!Buffer.from(bytes.subarray(0, MAGIC_WITHIN_BYTES)).includes('%PDF-')) {
    return { kind: 'unreadable', detail: 'not-a-pdf' };
  }
  const root = dirname(
    dirname(dirname(fileURLToPath(import.meta.resolve('pdfjs-dist/legacy/build/pdf.mjs')))),
  );
  const task = getDocument({
    // A copy: the parser takes its bytes over, and takes no Buffer.
    data: new Uint8Array(bytes),
    cMapUrl: join(root, 'cmaps/'),
    standardFontDataUrl: join(root, 'standard_fonts/'),
    disableFontFace: true,
    disableAutoFetch: true,
    disableStream: true,
    disableRange: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    useWasm: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    enableXfa: false,
    stopAtErrors: false,
    maxImageSize: IMAGE_PIXELS_MAX,
    verbosity: VerbosityLevel.ERRORS,
  });
  try {
    return await readDocument(await task.promise, limits);
  } finally {
    await task.destroy();
  }
}

async function readDocument(document: PDFDocumentProxy, limits: ExtractionLimits): Promise<Extraction> {
  if (document.numPages > limits.pagesMax) return { kind: 'too-large', detail: 'pages' };
  const pieces: ExtractedPiece[] = await metadataPieces(document);
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    pieces.push(...(await pagePieces(document, page, limits)));
    page.cleanup();
    const characters = pieces.reduce((sum, { text }) => sum + text.length, 0);
    if (characters > limits.charactersMax) return { kind: 'too-large', detail: 'characters' };
  }
  return { kind: 'read', pieces };
}

async function pagePieces(
  document: PDFDocumentProxy,
  page: PDFPageProxy,
  limits: ExtractionLimits,
): Promise<ExtractedPiece[]> {
  const layers = await document.getOptionalContentConfig({ intent: 'display' });
  const annotations = (await page.getAnnotations({ intent: 'any' })) as unknown[];
  const reader = new PageReader((properties) => layers.isVisible(properties) as boolean);
  reader.read(await page.getOperatorList({ intent: 'any' }));
  const [left = 0, bottom = 0, right = 0, top = 0] = page.view;
  const drawing = {
    page: { left, bottom, right, top },
    texts: reader.texts,
    paintings: reader.paintings,
    hiddenAnnotations: hiddenAnnotationIds(annotations),
  };
  const texts = new LayerTexts();
  for (const [index, shown] of reader.texts.entries()) {
    texts.add(layerOf(shown, index, drawing), shown);
    if (texts.characters > limits.charactersMax) break;
  }
  return [...texts.pieces(page.pageNumber), ...annotationPieces(annotations, page.pageNumber)];
}
