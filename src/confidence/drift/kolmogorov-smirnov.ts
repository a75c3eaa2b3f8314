import { InvariantError } from '../../decision/errors.ts';
import { kolmogorovSurvival } from './kolmogorov.ts';

export interface KolmogorovSmirnov {
  /** The largest distance of the two distribution functions. */
  readonly distance: number;
  /** `exact` counts all orders of the two samples; `asymptotic` uses one sample of their effective size. */
  readonly method: 'asymptotic' | 'exact';
  readonly p: number;
}

/** Above so many cells the exact count would take longer than it is worth: both then agree to three digits. */
const cellsMax = 250_000;

/**
 * Two-sample, two-sided Kolmogorov–Smirnov, for diagnosis: it has no run-wide error, so it may explain an alarm
 * and never raise one. With ties, p is too large rather than too small.
 */
export function kolmogorovSmirnov(
  x: readonly number[],
  y: readonly number[],
  method: 'asymptotic' | 'auto' | 'exact' = 'auto',
): KolmogorovSmirnov {
  const lattice = latticeDistance(x.toSorted(ascending), y.toSorted(ascending));
  return report(lattice, x.length, y.length, method);
}

/** The same over two histograms with the same bins: the distance is then taken at the edges only. */
export function kolmogorovSmirnovOfBins(
  x: readonly number[],
  y: readonly number[],
): KolmogorovSmirnov | null {
  const [n, m] = [total(x), total(y)];
  if (n === 0 || m === 0) return null;
  let [i, j, lattice] = [0, 0, 0];
  for (const [bin, count] of x.entries()) {
    i += count;
    j += y[bin] ?? 0;
    lattice = Math.max(lattice, Math.abs(i * m - j * n));
  }
  return report(lattice, n, m, 'auto');
}

function report(lattice: number, n: number, m: number, wanted: 'asymptotic' | 'auto' | 'exact') {
  if (n === 0 || m === 0) throw new InvariantError('two samples are compared, and one is empty');
  const distance = lattice / (n * m);
  const method = wanted === 'auto' ? (n * m <= cellsMax ? 'exact' : 'asymptotic') : wanted;
  const p =
    method === 'exact'
      ? exactSurvival(lattice, n, m)
      : kolmogorovSurvival(Math.round((n * m) / (n + m)), distance);
  return { distance, method, p } as const;
}

/** max |i·m − j·n| over the places where no further value is tied: the distance times n·m, in whole numbers. */
function latticeDistance(x: readonly number[], y: readonly number[]): number {
  const [n, m] = [x.length, y.length];
  let [i, j, lattice] = [0, 0, 0];
  while (i < n && j < m) {
    const value = Math.min(x[i] ?? Infinity, y[j] ?? Infinity);
    while (i < n && x[i] === value) i++;
    while (j < m && y[j] === value) j++;
    lattice = Math.max(lattice, Math.abs(i * m - j * n));
  }
  return lattice;
}

/**
 * The share of all orders of n and m values whose distance is at least as large (Hodges 1958): how many lattice
 * paths to (i, j) have left the corridor. Only shares are kept, so nothing overflows, and small ones are exact.
 */
function exactSurvival(lattice: number, n: number, m: number): number {
  if (lattice === 0) return 1;
  const row = Array.from({ length: m + 1 }, () => 0);
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (i === 0 && j === 0) continue;
      const fromLeft = j > 0 ? (row[j - 1] ?? 0) * j : 0;
      const fromBelow = i > 0 ? (row[j] ?? 0) * i : 0;
      row[j] = Math.abs(i * m - j * n) >= lattice ? 1 : (fromLeft + fromBelow) / (i + j);
    }
  }
  return row[m] ?? 0;
}

function ascending(a: number, b: number): number {
  return a - b;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
