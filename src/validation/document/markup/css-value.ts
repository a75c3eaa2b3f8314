import { hexColour, type Rgb } from './colour.ts';
import { namedColours } from './named-colours.ts';

export interface Ink {
  readonly colour: Rgb;
  readonly alpha: number;
}

const clear: Ink = { colour: [255, 255, 255], alpha: 0 };

/** A colour of CSS, with its opacity; null for what is none, or is not one colour. */
export function inkOf(value: string): Ink | null {
  const text = value.trim().toLowerCase();
  if (text === 'transparent') return clear;
  const name = namedColours.get(text);
  const colour = hexColour(name ?? (text.startsWith('#') ? text : ''));
  if (colour !== null) return { colour, alpha: name === undefined ? hexAlpha(text) : 1 };
  const call = /^(rgb|hsl)a?\(([^()]*)\)$/.exec(text);
  if (call === null) return null;
  const [first, second, third, alpha = '1'] = (call[2] ?? '').split(/[\s,/]+/).filter((one) => one !== '');
  const numbers = [first, second, third].map((one) => Number.parseFloat(one ?? ''));
  if (numbers.some((number) => !Number.isFinite(number))) return null;
  const [a, b, c] = numbers as [number, number, number];
  const scale = first?.endsWith('%') === true ? 2.55 : 1;
  return {
    colour: call[1] === 'hsl' ? fromHsl(a, b / 100, c / 100) : [a * scale, b * scale, c * scale],
    alpha: alpha.endsWith('%') ? Number.parseFloat(alpha) / 100 : Number.parseFloat(alpha),
  };
}

function hexAlpha(text: string): number {
  const digits = text.slice(1);
  if (digits.length === 4) return Number.parseInt(digits.slice(3), 16) / 15;
  return digits.length === 8 ? Number.parseInt(digits.slice(6), 16) / 255 : 1;
}

/** CSS Color 4, 7.1. */
function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    const chroma = saturation * Math.min(lightness, 1 - lightness);
    return Math.round(255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

const pixels: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  q: 96 / 101.6,
  rem: 16,
  vw: 12.8,
  vh: 8,
  vmin: 8,
  vmax: 12.8,
};

/** @returns a length in pixels; null for a keyword and for what is not to be told here */
export function lengthPx(value: string, emPx: number, wholePx: number | null): number | null {
  const text = value
    .trim()
    .replace(/^calc\(([^()]*)\)$/, '$1')
    .trim();
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([a-z]*|%)$/i.exec(text);
  if (match === null) return null;
  const number = Number(match[1]);
  const unit = (match[2] ?? '').toLowerCase();
  if (unit === '%') return number === 0 ? 0 : wholePx === null ? null : (number * wholePx) / 100;
  if (unit === 'em' || unit === 'ch' || unit === 'ex') return number * emPx * (unit === 'em' ? 1 : 0.5);
  const factor = pixels[unit];
  return factor === undefined ? null : number * factor;
}
