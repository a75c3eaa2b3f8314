import quantile from '@stdlib/stats-base-dists-chisquare-quantile';
import { InvariantError } from '../../decision/errors.ts';

/** Population stability index Σ(a − e)·ln(a/e) of two distributions over the same bins, none of them empty. */
export function stabilityIndex(expected: readonly number[], actual: readonly number[]): number {
  if (expected.length !== actual.length || expected.length < 2) {
    throw new InvariantError('a stability index compares two distributions over the same bins');
  }
  return expected.reduce((sum, e, bin) => {
    const a = actual[bin] ?? 0;
    if (!(e > 0 && a > 0)) throw new InvariantError('a stability index is infinite over an empty bin');
    return sum + (a - e) * Math.log(a / e);
  }, 0);
}

/**
 * What the index of two samples of one distribution exceeds with probability `alpha` only (Yurdakul 2018): it
 * depends on the sizes of both, so the customary 0.1 and 0.25 alarm small samples and miss shifts of large ones.
 */
export function stabilityCritical(options: {
  readonly actualCount: number;
  readonly alpha: number;
  readonly bins: number;
  readonly expectedCount: number;
}): number {
  const { actualCount, alpha, bins, expectedCount } = options;
  return quantile(1 - alpha, bins - 1) * (1 / expectedCount + 1 / actualCount);
}

export interface StabilityReport {
  readonly actualCount: number;
  readonly bins: number;
  readonly critical: number;
  readonly exceeds: boolean;
  readonly expectedCount: number;
  readonly index: number;
}

/**
 * The index of two histograms over the same bins. Neighbouring bins are joined until each holds its part of the
 * expected decisions, `bins` of them at most; half a decision is added to every joined bin of both, so that none
 * is empty. Null where one side has no decisions or all of the expected lie in one bin.
 */
export function compareStability(
  expected: readonly number[],
  actual: readonly number[],
  { alpha = 0.05, bins = 10 }: { readonly alpha?: number; readonly bins?: number } = {},
): StabilityReport | null {
  const groups = equalMassGroups(expected, bins);
  const sums = (counts: readonly number[]) =>
    groups.map(([start, end]) => counts.slice(start, end).reduce((sum, count) => sum + count, 0));
  const [expectedSums, actualSums] = [sums(expected), sums(actual)];
  const [expectedCount, actualCount] = [total(expectedSums), total(actualSums)];
  if (groups.length < 2 || expectedCount === 0 || actualCount === 0) return null;
  const index = stabilityIndex(shares(expectedSums), shares(actualSums));
  const critical = stabilityCritical({ actualCount, alpha, bins: groups.length, expectedCount });
  return { actualCount, bins: groups.length, critical, exceeds: index > critical, expectedCount, index };
}

/** Runs of neighbouring bins, [start, end), each with at least 1/`groupsMax` of the mass. */
function equalMassGroups(counts: readonly number[], groupsMax: number): [start: number, end: number][] {
  const needed = total(counts) / groupsMax;
  const groups: [number, number][] = [];
  let start = 0;
  let mass = 0;
  for (const [bin, count] of counts.entries()) {
    mass += count;
    if (mass < needed || mass === 0) continue;
    groups.push([start, bin + 1]);
    start = bin + 1;
    mass = 0;
  }
  // What is left over at the end is less than a group, and belongs to the last.
  const last = groups.at(-1);
  if (last) last[1] = counts.length;
  return groups;
}

function shares(counts: readonly number[]): number[] {
  const sum = total(counts) + counts.length / 2;
  return counts.map((count) => (count + 0.5) / sum);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
