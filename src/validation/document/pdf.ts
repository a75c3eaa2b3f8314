import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { ExtractedPiece, Extraction, ExtractionLimits } from './extraction.ts';
import { LayerTexts } from './lines.ts';
import { metadataPieces } from './metadata.ts';
import { type PageTexts, pageTexts } from './page-texts.ts';
import { embeddedFiles } from './pdf-attachments.ts';
import { openPdf } from './pdf-file.ts';
import { scriptPieces } from './pdf-scripts.ts';
import { replacementPieces, standInTexts } from './replacements.ts';
import { reasonToLook } from './suspicion.ts';

const MAGIC_WITHIN_BYTES = 1024;

/**
 * All text of a PDF, seen and unseen, and its attachments. Nothing is rendered, fetched or run; fonts are
 * read only for the characters they encode.
 *
 * @throws whatever the parser throws on a broken file
 */
export async function readPdf(bytes: Uint8Array, limits: ExtractionLimits): Promise<Extraction> {
  if (!Buffer.from(bytes.subarray(0, MAGIC_WITHIN_BYTES)).includes('%PDF-')) {
    return { kind: 'unreadable', detail: 'not-a-pdf' };
  }
  const task = openPdf(bytes, { draws: false });
  try {
    return await readDocument(await task.promise, bytes, limits);
  } finally {
    await task.destroy();
  }
}

async function readDocument(
  document: PDFDocumentProxy,
  bytes: Uint8Array,
  limits: ExtractionLimits,
): Promise<Extraction> {
  if (document.numPages > limits.pagesMax) return { kind: 'too-large', detail: 'pages' };
  const pieces: ExtractedPiece[] = await metadataPieces(document);
  const toView: Record<'textless' | 'suspicion' | 'others', number[]> = {
    textless: [],
    suspicion: [],
    others: [],
  };
  const standIns: string[] = [];
  const attached: unknown[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const texts = await pageTexts(document, page);
    pieces.push(...pagePieces(texts, number, limits), ...scriptPieces(await page.getJSActions(), number));
    toView[reasonToLook(page, texts) ?? 'others'].push(number);
    standIns.push(...standInTexts(await page.getStructTree()));
    attached.push(...texts.attached);
    page.cleanup();
    const characters = pieces.reduce((sum, { text }) => sum + text.length, 0);
    if (characters > limits.charactersMax) return { kind: 'too-large', detail: 'characters' };
  }
  pieces.push(...(await documentScripts(document)), ...replacementPieces(standIns, bytes, pieces, limits));
  const { textless, suspicion, others } = toView;
  const attachments = embeddedFiles([...Object.values((await document.getAttachments()) ?? {}), ...attached]);
  const viewing = { mediaType: 'application/pdf', textless: textless.length };
  const pages = [...textless, ...suspicion];
  return { kind: 'read', pieces, attachments, viewings: [{ ...viewing, pages, others }] };
}

async function documentScripts(document: PDFDocumentProxy): Promise<ExtractedPiece[]> {
  return scriptPieces(await document.getJSActions(), null);
}

function pagePieces(
  { layered, beside }: PageTexts,
  page: number,
  limits: ExtractionLimits,
): ExtractedPiece[] {
  const texts = new LayerTexts();
  for (const { layer, shown } of layered) {
    texts.add(layer, shown);
    if (texts.characters > limits.charactersMax) break;
  }
  return [...texts.pieces(page), ...beside];
}
