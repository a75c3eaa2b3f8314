import chiSquareQuantile from '@stdlib/stats-base-dists-chisquare-quantile';
import type { Interval } from '../audit-sample/proportion.ts';

/** Agreement beyond chance: 1 is perfect, 0 is what chance would give. */
export interface Coefficient {
  /** Agreement expected by chance. */
  readonly expected: number;
  readonly items: number;
  /** Observed agreement. */
  readonly observed: number;
  /** Of large samples; null where it cannot be computed. */
  readonly standardError: number | null;
  /** Null where the expected agreement is 1 already: everybody always says the same, and nothing is learned. */
  readonly value: number | null;
}

/**
 * Coefficient and standard error from each item's own observed and expected agreement. The error is that of the
 * linearised coefficient: an item moves it by its agreement and, twice, by how it moves the margins (Fleiss,
 * Cohen and Everitt 1969; Gwet 2008).
 */
export function coefficientOf(
  items: readonly { readonly observed: number; readonly expected: number }[],
  observed: number,
  expected: number,
): Coefficient {
  const count = items.length;
  const room = 1 - expected;
  if (count === 0 || room < 1e-12) {
    return { expected, items: count, observed, standardError: null, value: null };
  }
  const value = (observed - expected) / room;
  const squares = items.reduce((sum, item) => {
    const own = (item.observed - expected) / room;
    const moved = (2 * (1 - value) * (item.expected - expected)) / room;
    return sum + (own - moved - value) ** 2;
  }, 0);
  const standardError = count < 2 ? null : Math.sqrt(squares / (count * (count - 1)));
  return { expected, items: count, observed, standardError, value };
}

/** The interval of large samples at `level`, cut off at −1 and 1; null where there is no standard error. */
export function asymptoticInterval({ standardError, value }: Coefficient, level = 0.95): Interval | null {
  if (value === null || standardError === null) return null;
  const half = Math.sqrt(chiSquareQuantile(level, 1)) * standardError;
  return { lower: Math.max(-1, value - half), upper: Math.min(1, value + half) };
}
