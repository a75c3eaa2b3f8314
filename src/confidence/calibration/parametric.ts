import { type Static, Type } from 'typebox';
import { fitLogistic, lossOf } from './logistic.ts';
import { type Observation, logOdds, logarithms, sigmoid, toTenDigits } from './observation.ts';

const closed = { additionalProperties: false } as const;
const parameter = Type.Number();

/** logit q = slope · logit(score) + intercept. In Platt's own letters: A = −slope, B = −intercept. */
export const PlattSchema = Type.Object(
  { intercept: parameter, kind: Type.Literal('platt'), slope: parameter },
  closed,
);
/** logit q = logit(score) / temperature. */
export const TemperatureSchema = Type.Object(
  { kind: Type.Literal('temperature'), temperature: parameter },
  closed,
);
/** logit q = a · ln score − b · ln(1 − score) + c, with a and b not below zero. */
export const BetaSchema = Type.Object(
  { a: parameter, b: parameter, c: parameter, kind: Type.Literal('beta') },
  closed,
);
export type Platt = Static<typeof PlattSchema>;
export type Temperature = Static<typeof TemperatureSchema>;
export type Beta = Static<typeof BetaSchema>;

/**
 * Platt's sigmoid 1 / (1 + exp(A·f + B)) with his targets, which keep a clean separation finite.
 * @param values any real numbers f
 */
export function plattParameters(
  values: readonly number[],
  isPositive: readonly boolean[],
): { readonly A: number; readonly B: number } {
  const positive = isPositive.filter(Boolean).length;
  const high = (positive + 1) / (positive + 2);
  const low = 1 / (isPositive.length - positive + 2);
  const [slope, intercept] = fitLogistic({
    features: values.map((value) => [value, 1]),
    targets: isPositive.map((positiveOne) => (positiveOne ? high : low)),
  });
  return { A: -(slope as number), B: -(intercept as number) };
}

/** A score that runs against the outcome gets slope zero: bands need a calibration that never falls. */
export function fitPlatt(observations: readonly Observation[]): Platt {
  const labels = observations.map(({ favourable }) => favourable);
  const logits = observations.map(({ score }) => logOdds(score));
  let { A, B } = plattParameters(logits, labels);
  if (A > 0)
    ({ A, B } = {
      A: 0,
      B: plattParameters(
        logits.map(() => 0),
        labels,
      ).B,
    });
  // Without minus zero, which JSON cannot tell from zero.
  return { intercept: toTenDigits(0 - B), kind: 'platt', slope: toTenDigits(0 - A) };
}

export function applyPlatt({ slope, intercept }: Platt, score: number): number {
  return sigmoid(slope * logOdds(score) + intercept);
}

const temperatureMax = 1e3;

export function fitTemperature(observations: readonly Observation[]): Temperature {
  const [inverse] = fitLogistic({
    features: observations.map(({ score }) => [logOdds(score)]),
    targets: observations.map(({ favourable }) => (favourable ? 1 : 0)),
  });
  const temperature = 1 / Math.max(inverse as number, 1 / temperatureMax);
  return { kind: 'temperature', temperature: toTenDigits(temperature) };
}

export function applyTemperature({ temperature }: Temperature, score: number): number {
  return sigmoid(logOdds(score) / temperature);
}

/** Where the free optimum has a or b below zero, the best one is on a border: the loss is convex. */
export function fitBeta(observations: readonly Observation[]): Beta {
  const features = observations.map(({ score }) => [...logarithms(score), 1]);
  const targets = observations.map(({ favourable }) => (favourable ? 1 : 0));
  const free = restricted(features, targets, [true, true]);
  if (free.a >= 0 && free.b >= 0) return free;
  const borders = [
    restricted(features, targets, [true, false]),
    restricted(features, targets, [false, true]),
    restricted(features, targets, [false, false]),
  ].filter(({ a, b }) => a >= 0 && b >= 0);
  const losses = borders.map(({ a, b, c }) => lossOf(features, targets, [a, b, c]));
  return borders[losses.indexOf(Math.min(...losses))] as Beta;
}

function restricted(
  features: readonly (readonly number[])[],
  targets: readonly number[],
  [hasA, hasB]: readonly [boolean, boolean],
): Beta {
  const weights = fitLogistic({
    features: features.map(([a, b]) => [...(hasA ? [a as number] : []), ...(hasB ? [b as number] : []), 1]),
    targets,
  });
  const a = hasA ? toTenDigits(weights[0] as number) : 0;
  const b = hasB ? toTenDigits(weights[hasA ? 1 : 0] as number) : 0;
  return { a, b, c: toTenDigits(weights.at(-1) as number), kind: 'beta' };
}

export function applyBeta({ a, b, c }: Beta, score: number): number {
  const [rising, falling] = logarithms(score);
  return sigmoid(a * rising + b * falling + c);
}
