/** Up to here the distribution is computed exactly; above, the limit with its correction errs by less than 10⁻³. */
const exactMax = 100;

/** P(D_n ≥ distance) for the two-sided one-sample Kolmogorov statistic of n values. */
export function kolmogorovSurvival(n: number, distance: number): number {
  if (distance <= 0.5 / n) return 1;
  if (distance >= 1) return 0;
  return n <= exactMax ? 1 - exactCdf(n, distance) : limitSurvival(n, distance);
}

/**
 * Marsaglia, Tsang and Wang (2003): the probability is n!/nⁿ times one element of the n-th power of a matrix of
 * size 2k − 1. The factor is applied step by step, so that nothing overflows.
 */
function exactCdf(n: number, distance: number): number {
  const k = Math.ceil(n * distance);
  const size = 2 * k - 1;
  const h = k - n * distance;
  const matrix = transition(size, h);
  let row = Array.from({ length: size }, (_, i) => Number(i === k - 1));
  for (let step = 1; step <= n; step++) {
    row = row.map(
      (_, column) => (row.reduce((sum, value, i) => sum + value * (matrix[i]?.[column] ?? 0), 0) * step) / n,
    );
  }
  return Math.min(1, Math.max(0, row[k - 1] ?? 0));
}

function transition(size: number, h: number): number[][] {
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) => Number(j <= i + 1)),
  );
  for (let i = 0; i < size; i++) {
    const [first, last] = [matrix[i], matrix[size - 1]];
    if (!first || !last) continue;
    first[0] = (first[0] ?? 0) - h ** (i + 1);
    last[i] = (last[i] ?? 0) - h ** (size - i);
  }
  const corner = matrix[size - 1];
  if (corner) corner[0] = (corner[0] ?? 0) + (2 * h - 1 > 0 ? (2 * h - 1) ** size : 0);
  return matrix.map((row, i) => row.map((value, j) => value / factorial(Math.max(0, i - j + 1))));
}

function factorial(n: number): number {
  let product = 1;
  for (let factor = 2; factor <= n; factor++) product *= factor;
  return product;
}

/** The limit law at the statistic corrected for finite n (Vrbik 2018). */
function limitSurvival(n: number, distance: number): number {
  const root = Math.sqrt(n);
  const x = root * distance + 1 / (6 * root) + (root * distance - 1) / (4 * n);
  if (x < 1) {
    let cdf = 0;
    for (let odd = 1; odd <= 21; odd += 2) cdf += Math.exp((-(odd ** 2) * Math.PI ** 2) / (8 * x * x));
    return Math.min(1, Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * cdf));
  }
  let survival = 0;
  for (let term = 1; term <= 20; term++) {
    survival += (term % 2 === 1 ? 2 : -2) * Math.exp(-2 * term * term * x * x);
  }
  return Math.min(1, Math.max(0, survival));
}
