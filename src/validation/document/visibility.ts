import type { Layer } from './extraction.ts';
import { areApart, areaOf, type Box, contains } from './geometry.ts';
import { areNear, type Colour } from './graphics-state.ts';
import type { Painted, ShownText } from './drawing.ts';

/** Smaller than any fine print: the least that is set in practice is about 4 points. */
const TINY_PT = 2;
/** Fainter than any watermark. */
const FAINT = 0.05;
const paper: Colour = [255, 255, 255];

export interface PageDrawing {
  /** The crop box. */
  readonly page: Box;
  readonly texts: readonly ShownText[];
  readonly paintings: readonly Painted[];
  readonly hiddenAnnotations: ReadonlySet<string>;
}

/** Whether a reader of the page sees a text, and if not, by which means it is concealed. */
export function layerOf(text: ShownText, index: number, drawing: PageDrawing): Layer {
  const { state, box } = text;
  if (text.annotation !== null && drawing.hiddenAnnotations.has(text.annotation)) return 'hidden:annotation';
  if (state.renderMode === 3 || state.renderMode === 7) return 'hidden:render-mode-3';
  if (text.layerOff) return 'hidden:layer-off';
  // What a mask of brightnesses leaves of a text is not drawn by the viewer's canvas, so it is not trusted.
  if (state.masked) return 'hidden:masked';
  if (alphaOf(text) < FAINT) return 'hidden:opacity';
  if (areApart(box, drawing.page)) return 'hidden:off-page';
  if (text.sizePt < TINY_PT) return 'hidden:tiny';
  if (areApart(box, text.clip)) return 'hidden:clipped';
  if (inksOf(text).every((ink) => areNear(ink, groundOf(text, drawing)))) return 'hidden:colour';
  if (isCovered(text, index, drawing)) return 'hidden:covered';
  return text.annotation === null ? 'visible' : 'annotation';
}

/** Text render modes (ISO 32000-2, table 104): 0 and 4 fill, 1 and 5 stroke, 2 and 6 do both. */
const fills = (mode: number): boolean => mode % 4 !== 1;
const strokes = (mode: number): boolean => mode % 4 === 1 || mode % 4 === 2;

function alphaOf({ state }: ShownText): number {
  const fill = fills(state.renderMode) ? state.fillAlpha : 0;
  return Math.max(fill, strokes(state.renderMode) ? state.strokeAlpha : 0);
}

function inksOf({ state }: ShownText): Colour[] {
  const inks = fills(state.renderMode) ? [state.fill] : [];
  return strokes(state.renderMode) ? [...inks, state.stroke] : inks;
}

/** The colour that the text stands on: the last thing painted under its middle, or the paper. */
function groundOf({ box, afterPaintings }: ShownText, { paintings }: PageDrawing): Colour {
  const x = (box.left + box.right) / 2;
  const y = (box.bottom + box.top) / 2;
  for (let i = afterPaintings - 1; i >= 0; i -= 1) {
    const { box: ground, colour } = paintings[i] as Painted;
    if (x >= ground.left && x <= ground.right && y >= ground.bottom && y <= ground.top) return colour;
  }
  return paper;
}

function isCovered(
  { box, afterPaintings }: ShownText,
  index: number,
  { paintings, page }: PageDrawing,
): boolean {
  for (let i = afterPaintings; i < paintings.length; i += 1) {
    const painted = paintings[i] as Painted;
    if (painted.afterTexts <= index || !contains(painted.box, box)) continue;
    // A stamp or a signature lies over text honestly; a picture of half a page does not.
    if (
      painted.kind === 'rectangle' ||
      (painted.kind === 'image' && areaOf(painted.box) > areaOf(page) / 2)
    ) {
      return true;
    }
  }
  return false;
}
