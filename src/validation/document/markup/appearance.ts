import { areAlike, mixed, type Rgb, white } from './colour.ts';
import { inkOf, lengthPx } from './css-value.ts';
import { attribute, type Element } from './selector.ts';
import type { Layer } from '../extraction.ts';

type Style = ReadonlyMap<string, string>;

/** What decides whether text in an element is seen. */
export interface Appearance {
  /** By which means everything inside is out of sight, whatever its own style. */
  readonly concealed: Layer | null;
  readonly isVisible: boolean;
  readonly opacity: number;
  readonly fontPx: number;
  readonly ink: Rgb;
  readonly inkAlpha: number;
  /** 'unknown' where it is a picture or a gradient. */
  readonly ground: Rgb | 'unknown';
  readonly indentPx: number;
}

export const initialAppearance: Appearance = {
  concealed: null,
  isVisible: true,
  opacity: 1,
  fontPx: 16,
  ink: [0, 0, 0],
  inkAlpha: 1,
  ground: white,
  indentPx: 0,
};

const FAINT = 0.05;
/** Smaller than any fine print. */
const TINY_PX = 3;
/** A box in which no letter has room. */
const BOX_PX = 2;
const AWAY_PX = 500;
const fontKeywords: Readonly<Record<string, number>> = {
  'xx-small': 9,
  'x-small': 10,
  small: 13,
  medium: 16,
  large: 18,
  'x-large': 24,
  'xx-large': 32,
};
const fontSizes = [10, 10, 13, 16, 18, 24, 32, 48];
/** Of these nothing is drawn by a browser's own style sheet (HTML, 15.3.1). */
const undrawn = new Set(['area', 'base', 'datalist', 'head', 'link', 'meta', 'param', 'rp', 'title']);

/** By which means text in an element is concealed, if any. */
export function concealmentIn(look: Appearance): Layer | null {
  if (look.concealed !== null) return look.concealed;
  if (!look.isVisible) return 'hidden:visibility';
  if (look.opacity < FAINT || look.inkAlpha < FAINT) return 'hidden:opacity';
  if (look.indentPx < -AWAY_PX) return 'hidden:off-page';
  if (look.fontPx < TINY_PX) return 'hidden:tiny';
  if (look.ground === 'unknown') return null;
  const seen = mixed(look.ground, look.ink, Math.min(1, look.inkAlpha * look.opacity));
  return areAlike(seen, look.ground) ? 'hidden:colour' : null;
}

/** The appearance of an element, from that of its parent and its own style. */
export function appearanceOf(element: Element, style: Style, parent: Appearance): Appearance {
  const fontPx = fontOf(element, style, parent.fontPx);
  const ink = inkIn(element, style);
  const visibility = style.get('visibility');
  const opacity = Number.parseFloat(style.get('opacity') ?? attribute(element, 'opacity') ?? '1');
  const percent = style.get('opacity')?.endsWith('%') === true ? 100 : 1;
  const filtered = /opacity\(\s*([\d.]+)(%?)\s*\)/.exec(style.get('filter') ?? '');
  const filter = filtered === null ? 1 : Number(filtered[1]) / (filtered[2] === '%' ? 100 : 1);
  return {
    concealed: parent.concealed ?? boxConcealment(element, style, fontPx),
    isVisible:
      visibility === undefined || visibility === 'inherit' ? parent.isVisible : visibility === 'visible',
    opacity: parent.opacity * (Number.isFinite(opacity) ? opacity / percent : 1) * filter,
    fontPx,
    ink: ink?.colour ?? parent.ink,
    inkAlpha: ink?.alpha ?? parent.inkAlpha,
    ground: groundOf(element, style, parent.ground),
    indentPx: lengthPx(style.get('text-indent') ?? '', fontPx, 1000) ?? parent.indentPx,
  };
}

function fontOf(element: Element, style: Style, parentPx: number): number {
  const shorthand = /(?:^|\s)([\d.]+(?:px|pt|em|rem|%)|0)(?:\s*\/|\s)/.exec(style.get('font') ?? '')?.[1];
  const given = style.get('font-size') ?? shorthand ?? attribute(element, 'font-size');
  if (given !== undefined && given !== null) {
    const size = fontKeywords[given] ?? lengthPx(given, parentPx, parentPx);
    if (size !== null) return size;
  }
  const number = element.tagName === 'font' ? Number(attribute(element, 'size')) : Number.NaN;
  return (number >= 1 ? fontSizes[Math.min(7, number)] : undefined) ?? parentPx;
}

