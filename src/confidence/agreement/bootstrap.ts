import type { Interval } from '../audit-sample/proportion.ts';
import { createRandom } from '../calibration/random.ts';

export interface BootstrapInterval extends Interval {
  readonly draws: number;
  /** Draws in which the statistic did not exist; they are left out of the interval. */
  readonly undefinedDraws: number;
}

/**
 * Percentile bootstrap over items: items are drawn with replacement, since they, and not their ratings, are
 * independent. The same seed gives the same interval. Null where the statistic never exists.
 */
export function bootstrapInterval<Item>(
  items: readonly Item[],
  statistic: (sample: readonly Item[]) => number | null,
  options: { readonly draws?: number; readonly level?: number; readonly seed: number },
): BootstrapInterval | null {
  const { draws = 2_000, level = 0.95, seed } = options;
  const random = createRandom(seed);
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const sample = items.map(() => items[Math.floor(random() * items.length)] as Item);
    const value = statistic(sample);
    if (value !== null) values.push(value);
  }
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  const tail = (1 - level) / 2;
  return {
    draws,
    lower: quantileOf(values, tail),
    undefinedDraws: draws - values.length,
    upper: quantileOf(values, 1 - tail),
  };
}

function quantileOf(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN];
  return below + (place - Math.floor(place)) * (above - below);
}
