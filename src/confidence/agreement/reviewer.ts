import { type Proportion, proportion } from '../audit-sample/proportion.ts';
import type { Rating } from './rating.ts';

/** How one reviewer's answers compare to what was right. */
export interface ReviewerConfusion {
  readonly accuracy: Proportion;
  readonly reviewer: string;
  /** Rows: what was right; columns: what the reviewer said; both in the order of the categories. */
  readonly table: readonly (readonly number[])[];
}

/** The confusion of each reviewer, by reviewer; ratings of items whose truth is unknown are left out. */
export function confusionByReviewer(
  ratings: readonly Rating[],
  truth: ReadonlyMap<string, string>,
  categories: readonly string[],
): ReviewerConfusion[] {
  return byReviewer(ratings).map(([reviewer, own]) => {
    const table = categories.map((right) =>
      categories.map(
        (said) => own.filter(({ category, item }) => category === said && truth.get(item) === right).length,
      ),
    );
    const count = table.flat().reduce((sum, cell) => sum + cell, 0);
    const right = table.reduce((sum, row, k) => sum + (row[k] ?? 0), 0);
    return { accuracy: proportion(right, count), reviewer, table };
  });
}

/** A case with a known answer, put among the others, in which the model’s recommendation is wrong on purpose. */
export interface SeededCase {
  readonly item: string;
  readonly right: string;
}

export interface CatchRate {
  readonly caught: Proportion;
  readonly reviewer: string;
}

/**
 * Of the seeded cases that a reviewer was given, the share in which the wrong recommendation was corrected, with
 * its Clopper–Pearson interval. A reviewer who follows the model catches none: the measure of automation bias
 * (AI Act, Article 14(4)(b)).
 */
export function catchRates(
  ratings: readonly Rating[],
  seeded: readonly SeededCase[],
  level = 0.95,
): CatchRate[] {
  const right = new Map(seeded.map((one) => [one.item, one.right]));
  return byReviewer(ratings.filter(({ item }) => right.has(item))).map(([reviewer, own]) => {
    const caught = own.filter(({ category, item }) => right.get(item) === category).length;
    return { caught: proportion(caught, own.length, level), reviewer };
  });
}

function byReviewer(ratings: readonly Rating[]): [string, Rating[]][] {
  const grouped = new Map<string, Rating[]>();
  for (const rating of ratings) {
    const own = grouped.get(rating.reviewer) ?? [];
    own.push(rating);
    grouped.set(rating.reviewer, own);
  }
  return [...grouped].sort(([a], [b]) => (a < b ? -1 : 1));
}