function inkIn(element: Element, style: Style): ReturnType<typeof inkOf> {
  const isDrawing = element.namespaceURI.endsWith('/svg');
  const given =
    style.get('-webkit-text-fill-color') ??
    (isDrawing ? (style.get('fill') ?? attribute(element, 'fill')) : undefined) ??
    style.get('color') ??
    (element.tagName === 'font' ? attribute(element, 'color') : null) ??
    (element.tagName === 'body' ? attribute(element, 'text') : null);
  return given === null ? null : inkOf(/^[0-9a-f]{6}$/i.test(given) ? `#${given}` : given);
}

function groundOf(element: Element, style: Style, parent: Appearance['ground']): Appearance['ground'] {
  const shorthand = style.get('background') ?? '';
  const image = `${style.get('background-image') ?? ''} ${shorthand}`;
  if (/url\(|gradient\(/i.test(image) || attribute(element, 'background') !== null) return 'unknown';
  const attributed = attribute(element, 'bgcolor');
  const given = style.get('background-color') ?? (shorthand === '' ? attributed : shorthand) ?? '';
  const ink = inkOf(/^[0-9a-f]{6}$/i.test(given) ? `#${given}` : given) ?? firstInk(given);
  if (ink === null) return parent;
  if (ink.alpha >= 1) return ink.colour;
  return parent === 'unknown'
    ? ink.alpha < FAINT
      ? 'unknown'
      : ink.colour
    : mixed(parent, ink.colour, ink.alpha);
}

/** The colour in a shorthand of several values. */
function firstInk(shorthand: string): ReturnType<typeof inkOf> {
  for (const value of shorthand.match(/(?:rgb|hsl)a?\([^()]*\)|[^\s()]+/g) ?? []) {
    const ink = inkOf(value);
    if (ink !== null) return ink;
  }
  return null;
}

function boxConcealment(element: Element, style: Style, fontPx: number): Layer | null {
  const display = style.get('display') ?? attribute(element, 'display') ?? '';
  const isUndrawn = undrawn.has(element.tagName) && !element.namespaceURI.endsWith('/svg');
  const isHidden = attribute(element, 'hidden') !== null && (display === '' || display === 'none');
  if (display === 'none' || isHidden || isUndrawn || style.get('content-visibility') === 'hidden')
    return 'hidden:display';
  const length = (property: string, whole: number | null = null) =>
    lengthPx(style.get(property) ?? '', fontPx, whole);
  const position = style.get('position') ?? 'static';
  if (position === 'absolute' || position === 'fixed' || position === 'relative') {
    for (const side of ['left', 'right', 'top', 'bottom']) {
      if (Math.abs(length(side, 1000) ?? 0) > 4 * AWAY_PX || (length(side, 1000) ?? 0) < -AWAY_PX)
        return 'hidden:off-page';
    }
  }
  if ((length('margin-left') ?? 0) < -AWAY_PX || (length('margin-top') ?? 0) < -AWAY_PX)
    return 'hidden:off-page';
  const transform = style.get('transform') ?? '';
  const moved = /translate(?:3d|x|y)?\(\s*(-?[\d.]+)(px|em|rem|vw|%)/.exec(transform);
  if (moved !== null && (lengthPx(`${moved[1]}${moved[2]}`, fontPx, AWAY_PX) ?? 0) <= -AWAY_PX)
    return 'hidden:off-page';
  if (/scale(?:x|y|3d)?\(\s*0?\.?0*\s*[,)]/.test(transform)) return 'hidden:clipped';
  return isClipped(element, style, length) ? 'hidden:clipped' : null;
}

function isClipped(
  element: Element,
  style: Style,
  length: (property: string, whole?: number | null) => number | null,
): boolean {
  const rectangle = /rect\(([^()]*)\)/.exec(style.get('clip') ?? '')?.[1];
  if (rectangle !== undefined) {
    const [top = 0, right = 0, bottom = 0, left = 0] = rectangle
      .split(/[\s,]+/)
      .map((side) => Number.parseFloat(side));
    if (right - left < BOX_PX || bottom - top < BOX_PX) return true;
  }
  const path = style.get('clip-path') ?? '';
  if (
    /inset\(\s*(?:[5-9]\d|100)(?:\.\d+)?%|circle\(\s*0|polygon\(\s*0(?:px|%)?\s+0(?:px|%)?\s*,\s*0(?:px|%)?\s+0(?:px|%)?\s*,\s*0(?:px|%)?\s+0/.test(
      path,
    )
  ) {
    return true;
  }
  const overflow = `${style.get('overflow') ?? ''} ${style.get('overflow-x') ?? ''} ${style.get('overflow-y') ?? ''}`;
  if (!/hidden|clip/.test(overflow)) return false;
  const given = [length('height'), length('max-height'), length('width'), length('max-width')];
  const attributed = ['height', 'width'].map((name) => lengthPx(attribute(element, name) ?? '', 16, null));
  return [...given, ...attributed].some((size) => size !== null && size < BOX_PX);
}
