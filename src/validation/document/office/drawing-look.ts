import type { Layer } from '../extraction.ts';
import { hexColour } from '../markup/colour.ts';
import type { Ground } from './text-look.ts';
import { drawnColour, type Theme } from './theme.ts';
import { attributeOf, childOf, childrenOf, descendantsOf, isOn, textOf, type XmlElement } from './xml.ts';

const EMU_PER_PT = 12_700;
/** A4 and Letter are about 600 by 800 points; a text that starts beyond four times that is on no page. */
const PAGE_WIDTH_PT = 612;
const PAGE_HEIGHT_PT = 842;
const MARGIN_PT = 72;
/** A box in which no letter has room. */
const BOX_PT = 2;

/** The size of the page, in points. */
export interface PageSize {
  readonly widthPt: number;
  readonly heightPt: number;
}
export const standardPage: PageSize = { widthPt: PAGE_WIDTH_PT, heightPt: PAGE_HEIGHT_PT };

/** By which means a drawing of a text document (`wp:anchor`, `wp:inline`) is out of sight, if any. */
export function drawingConcealment(drawing: XmlElement, page: PageSize): Layer | null {
  const properties = childOf(drawing, 'docPr');
  const hidden = attributeOf(properties, 'hidden');
  if (hidden !== null && isOn(hidden)) return 'hidden:display';
  const extent = childOf(drawing, 'extent');
  const width = emu(attributeOf(extent, 'cx'));
  const height = emu(attributeOf(extent, 'cy'));
  if ((width !== null && width < BOX_PT) || (height !== null && height < BOX_PT)) return 'hidden:clipped';
  if (drawing.name !== 'anchor') return null;
  const isAway =
    isOutside(childOf(drawing, 'positionH'), width ?? 0, page.widthPt) ||
    isOutside(childOf(drawing, 'positionV'), height ?? 0, page.heightPt);
  return isAway ? 'hidden:off-page' : null;
}

function isOutside(position: XmlElement | null, size: number, pageSize: number): boolean {
  const offset = childOf(position, 'posOffset');
  const given = offset === null ? null : emu(textOf(offset));
  if (given === null) return false;
  const from = attributeOf(position, 'relativeFrom');
  // Where a line or a paragraph stands is not known here; a margin about is.
  if (from === 'paragraph' || from === 'line' || from === 'character') {
    return given > pageSize || given + size < -pageSize;
  }
  const start = given + (from === 'page' ? 0 : MARGIN_PT);
  return start >= pageSize || start + size <= 0;
}

function emu(value: string | null): number | null {
  const number = value === null ? Number.NaN : Number.parseFloat(value);
  return Number.isFinite(number) ? number / EMU_PER_PT : null;
}

/** What a shape paints behind its text. `undefined`: nothing of its own. */
export function shapeGround(shape: XmlElement, theme: Theme): Ground | undefined {
  const properties = childrenOf(shape, 'spPr')[0] ?? null;
  for (const fill of childrenOf(properties)) {
    if (fill.name === 'noFill') return undefined;
    if (fill.name === 'solidFill') return drawnColour(fill, theme)?.colour ?? 'unknown';
    if (fill.name.endsWith('Fill')) return 'unknown';
  }
  const style = childrenOf(shape, 'style')[0] ?? null;
  const reference = style === null ? undefined : descendantsOf(style, 'fillRef')[0];
  if (reference === undefined || attributeOf(reference, 'idx') === '0') return undefined;
  return drawnColour(reference, theme)?.colour ?? 'unknown';
}

/** A shape of the older vector markup (VML), which styles its shapes as CSS does. */
export function vmlConcealment(shape: XmlElement): Layer | null {
  const style = new Map(
    (attributeOf(shape, 'style') ?? '').split(';').map((rule) => {
      const [name = '', value = ''] = rule.split(':');
      return [name.trim().toLowerCase(), value.trim().toLowerCase()] as const;
    }),
  );
  if (style.get('visibility') === 'hidden') return 'hidden:visibility';
  if (style.get('display') === 'none') return 'hidden:display';
  const points = (name: string) => Number.parseFloat(style.get(name) ?? 'NaN');
  for (const name of ['margin-left', 'left', 'margin-top', 'top']) {
    if (Math.abs(points(name)) > 4 * PAGE_HEIGHT_PT) return 'hidden:off-page';
  }
  return points('width') === 0 || points('height') === 0 ? 'hidden:clipped' : null;
}

export function vmlGround(shape: XmlElement): Ground | undefined {
  const filled = attributeOf(shape, 'filled');
  if (filled === 'f' || filled === 'false') return undefined;
  const colour = attributeOf(shape, 'fillcolor');
  // A name, or a colour with a reference behind it: `#4472c4 [3204]`.
  return colour === null ? undefined : (hexColour(colour.split(' ')[0] ?? '') ?? 'unknown');
}

/** Whether a large drawing lies behind the text, so that its ground is not known. */
export function hasBackdrop(tree: XmlElement, page: PageSize): boolean {
  return descendantsOf(tree, 'anchor').some((anchor) => {
    if (!isOn(attributeOf(anchor, 'behindDoc') ?? '0')) return false;
    const extent = childOf(anchor, 'extent');
    const area = (emu(attributeOf(extent, 'cx')) ?? 0) * (emu(attributeOf(extent, 'cy')) ?? 0);
    return area > (page.widthPt * page.heightPt) / 4;
  });
}
