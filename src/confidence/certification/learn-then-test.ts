import { binomialPValue } from './binomial.ts';

/** Labelled cases in the band of one candidate threshold, and how many of them are errors. */
export interface BandCount {
  readonly n: number;
  readonly k: number;
}

/**
 * Fixed-sequence testing (Learn then Test, Angelopoulos et al. 2021): hypotheses are tested in an order that
 * was fixed before labels were seen, each at the full budget, up to the first that is not rejected. With several
 * starts, spread evenly over the sequence, each start has its part of the budget. The chance of rejecting any
 * true hypothesis is at most delta.
 * @returns the places of the rejected hypotheses, rising
 */
export function fixedSequence(pValues: readonly number[], delta: number, starts = 1): number[] {
  const rejected = new Set<number>();
  for (let start = 0; start < starts; start += 1) {
    let at = Math.floor((start * pValues.length) / starts);
    while (at < pValues.length && (pValues[at] as number) <= delta / starts) {
      rejected.add(at);
      at += 1;
    }
  }
  return [...rejected].sort((one, other) => one - other);
}

export interface Walk {
  /** Place of the last candidate whose error is certified to be at most alpha. */
  readonly at: number;
  readonly pValue: number;
  /** How many candidates were tested, the last refused one included. */
  readonly tested: number;
}

/**
 * Walks from the strictest candidate to the most lenient. Bands of fewer than `casesMin` cases are skipped: by
 * their number only, never by their labels.
 * @param candidates counts of nested bands, the smallest first
 * @returns null when nothing is certified
 */
export function walk(
  candidates: readonly BandCount[],
  limits: { readonly alpha: number; readonly delta: number; readonly casesMin: number },
): Walk | null {
  const { alpha, delta, casesMin } = limits;
  let last: Walk | null = null;
  let tested = 0;
  for (const [at, { n, k }] of candidates.entries()) {
    if (n < casesMin) continue;
    tested += 1;
    const before = candidates[at - 1];
    const pValue: number =
      last !== null && before?.n === n && before.k === k ? last.pValue : binomialPValue(k, n, alpha);
    if (pValue > delta) break;
    last = { at, pValue, tested };
  }
  return last === null ? null : { ...last, tested };
}
