import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';

/**
 * The exact p-value of "the error rate is above alpha" after k errors in n cases: P(Bin(n, alpha) ≤ k).
 * @param k whole errors, not a rate: ⌈n · rate⌉ in floating point may slip by one
 */
export function binomialPValue(k: number, n: number, alpha: number): number {
  return n === 0 ? 1 : binomialCdf(k, n, alpha);
}

/**
 * Upper confidence bound of an error rate after k errors in n cases, missed with probability at most delta
 * (Clopper and Pearson).
 */
export function clopperPearsonUpper(k: number, n: number, delta: number): number {
  return k >= n ? 1 : betaQuantile(1 - delta, k + 1, n - k);
}

export function clopperPearsonLower(k: number, n: number, delta: number): number {
  return k === 0 ? 0 : betaQuantile(delta, k, n - k + 1);
}

/** Clopper and Pearson's interval, 95 % unless told. */
export function clopperPearson(k: number, n: number, delta = 0.05): readonly [low: number, high: number] {
  return [clopperPearsonLower(k, n, delta / 2), clopperPearsonUpper(k, n, delta / 2)];
}

/**
 * Fewest cases among which so many errors still certify an error rate of at most alpha; without an error, the
 * least n of (1 − alpha)^n ≤ delta.
 * @returns infinity where alpha is zero: no number of cases shows that
 */
export function leastCases(errors: number, alpha: number, delta: number): number {
  if (alpha <= 0) return Number.POSITIVE_INFINITY;
  const isEnough = (n: number) => n > errors && binomialPValue(errors, n, alpha) <= delta;
  let high = errors + 1;
  while (!isEnough(high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Hoeffding's and Bentkus's p-value of "the mean loss is above alpha", for losses anywhere in [0, 1], such as
 * shares of an amount (Bates et al. 2021). For yes-or-no errors the exact one above is never worse.
 * @param lossSum sum of the n losses
 */
export function hoeffdingBentkusPValue(lossSum: number, n: number, alpha: number): number {
  const mean = Math.min(lossSum / n, alpha);
  const distance = xlogy(mean, mean / alpha) + xlogy(1 - mean, (1 - mean) / (1 - alpha));
  const hoeffding = Math.exp(-n * distance);
  // A sum that misses a whole number by rounding only counts as that number.
  const bentkus = Math.E * binomialCdf(Math.ceil(lossSum - 1e-9), n, alpha);
  return Math.min(1, hoeffding, bentkus);
}

function xlogy(x: number, y: number): number {
  return x === 0 ? 0 : x * Math.log(y);
}
