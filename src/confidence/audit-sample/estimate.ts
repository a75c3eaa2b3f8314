import chiSquareQuantile from '@stdlib/stats-base-dists-chisquare-quantile';
import { InvariantError } from '../../decision/errors.ts';
import { type Interval, type Proportion, proportion } from './proportion.ts';

/** Decisions that had one inclusion probability, as a rule one band of one period. */
export interface Stratum {
  /** Those whose truth is known. */
  readonly audited: number;
  /** All decisions of the stratum. */
  readonly decisions: number;
  /** Audited ones in which what was recommended was wrong. */
  readonly errors: number;
  /**
   * The probability with which each was drawn, as recorded at its decision. 1: everything is labelled; 0: nothing
   * can be known of them.
   */
  readonly pi: number;
}

export interface WeightedEstimate extends Interval {
  readonly decisions: number;
  /** Unbiased, and for that reason not cut off: in a sample too small to use it may lie outside the interval. */
  readonly rate: number;
  readonly standardError: number;
  /** Estimated number of wrong recommendations among all decisions. */
  readonly total: number;
  /** Decisions of strata with π = 0: no error is counted in them, and the interval allows for any number. */
  readonly unknown: number;
}

/**
 * Horvitz–Thompson: each error found stands for 1/π decisions like it, so cases that were looked at more often
 * do not count more. The variance is that of independent draws, Σ(1 − π)/π² over the errors found.
 *
 * Errors are rare, and with few of them the normal interval is too short. So the interval is that of a weighted
 * sum of Poisson counts (Fay and Feuer 1997) over the sampled strata; what is fully labelled is added as known.
 * It speaks of the decisions made, not of those to come.
 */
export function horvitzThompson(strata: readonly Stratum[], level = 0.95): WeightedEstimate {
  for (const stratum of strata) check(stratum);
  const decisions = strata.reduce((sum, stratum) => sum + stratum.decisions, 0);
  if (decisions === 0) throw new InvariantError('an error rate is estimated over no decisions');
  const unknown = strata.reduce((sum, { decisions: all, pi }) => sum + (pi === 0 ? all : 0), 0);
  const sampled = strata.filter(({ decisions: all, pi }) => pi > 0 && pi < 1 && all > 0);
  const known = strata.reduce((sum, { errors, pi }) => sum + (pi === 1 ? errors : 0), 0);
  const weighted = sampled.reduce((sum, { errors, pi }) => sum + errors / pi, 0);
  const variance = sampled.reduce((sum, { errors, pi }) => sum + (errors * (1 - pi)) / pi ** 2, 0);
  const weightMax = Math.max(0, ...sampled.map(({ pi }) => 1 / pi));
  const { lower, upper } = poissonInterval({ level, variance, weighted, weightMax });
  const found = strata.reduce((sum, { errors }) => sum + errors, 0);
  const right = strata.reduce((sum, { audited, errors }) => sum + audited - errors, 0);
  // There are at least the errors that were found, and none where somebody saw that there is none.
  const within = (total: number) => Math.min(decisions - right, Math.max(found, total));
  return {
    decisions,
    lower: within(known + lower) / decisions,
    rate: (known + weighted) / decisions,
    standardError: Math.sqrt(variance) / decisions,
    total: known + weighted,
    unknown,
    upper: within(known + upper + unknown) / decisions,
  };
}

/**
 * Inside one band at one inclusion probability the audits are a simple random sample, so the exact binomial
 * interval holds as it stands.
 */
export function bandErrorRate({ audited, errors }: Stratum, level = 0.95): Proportion {
  return proportion(errors, audited, level);
}

/** The share of errors among whatever happens to be labelled. Biased; shown beside the estimate, as a warning. */
export function naiveErrorRate(strata: readonly Stratum[], level = 0.95): Proportion {
  const audited = strata.reduce((sum, stratum) => sum + stratum.audited, 0);
  const errors = strata.reduce((sum, stratum) => sum + stratum.errors, 0);
  return proportion(errors, audited, level);
}

/** Gamma limits with the first two moments of the weighted sum; the upper one as if one more error had been found. */
function poissonInterval(sum: {
  readonly level: number;
  readonly variance: number;
  readonly weighted: number;
  readonly weightMax: number;
}): Interval {
  const { level, variance, weighted, weightMax } = sum;
  if (weightMax === 0) return { lower: 0, upper: 0 };
  const tail = (1 - level) / 2;
  const nextWeighted = weighted + weightMax;
  const nextVariance = variance + weightMax ** 2;
  return {
    lower: variance === 0 ? 0 : gammaQuantile(tail, weighted, variance),
    upper: gammaQuantile(1 - tail, nextWeighted, nextVariance),
  };
}

/** The quantile of the gamma distribution with this mean and variance. */
function gammaQuantile(p: number, mean: number, variance: number): number {
  return (variance / (2 * mean)) * chiSquareQuantile(p, (2 * mean ** 2) / variance);
}

function check({ audited, decisions, errors, pi }: Stratum): void {
  const areCounts = [audited, decisions, errors].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!areCounts || errors > audited || audited > decisions) {
    throw new InvariantError('a stratum has errors ≤ audited ≤ decisions, in whole numbers');
  }
  if (!(pi >= 0 && pi <= 1) || (pi === 0 && audited > 0)) {
    throw new InvariantError('what was audited was drawn with a probability above 0, and up to 1');
  }
  if (pi === 1 && audited < decisions) {
    throw new InvariantError(
      'a stratum with π = 1 has unlabelled decisions: estimate it once they are labelled',
    );
  }
}
