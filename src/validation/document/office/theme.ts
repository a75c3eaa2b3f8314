import { black, hexColour, mixed, type Rgb, white } from '../markup/colour.ts';
import { attributeOf, childrenOf, descendantsOf, type XmlElement } from './xml.ts';

/** Colours by the names of the theme (ECMA-376-1, 20.1.6.2). */
export type Theme = ReadonlyMap<string, Rgb>;

/** Other names for the same colours, as WordprocessingML (17.18.97) and DrawingML (20.1.10.54) give them. */
const aliases: Readonly<Record<string, string>> = {
  background1: 'lt1',
  bg1: 'lt1',
  light1: 'lt1',
  text1: 'dk1',
  tx1: 'dk1',
  dark1: 'dk1',
  background2: 'lt2',
  bg2: 'lt2',
  light2: 'lt2',
  text2: 'dk2',
  tx2: 'dk2',
  dark2: 'dk2',
  hyperlink: 'hlink',
  followedHyperlink: 'folHlink',
};

/** The theme that Office uses where a file brings none. */
const standard: readonly (readonly [string, Rgb])[] = [
  ['dk1', black],
  ['lt1', white],
  ['dk2', [68, 84, 106]],
  ['lt2', [231, 230, 230]],
  ['hlink', [5, 99, 193]],
  ['folHlink', [149, 79, 114]],
];

export function themeOf(tree: XmlElement | null): Theme {
  const theme = new Map(standard);
  const [scheme] = tree === null ? [] : descendantsOf(tree, 'clrScheme');
  for (const slot of childrenOf(scheme)) {
    const [colour] = childrenOf(slot);
    const value = attributeOf(colour, 'lastClr') ?? attributeOf(colour, 'val') ?? '';
    const rgb = hexColour(value);
    if (rgb !== null) theme.set(slot.name, rgb);
  }
  return theme;
}

export function themeColour(theme: Theme, name: string): Rgb | null {
  return theme.get(aliases[name] ?? name) ?? null;
}

/**
 * A colour as DrawingML writes it (`a:solidFill` and the like), with its opacity.
 *
 * @returns null where it is no one colour
 */
export function drawnColour(
  fill: XmlElement | null,
  theme: Theme,
): { readonly colour: Rgb; readonly alpha: number } | null {
  const [given] = childrenOf(fill);
  if (given === undefined) return null;
  const value = attributeOf(given, 'val') ?? '';
  const base =
    given.name === 'srgbClr'
      ? hexColour(value)
      : given.name === 'schemeClr'
        ? themeColour(theme, value)
        : given.name === 'sysClr'
          ? hexColour(attributeOf(given, 'lastClr') ?? (value === 'window' ? 'ffffff' : '000000'))
          : null;
  if (base === null) return null;
  let colour = base;
  let alpha = 1;
  for (const change of childrenOf(given)) {
    const share = Number(attributeOf(change, 'val') ?? '100000') / 100_000;
    if (change.name === 'tint') colour = mixed(colour, white, 1 - share);
    if (change.name === 'shade' || change.name === 'lumMod') colour = mixed(colour, black, 1 - share);
    if (change.name === 'lumOff') colour = mixed(colour, white, share);
    // In the older markup of Word (w14) a full alpha is fully transparent.
    if (change.name === 'alpha') alpha = given.space.includes('/word/') ? 1 - share : share;
  }
  return { colour, alpha };
}
