import { type Box, everywhere, identity, type Matrix } from './geometry.ts';

/** Red, green, blue, 0 to 255; null where it is a pattern or otherwise not one colour. */
export type Colour = readonly [number, number, number] | null;

/** As much of the PDF graphics state (ISO 32000-2, 8.4) as decides whether a reader sees a text. */
export interface GraphicsState {
  matrix: Matrix;
  clip: Box;
  fill: Colour;
  fillAlpha: number;
  stroke: Colour;
  strokeAlpha: number;
  fontSize: number;
  characterSpacing: number;
  wordSpacing: number;
  /** 1 is normal. */
  horizontalScale: number;
  leading: number;
  rise: number;
  renderMode: number;
  /** Drawn through a soft mask or blended otherwise than by covering: only drawing tells what is seen. */
  blended: boolean;
  /** Drawn through a mask of brightnesses. */
  masked: boolean;
  /** The parser's name of the font. */
  font: string;
}

const black: Colour = [0, 0, 0];

export function initialState(): GraphicsState {
  return {
    matrix: identity,
    clip: everywhere,
    fill: black,
    fillAlpha: 1,
    stroke: black,
    strokeAlpha: 1,
    fontSize: 0,
    characterSpacing: 0,
    wordSpacing: 0,
    horizontalScale: 1,
    leading: 0,
    rise: 0,
    renderMode: 0,
    blended: false,
    masked: false,
    font: '',
  };
}

/** A colour as the parser gives it: `#rrggbb`, or the three numbers. */
export function colourOf(args: readonly unknown[]): Colour {
  const [first, second, third] = args;
  if (typeof first === 'string' && /^#[0-9a-f]{6}$/i.test(first)) {
    const value = Number.parseInt(first.slice(1), 16);
    return [value >> 16, (value >> 8) & 0xff, value & 0xff];
  }
  return typeof first === 'number' && typeof second === 'number' && typeof third === 'number'
    ? [first, second, third]
    : null;
}

/** Too close for a reader to tell text from its ground: a contrast below about 1.15 to 1. */
const NEAR_PER_CHANNEL = 16;

export function areNear(one: Colour, other: Colour): boolean {
  if (one === null || other === null) return false;
  return one.every((channel, i) => Math.abs(channel - (other[i] as number)) <= NEAR_PER_CHANNEL);
}
