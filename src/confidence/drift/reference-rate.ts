import { InvariantError } from '../../decision/errors.ts';
import { clopperPearsonLower, clopperPearsonUpper } from '../certification/binomial.ts';
import type { Tally } from './rate-evidence.ts';

/** Where a watch draws its boundary, and what of the budget is left for the stream. */
export interface WatchTerms {
  readonly boundary: number;
  readonly budget: number;
}

/**
 * The terms of a watch whose reference rate was itself only observed. Half of the budget pays for the
 * Clopper–Pearson bound of the reference being wrong, half for the stream; by the union bound a false alarm is
 * no more likely than `budget` while the rate stays within `tolerance` of the reference's.
 */
export function termsFromReference(
  reference: Tally,
  options: { readonly budget: number; readonly direction: 'fall' | 'rise'; readonly tolerance: number },
): WatchTerms {
  const { budget, direction, tolerance } = options;
  const delta = budget / 2;
  const boundary =
    direction === 'rise'
      ? clopperPearsonUpper(reference.events, reference.count, delta) + tolerance
      : clopperPearsonLower(reference.events, reference.count, delta) - tolerance;
  if (!(boundary > 0 && boundary < 1)) {
    throw new InvariantError('the reference is too small to watch this rate: its bound leaves no room');
  }
  return { boundary, budget: delta };
}

/** One budget of a decision type parted over its watches: the sum over all watches stays what was stated. */
export function shareOfBudget(budget: number, watches: number): number {
  return budget / watches;
}
