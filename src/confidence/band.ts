import type { Band } from '../decision/entry.ts';

/**
 * The band of a score in [0, 1]. Both thresholds belong to the outer bands: Chow's rule decides at
 * equality. A score that is no number falls in the middle, where a person decides (I5).
 */
export function band(score: number, bands: { readonly tLow: number; readonly tHigh: number }): Band {
  if (score <= bands.tLow) return 'low';
  if (score >= bands.tHigh) return 'high';
  return 'middle';
}
