import { InvariantError } from '../../decision/errors.ts';
import { type Coefficient, coefficientOf } from './coefficient.ts';

/** How much of an agreement two different categories are: none, or the more the closer they stand in order. */
export type AgreementWeights = 'linear' | 'quadratic' | 'unweighted';

type Table = readonly (readonly number[])[];

/**
 * Cohen's κ of two reviewers, (p_o − p_e)/(1 − p_e), from their table; chance keeps each reviewer's own shares.
 * Weighted, for categories in order. Where one category is rare κ is low although they agree (the κ paradox):
 * read it beside Gwet's AC1.
 */
export function cohenKappa(table: Table, weights: AgreementWeights = 'unweighted'): Coefficient {
  if (table.length < 2 || table.some((row) => row.length !== table.length)) {
    throw new InvariantError('a table of two reviewers has as many rows as columns, two at least');
  }
  const count = table.flat().reduce((sum, cell) => sum + cell, 0);
  const weight = weightOf(weights, table.length);
  const rows = table.map((row) => row.reduce((sum, cell) => sum + cell, 0) / Math.max(1, count));
  const columns = table.map(
    (_, b) => table.reduce((sum, row) => sum + (row[b] ?? 0), 0) / Math.max(1, count),
  );
  // What a category of one reviewer agrees with, on average, in the other's answers.
  const rowMeets = rows.map((_, a) => columns.reduce((sum, share, b) => sum + share * weight(a, b), 0));
  const columnMeets = columns.map((_, b) => rows.reduce((sum, share, a) => sum + share * weight(a, b), 0));
  const items = table.flatMap((row, a) =>
    row.flatMap((times, b) => {
      const expected = ((rowMeets[a] ?? 0) + (columnMeets[b] ?? 0)) / 2;
      return Array.from({ length: times }, () => ({ expected, observed: weight(a, b) }));
    }),
  );
  const observed = items.reduce((sum, item) => sum + item.observed, 0) / Math.max(1, count);
  const expected = rows.reduce((sum, share, a) => sum + share * (rowMeets[a] ?? 0), 0);
  return coefficientOf(items, observed, expected);
}

function weightOf(weights: AgreementWeights, categories: number): (a: number, b: number) => number {
  if (weights === 'unweighted') return (a, b) => Number(a === b);
  const power = weights === 'linear' ? 1 : 2;
  return (a, b) => 1 - (Math.abs(a - b) / (categories - 1)) ** power;
}
