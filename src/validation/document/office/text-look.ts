import { areAlike, black, hexColour, mixed, type Rgb, white } from '../markup/colour.ts';
import type { Layer } from '../extraction.ts';
import { drawnColour, type Theme, themeColour } from './theme.ts';
import { attributeOf, childOf, childrenOf, isOn, type XmlElement } from './xml.ts';

/** What decides whether a run of a text document is seen (ECMA-376-1, 17.3.2). */
export interface TextLook {
  readonly vanish?: boolean;
  /** null is automatic: black or white, whichever can be read. */
  readonly colour?: Rgb | null;
  readonly alpha?: number;
  readonly sizePt?: number;
  /** Width of the letters in hundredths. */
  readonly scale?: number;
  readonly shade?: Ground;
  readonly highlight?: Ground;
}

/** The colour behind a text: null where nothing is painted, 'unknown' where it is no one colour. */
export type Ground = Rgb | 'unknown' | null;

/** Smaller than any fine print: the least that is set in practice is about 4 points. */
const TINY_PT = 3;
/** Letters squeezed to less than a tenth of their width are a line. */
const NARROW = 10;
const FAINT = 0.05;

const highlights: Readonly<Record<string, string>> = {
  black: '000000',
  blue: '0000ff',
  cyan: '00ffff',
  darkBlue: '000080',
  darkCyan: '008080',
  darkGray: '808080',
  darkGreen: '008000',
  darkMagenta: '800080',
  darkRed: '800000',
  darkYellow: '808000',
  green: '00ff00',
  lightGray: 'c0c0c0',
  magenta: 'ff00ff',
  red: 'ff0000',
  white: 'ffffff',
  yellow: 'ffff00',
};

export function textLook(properties: XmlElement | null, theme: Theme): TextLook {
  if (properties === null) return {};
  const vanish = childOf(properties, 'vanish');
  const size = numberOf(childOf(properties, 'sz'));
  const scale = numberOf(childOf(properties, 'w'));
  const highlight = attributeOf(childOf(properties, 'highlight'), 'val');
  return {
    ...(vanish === null ? {} : { vanish: isOn(attributeOf(vanish, 'val')) }),
    ...colourLook(properties, theme),
    ...(size === null ? {} : { sizePt: size / 2 }),
    ...(scale === null ? {} : { scale }),
    ...shadeLook(childOf(properties, 'shd'), theme),
    ...(highlight === null ? {} : { highlight: hexColour(highlights[highlight] ?? '') }),
  };
}

function colourLook(properties: XmlElement, theme: Theme): TextLook {
  // Effects of later versions of Word stand in a vocabulary of their own, and go before the colour.
  const fill = childrenOf(properties, 'textFill')[0];
  if (fill !== undefined) {
    const [kind] = childrenOf(fill);
    if (kind?.name === 'noFill') return { colour: null, alpha: isOutlined(properties) ? 1 : 0 };
    const drawn = kind?.name === 'solidFill' ? drawnColour(kind, theme) : null;
    if (drawn !== null) return drawn;
  }
  const given = childOf(properties, 'color');
  if (given === null) return {};
  return { colour: wordColour(given, 'val', 'themeColor', 'themeTint', 'themeShade', theme), alpha: 1 };
}

/** Letters that are drawn as outlines alone are seen. */
function isOutlined(properties: XmlElement): boolean {
  const outline = childrenOf(properties, 'textOutline')[0];
  return outline !== undefined && childrenOf(outline).some(({ name }) => name === 'solidFill');
}

export function shadeLook(shade: XmlElement | null, theme: Theme): { readonly shade?: Ground } {
  if (shade === null) return {};
  const pattern = attributeOf(shade, 'val');
  if (pattern === 'solid') {
    return { shade: wordColour(shade, 'color', 'themeColor', 'themeTint', 'themeShade', theme) ?? black };
  }
  if (pattern !== null && pattern !== 'clear' && pattern !== 'nil') return { shade: 'unknown' };
  return { shade: wordColour(shade, 'fill', 'themeFill', 'themeFillTint', 'themeFillShade', theme) };
}

/** The theme's colour goes before the value written beside it (17.3.2.6). */
function wordColour(
  element: XmlElement,
  value: string,
  name: string,
  tint: string,
  shade: string,
  theme: Theme,
): Rgb | null {
  const named = themeColour(theme, attributeOf(element, name) ?? '');
  if (named === null) return hexColour(attributeOf(element, value) ?? '');
  const lighter = Number.parseInt(attributeOf(element, tint) ?? 'ff', 16) / 255;
  const darker = Number.parseInt(attributeOf(element, shade) ?? 'ff', 16) / 255;
  return mixed(mixed(named, white, 1 - lighter), black, 1 - darker);
}

export function numberOf(element: XmlElement | null, name = 'val'): number | null {
  const value = attributeOf(element, name);
  if (value === null || value.trim() === '') return null;
  const number = Number.parseFloat(value);
  return Number.isFinite(number) ? number : null;
}

/** By which means a run is concealed, if any. */
export function concealmentOf(look: TextLook, ground: Ground): Layer | null {
  if (look.vanish === true) return 'hidden:vanish';
  if ((look.alpha ?? 1) < FAINT) return 'hidden:opacity';
  if ((look.sizePt ?? TINY_PT) < TINY_PT || (look.scale ?? NARROW) < NARROW) return 'hidden:tiny';
  const behind = look.highlight ?? look.shade ?? ground ?? white;
  if (look.colour !== undefined && look.colour !== null && behind !== 'unknown') {
    if (areAlike(look.colour, behind)) return 'hidden:colour';
  }
  return null;
}
