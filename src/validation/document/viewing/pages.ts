import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Seen } from '../child-programs.ts';
import type { ExtractedPiece, ExtractionLimits, Layer } from '../extraction.ts';
import { isConcealed } from '../extraction.ts';
import { LayerTexts } from '../lines.ts';
import { pageTexts } from '../page-texts.ts';
import { openPdf } from '../pdf-file.ts';
import { disguisedParts, grown, isInside, middleOf, scannedParts, wordsAt } from './comparison.ts';
import { type DrawnPart, drawnLines, drawnParts } from './drawn-lines.ts';
import { drawPage, type PagePicture } from './page-picture.ts';
import { linesOfWords } from './pictures.ts';
import { differenceIn, greymap } from './raster.ts';
import { recognise, type SeenWord } from './recognition.ts';

/** Draws pages of a PDF and says what is to be seen on them, and what is stored but not to be seen. */
export async function viewPages(
  bytes: Uint8Array,
  pages: readonly number[],
  { charactersMax }: ExtractionLimits,
): Promise<Seen> {
  const task = openPdf(bytes, { draws: true });
  try {
    const document = await task.promise;
    const pieces: ExtractedPiece[] = [];
    for (const number of pages) {
      pieces.push(...(await viewPage(document, number)));
      const characters = pieces.reduce((sum, { text }) => sum + text.length, 0);
      if (characters > charactersMax) return { kind: 'too-large', detail: 'characters' };
    }
    return { kind: 'seen', pieces };
  } finally {
    await task.destroy();
  }
}

async function viewPage(document: PDFDocumentProxy, number: number): Promise<ExtractedPiece[]> {
  const page = await document.getPage(number);
  const structure = await pageTexts(document, page);
  const picture = await drawPage(page);
  const parts = drawnParts(structure.layered, picture);
  for (const part of parts) part.layer = layerAsDrawn(part, picture);
  const words = await recognise(greymap(picture.drawn), parts.some(isSeen));
  const disguised = compare(parts, words);
  const unaccounted = words.filter((word) => disguised.has(word) || !isDrawnAt(word, parts));
  page.cleanup();
  return [...piecesOf(parts, number), ...imageTexts(unaccounted, number), ...structure.beside];
}

const VISIBLE_SHARE_MIN = 0.02;
/** What changes the page this much is seen, whatever its structure made of it. */
const PLAIN_SHARE_MIN = 0.06;
const PLAIN_DIFFERENCE_MIN = 60;
/** Layers that the structure only estimates from boxes and colours. */
const estimated: ReadonlySet<Layer> = new Set(['hidden:colour', 'hidden:covered', 'hidden:clipped']);

/** The page looks otherwise without a text that is seen. */
function layerAsDrawn({ layer, box, level }: DrawnPart, { drawn, textless }: PagePicture): Layer {
  const { most, share } = differenceIn(drawn, textless, box);
  if (layer === 'visible' || layer === 'annotation') {
    return share < VISIBLE_SHARE_MIN ? 'hidden:not-rendered' : layer;
  }
  const isPlain = level && share >= PLAIN_SHARE_MIN && most >= PLAIN_DIFFERENCE_MIN;
  return estimated.has(layer) && isPlain ? 'visible' : layer;
}

/** @returns the words that stand where a text pretends to say something else */
function compare(parts: readonly DrawnPart[], words: readonly SeenWord[]): Set<SeenWord> {
  const disguised = new Set<SeenWord>();
  for (const line of drawnLines(parts)) {
    const there = wordsAt(line, words);
    if (line.layer === 'visible') {
      const pretending = disguisedParts(line, there);
      for (const part of pretending) part.layer = 'hidden:not-rendered';
      if (pretending.length > 0) for (const word of there) disguised.add(word);
    } else if (isConcealed(line.layer) && line.layer !== 'hidden:masked') {
      for (const part of scannedParts(line, there)) part.layer = 'visible';
    }
  }
  return disguised;
}

const isSeen = ({ layer }: DrawnPart): boolean => layer === 'visible' || layer === 'annotation';

function isDrawnAt(word: SeenWord, parts: readonly DrawnPart[]): boolean {
  const middle = middleOf(word.box);
  return parts.some((part) => {
    const height = part.box.bottom - part.box.top;
    const isThere = isSeen(part) || part.layer === 'hidden:masked';
    return isThere && isInside(middle, grown(part.box, height, 0.6 * height));
  });
}

function piecesOf(parts: readonly DrawnPart[], page: number): ExtractedPiece[] {
  const texts = new LayerTexts();
  for (const { layer, shown } of parts) texts.add(layer, shown);
  return texts.pieces(page);
}

function imageTexts(words: readonly SeenWord[], page: number): ExtractedPiece[] {
  const text = linesOfWords(words);
  return text === '' ? [] : [{ page, layer: 'image-text', text }];
}
