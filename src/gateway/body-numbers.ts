import type { SurfaceText } from '../decision/surface.ts';

/** Shorter numbers are amounts and years; the shortest national ids have eight digits. */
const numberMin = 10_000_000;

/**
 * Every whole number of a JSON value that is long enough to name a person, an account or a card. Numbers
 * carry no instructions, so validation does not read them; a model reads them very well.
 */
export function numbersOf(value: unknown, pointer = '', under?: string): SurfaceText[] {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < numberMin) return [];
    const named = under === undefined ? {} : { key: under };
    return [{ surface: 'chat', origin: pointer === '' ? '/' : pointer, text: String(value), ...named }];
  }
  if (Array.isArray(value))
    return value.flatMap((item: unknown, i) => numbersOf(item, `${pointer}/${i}`, under));
  if (typeof value !== 'object' || value === null) return [];
  // Keys are the caller's text, so a place is named by its position (I8).
  return Object.entries(value).flatMap(([key, item], i) => numbersOf(item, `${pointer}/~${i}`, key));
}
