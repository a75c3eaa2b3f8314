import { sigmoid } from './observation.ts';

export interface LogisticTask {
  /** One row of features for each case. */
  readonly features: readonly (readonly number[])[];
  /** What each case should come to, 0 to 1. */
  readonly targets: readonly number[];
}

/** Keeps cases apart from infinity that a threshold separates without a mistake; far below any printed digit. */
const ridge = 1e-9;
const roundsMax = 100;

/** Below this much still to gain, one more whole step leaves nothing that could be printed. */
const settledGain = 1e-9;

/** The weights of least negative log-likelihood, by Newton's method with halved steps. */
export function fitLogistic({ features, targets }: LogisticTask): number[] {
  let weights = Array.from({ length: features[0]?.length ?? 0 }, () => 0);
  let loss = lossOf(features, targets, weights);
  for (let round = 0; round < roundsMax; round += 1) {
    const { step, gain } = newtonStep(features, targets, weights);
    if (gain < settledGain) return moved(weights, step, 1);
    let scale = 1;
    let next = moved(weights, step, scale);
    let nextLoss = lossOf(features, targets, next);
    while (nextLoss > loss && scale > 1e-8) {
      scale /= 2;
      next = moved(weights, step, scale);
      nextLoss = lossOf(features, targets, next);
    }
    if (nextLoss >= loss) return weights;
    weights = next;
    loss = nextLoss;
  }
  return weights;
}

/** Negative log-likelihood, with the ridge. */
export function lossOf(
  features: readonly (readonly number[])[],
  targets: readonly number[],
  weights: readonly number[],
): number {
  let loss = 0;
  for (const [index, row] of features.entries()) {
    const logit = dot(row, weights);
    // ln(1 + e^logit) − target · logit, without overflow.
    loss += Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - (targets[index] as number) * logit;
  }
  return loss + (ridge / 2) * dot(weights, weights);
}

function newtonStep(
  features: readonly (readonly number[])[],
  targets: readonly number[],
  weights: readonly number[],
): { readonly step: number[]; readonly gain: number } {
  const size = weights.length;
  const gradient = weights.map((weight) => ridge * weight);
  const curvature = weights.map((_, i) => weights.map((__, j) => (i === j ? ridge : 0)));
  for (const [index, row] of features.entries()) {
    const expected = sigmoid(dot(row, weights));
    const spread = expected * (1 - expected);
    for (let i = 0; i < size; i += 1) {
      const feature = row[i] as number;
      (gradient[i] as number) += feature * (expected - (targets[index] as number));
      for (let j = 0; j < size; j += 1) {
        ((curvature[i] as number[])[j] as number) += spread * feature * (row[j] as number);
      }
    }
  }
  const step = solve(curvature, gradient).map((value) => -value);
  return { step, gain: -dot(gradient, step) / 2 };
}

function dot(one: readonly number[], other: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1)
    sum += (one[index] as number) * (other[index] as number);
  return sum;
}

function moved(weights: readonly number[], step: readonly number[], scale: number): number[] {
  return weights.map((weight, index) => weight + scale * (step[index] as number));
}

/** Gauss with pivots; the matrix is three by three at most, and no row of it is zero thanks to the ridge. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const rows = matrix.map((row, index) => [...row, right[index] as number]);
  for (let column = 0; column < size; column += 1) {
    const rest = rows.slice(column).map((row) => Math.abs(row[column] as number));
    const pivot = column + rest.indexOf(Math.max(...rest));
    [rows[column], rows[pivot]] = [rows[pivot] as number[], rows[column] as number[]];
    const head = rows[column] as number[];
    for (let below = column + 1; below < size; below += 1) {
      const row = rows[below] as number[];
      const factor = (row[column] as number) / (head[column] as number);
      for (let at = column; at <= size; at += 1) (row[at] as number) -= factor * (head[at] as number);
    }
  }
  const solution = Array.from({ length: size }, () => 0);
  for (let at = size - 1; at >= 0; at -= 1) {
    const row = rows[at] as number[];
    let value = row[size] as number;
    for (let after = at + 1; after < size; after += 1)
      value -= (row[after] as number) * (solution[after] as number);
    solution[at] = value / (row[at] as number);
  }
  return solution;
}
