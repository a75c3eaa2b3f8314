import { InvariantError } from '../../decision/errors.ts';

/** One reviewer's answer to one case that others answered too, each without seeing the other's. */
export interface Rating {
  readonly category: string;
  readonly item: string;
  readonly reviewer: string;
}

/** Of one item, how often each category was given, in the order of the categories. */
export type ItemCounts = readonly number[];

/** The categories that occur, in the order of their code units; ordinal ones are better named by hand. */
export function categoriesOf(ratings: readonly Rating[]): string[] {
  return [...new Set(ratings.map(({ category }) => category))].sort();
}

/**
 * Table of two reviewers over the items that both rated: rows are the first reviewer's categories, columns the
 * second's.
 */
export function pairTable(
  ratings: readonly Rating[],
  [first, second]: readonly [string, string],
  categories: readonly string[],
): number[][] {
  const table = categories.map(() => categories.map(() => 0));
  for (const byReviewer of byItem(ratings).values()) {
    const [a, b] = [byReviewer.get(first), byReviewer.get(second)];
    if (a === undefined || b === undefined) continue;
    const row = table[indexOf(categories, a)];
    const column = indexOf(categories, b);
    if (row) row[column] = (row[column] ?? 0) + 1;
  }
  return table;
}

/** Counts of each item that at least two reviewers rated, whoever they were. */
export function itemCounts(ratings: readonly Rating[], categories: readonly string[]): ItemCounts[] {
  return [...byItem(ratings).values()]
    .filter((byReviewer) => byReviewer.size >= 2)
    .map((byReviewer) => {
      const counts = categories.map(() => 0);
      for (const category of byReviewer.values()) {
        const index = indexOf(categories, category);
        counts[index] = (counts[index] ?? 0) + 1;
      }
      return counts;
    });
}

/** The counts of each item of a two-reviewer table. */
export function countsOfTable(table: readonly (readonly number[])[]): ItemCounts[] {
  return table.flatMap((row, a) =>
    row.flatMap((times, b) =>
      Array.from({ length: times }, () => table.map((_, k) => Number(k === a) + Number(k === b))),
    ),
  );
}

function byItem(ratings: readonly Rating[]): Map<string, Map<string, string>> {
  const items = new Map<string, Map<string, string>>();
  for (const { category, item, reviewer } of ratings) {
    const byReviewer = items.get(item) ?? new Map<string, string>();
    if (byReviewer.has(reviewer)) throw new InvariantError('a reviewer rated one item twice');
    items.set(item, byReviewer.set(reviewer, category));
  }
  return items;
}

function indexOf(categories: readonly string[], category: string): number {
  const index = categories.indexOf(category);
  if (index < 0) throw new InvariantError('a rating names a category that is not among those compared');
  return index;
}
