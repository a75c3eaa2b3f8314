import type { PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { isConcealed } from './extraction.ts';
import { areaOf, areApart, intersection } from './geometry.ts';
import type { PageTexts } from './page-texts.ts';

/** Pictures that cover more of the page may hold text; a logo or a photograph of a face covers less. */
const PICTURED_SHARE = 0.1;
const VISIBLE_LETTERS_MIN = 1;

/**
 * Why a page has to be looked at: `textless`, since looking is the only way to read it; `suspicion`, since
 * its structure does not tell what is seen; null when it does.
 */
export function reasonToLook(page: PDFPageProxy, texts: PageTexts): 'textless' | 'suspicion' | null {
  const { layered, reader, beside } = texts;
  const seen = layered.filter(({ layer }) => !isConcealed(layer));
  const letters = seen.reduce((sum, { shown }) => sum + shown.text.trim().length, 0);
  if (letters < VISIBLE_LETTERS_MIN && reader.paintings.length > 0) return 'textless';
  const isSuspicious =
    seen.length < layered.length ||
    beside.some(({ layer }) => isConcealed(layer)) ||
    seen.some(({ shown }) => isUncertain(shown, texts)) ||
    picturedShare(texts) > PICTURED_SHARE ||
    reader.letters.names.some((font) => isOddFont(page, texts, font));
  return isSuspicious ? 'suspicion' : null;
}

/** Blended, masked, in no plain colour, or on a picture: boxes and colours do not tell whether it is seen. */
function isUncertain(
  { state, box, afterPaintings }: PageTexts['layered'][number]['shown'],
  { reader }: PageTexts,
): boolean {
  if (state.blended || (state.renderMode % 4 !== 1 && state.fill === null)) return true;
  return reader.paintings.some(
    ({ colour, kind, box: ground }, i) =>
      i < afterPaintings && kind === 'image' && colour === null && !areApart(box, ground),
  );
}

function picturedShare({ reader, drawing }: PageTexts): number {
  const pictures = reader.paintings.filter(({ kind }) => kind === 'image');
  const area = pictures.reduce((sum, { box }) => sum + areaOf(intersection(box, drawing.page)), 0);
  return area / Math.max(1, areaOf(drawing.page));
}

/** A font that may not draw what it claims: glyphs drawn by programs, or widths of other letters. */
function isOddFont(page: PDFPageProxy, { reader }: PageTexts, font: string): boolean {
  if (reader.letters.isOdd(font)) return true;
  if (font === '' || !page.commonObjs.has(font)) return false;
  const { isType3Font } = (page.commonObjs.get(font) ?? {}) as { isType3Font?: unknown };
  return isType3Font === true;
}
