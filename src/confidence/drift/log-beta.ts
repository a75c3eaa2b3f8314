import betaln from '@stdlib/math-base-special-betaln';
import { InvariantError } from '../../decision/errors.ts';

/** Far below the last digit of a double, so that a denominator of the continued fraction is never zero. */
const tiny = 1e-300;
const converged = 4e-16;

/**
 * ln I_x(a, b), the logarithm of the regularised incomplete beta function, for 0 ≤ x ≤ 1 and a, b > 0. It does
 * not underflow: tails of e⁻¹⁰⁰⁰⁰ come out as −10000. Checked against 50-digit arithmetic up to a + b = 10⁷.
 */
export function logBetaIncomplete(x: number, a: number, b: number): number {
  if (x <= 0) return -Infinity;
  if (x >= 1) return 0;
  if (x <= (a + 1) / (a + b + 2)) return logLowerTail(x, a, b);
  return Math.log1p(-Math.exp(logLowerTail(1 - x, b, a)));
}

/** The continued fraction of DLMF 8.17.22 by Lentz's method; converges fast where x is below the mean. */
function logLowerTail(x: number, a: number, b: number): number {
  const stepsMax = 500 + 50 * Math.sqrt(Math.max(a, b));
  let c = 1;
  let d = 1 / apartFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let step = 1; step <= stepsMax; step++) {
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    d = 1 / apartFromZero(1 + even * d);
    c = apartFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    d = 1 / apartFromZero(1 + odd * d);
    c = apartFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < converged) {
      return a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - betaln(a, b) + Math.log(fraction);
    }
  }
  throw new InvariantError('the continued fraction of the incomplete beta function did not converge');
}

function apartFromZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
