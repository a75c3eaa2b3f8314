import { InvariantError } from '../../decision/errors.ts';
import { type Coefficient, coefficientOf } from './coefficient.ts';
import type { ItemCounts } from './rating.ts';

/**
 * Fleiss' κ over items that two or more reviewers rated, not always the same and not always as many: chance
 * gives each category its share in all answers, each item counting alike.
 */
export function fleissKappa(items: readonly ItemCounts[]): Coefficient {
  const shares = sharesOf(items);
  const expected = shares.reduce((sum, share) => sum + share * share, 0);
  return chanceCorrected(items, expected, (category) => shares[category] ?? 0);
}

/**
 * Gwet's AC1 over the same items: chance agreement is Σπ(1 − π)/(K − 1), which stays small where one category is
 * rare, so that reviewers who almost always agree are not called unreliable (Gwet 2008).
 */
export function gwetAc1(items: readonly ItemCounts[]): Coefficient {
  const shares = sharesOf(items);
  const pairs = Math.max(1, shares.length - 1);
  const expected = shares.reduce((sum, share) => sum + share * (1 - share), 0) / pairs;
  return chanceCorrected(items, expected, (category) => (1 - (shares[category] ?? 0)) / pairs);
}

function chanceCorrected(
  items: readonly ItemCounts[],
  expected: number,
  chanceOf: (category: number) => number,
): Coefficient {
  const own = items.map((counts) => {
    const ratings = total(counts);
    const agreeing = counts.reduce((sum, count) => sum + count * (count - 1), 0);
    const byChance = counts.reduce((sum, count, category) => sum + count * chanceOf(category), 0);
    return { expected: byChance / ratings, observed: agreeing / (ratings * (ratings - 1)) };
  });
  const observed = own.reduce((sum, item) => sum + item.observed, 0) / Math.max(1, own.length);
  return coefficientOf(own, observed, expected);
}

/** Each category's share in the answers, averaged over the items. */
function sharesOf(items: readonly ItemCounts[]): number[] {
  const shares = (items[0] ?? []).map(() => 0);
  for (const counts of items) {
    const ratings = total(counts);
    if (ratings < 2 || counts.length !== shares.length) {
      throw new InvariantError('agreement needs two ratings of each item, over the same categories');
    }
    for (const [category, count] of counts.entries()) {
      shares[category] = (shares[category] ?? 0) + count / ratings / items.length;
    }
  }
  return shares;
}

function total(counts: ItemCounts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
