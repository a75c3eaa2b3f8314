import { areAlike, black, hexColour, mixed, type Rgb, white } from '../markup/colour.ts';
import type { Layer } from '../extraction.ts';
import { palette } from './palette.ts';
import type { Ground } from './text-look.ts';
import { type Theme, themeColour } from './theme.ts';
import { attributeOf, childOf, childrenOf, type XmlElement } from './xml.ts';

/** As much of a cell's format as decides whether its text is seen (ECMA-376-1, 18.8). */
export interface CellStyle {
  readonly font: CellFont;
  readonly ground: Ground;
  /** Whether the number format shows nothing of a text. */
  readonly isBlanked: boolean;
}

export interface CellFont {
  /** null is the window's own. */
  readonly colour: Rgb | null;
  readonly sizePt: number;
}

const TINY_PT = 3;
const STANDARD_PT = 11;
const themeOrder = [
  'lt1',
  'dk1',
  'lt2',
  'dk2',
  'accent1',
  'accent2',
  'accent3',
  'accent4',
  'accent5',
  'accent6',
];
export const plainFont: CellFont = { colour: null, sizePt: STANDARD_PT };
export const plainStyle: CellStyle = { font: plainFont, ground: null, isBlanked: false };

/** The formats that cells refer to by number. */
export function cellStyles(tree: XmlElement | null, theme: Theme): CellStyle[] {
  const fonts = childrenOf(childOf(tree, 'fonts'), 'font').map((font) => cellFont(font, theme, plainFont));
  const fills = childrenOf(childOf(tree, 'fills'), 'fill').map((fill) => groundOf(fill, theme));
  const blanking = new Set(
    childrenOf(childOf(tree, 'numFmts'), 'numFmt')
      .filter((format) => isBlanking(attributeOf(format, 'formatCode') ?? ''))
      .map((format) => attributeOf(format, 'numFmtId')),
  );
  return childrenOf(childOf(tree, 'cellXfs'), 'xf').map((format) => ({
    font: fonts[Number(attributeOf(format, 'fontId'))] ?? plainFont,
    ground: fills[Number(attributeOf(format, 'fillId'))] ?? null,
    isBlanked: blanking.has(attributeOf(format, 'numFmtId')),
  }));
}

export function cellFont(font: XmlElement | null, theme: Theme, otherwise: CellFont): CellFont {
  if (font === null) return otherwise;
  const colour = childOf(font, 'color');
  const size = Number.parseFloat(attributeOf(childOf(font, 'sz'), 'val') ?? '');
  return {
    colour: colour === null ? otherwise.colour : sheetColour(colour, theme),
    sizePt: Number.isFinite(size) ? size : otherwise.sizePt,
  };
}

function sheetColour(element: XmlElement, theme: Theme): Rgb | null {
  const named = attributeOf(element, 'theme');
  const indexed = attributeOf(element, 'indexed');
  const rgb = attributeOf(element, 'rgb');
  const base =
    named !== null
      ? themeColour(theme, themeOrder[Number(named)] ?? '')
      : rgb !== null
        ? hexColour(rgb.slice(-6))
        : indexed !== null
          ? hexColour(palette[Number(indexed) < 8 ? Number(indexed) : Number(indexed) - 8] ?? '')
          : null;
  if (base === null) return null;
  const tint = Number.parseFloat(attributeOf(element, 'tint') ?? '0') || 0;
  return tint < 0 ? mixed(base, black, -tint) : mixed(base, white, tint);
}

function groundOf(fill: XmlElement, theme: Theme): Ground {
  const pattern = childOf(fill, 'patternFill');
  if (pattern === null) return 'unknown';
  const kind = attributeOf(pattern, 'patternType') ?? 'none';
  if (kind === 'none') return null;
  const colour = childOf(pattern, 'fgColor');
  if (kind !== 'solid' || colour === null) return 'unknown';
  return sheetColour(colour, theme) ?? 'unknown';
}

/** The fourth section of a format is that of text, and one section alone serves for all (18.8.31). */
function isBlanking(code: string): boolean {
  const sections = code.split(';');
  return sections.length >= 4 && (sections[3] ?? '').replace(/["\s]/g, '') === '';
}

/** By which means the text of a cell is concealed in its own place, if any. */
export function fontConcealment(font: CellFont, ground: Ground): Layer | null {
  if (font.sizePt < TINY_PT) return 'hidden:tiny';
  if (font.colour === null || ground === 'unknown') return null;
  return areAlike(font.colour, ground ?? white) ? 'hidden:colour' : null;
}
