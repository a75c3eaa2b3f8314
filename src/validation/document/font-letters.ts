import { letterWidths } from './letter-widths.ts';

/** Distinct letters of a font from which its widths tell something. */
const LETTERS_MIN = 8;
/** Of faces in use, the sans, the serif, the narrow and the script agree by more than .6. */
const AGREEMENT_MIN = 0.4;
/** Widths that hardly differ are those of a typewriter face, and tell nothing. */
const SPREAD_MIN = 30;

/** Which letters the fonts of a page claim to show, and how wide they are. */
export class FontLetters {
  readonly #fonts = new Map<string, Map<string, number>>();

  add(font: string, glyphs: readonly unknown[]): void {
    let widths = this.#fonts.get(font);
    if (widths === undefined) this.#fonts.set(font, (widths = new Map()));
    for (const glyph of glyphs) {
      if (typeof glyph !== 'object' || glyph === null) continue;
      const { unicode, width } = glyph as { unicode?: unknown; width?: unknown };
      if (typeof unicode === 'string' && typeof width === 'number' && letterWidths[unicode] !== undefined)
        widths.set(unicode, width);
    }
  }

  get names(): string[] {
    return [...this.#fonts.keys()];
  }

  /** Whether a font's letters are as wide as letters of that name are: an i is narrow, an m is wide. */
  isOdd(font: string): boolean {
    const pairs = [...(this.#fonts.get(font) ?? [])].map(
      ([letter, width]) => [width, letterWidths[letter] ?? 0] as const,
    );
    if (pairs.length < LETTERS_MIN) return false;
    const widths = pairs.map(([width]) => width);
    if (deviation(widths) < SPREAD_MIN) return false;
    return correlation(pairs) < AGREEMENT_MIN;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
  const spread = deviation(xs) * deviation(ys);
  if (spread === 0) return 1;
  const [x, y] = [mean(xs), mean(ys)];
  return mean(pairs.map(([one, other]) => (one - x) * (other - y))) / spread;
}
