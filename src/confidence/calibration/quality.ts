import { twoSided } from './normal-tail.ts';
import { createRandom } from './random.ts';

/** A probability that was given and what came of it. */
export interface Forecast {
  /** Probability that the favourable outcome is right, 0 to 1. */
  readonly q: number;
  readonly favourable: boolean;
}

export type Interval = readonly [low: number, high: number];

export interface CalibrationQuality {
  readonly n: number;
  readonly brier: number;
  readonly logLoss: number;
  readonly ece: number;
  /** 95 %, by bootstrap over the forecasts. An ECE is never below zero, so its interval leans upwards. */
  readonly eceInterval: Interval;
  readonly spiegelhalter: { readonly z: number; readonly pValue: number } | null;
  readonly reliability: readonly ReliabilityBin[];
}

/** One bin of the reliability diagram. */
export interface ReliabilityBin {
  readonly n: number;
  readonly meanQ: number;
  readonly observed: number;
}

/** Probabilities are millionths: a mistake at 0 or 1 counts as one at the nearest of them. */
const nearest = 1e-6;
const binCount = 10;

/** @param forecasts at least one */
export function calibrationQuality(
  forecasts: readonly Forecast[],
  { seed, resamples = 1_000, bins = binCount }: { seed: number; resamples?: number; bins?: number },
): CalibrationQuality {
  return {
    n: forecasts.length,
    brier: brier(forecasts),
    logLoss: logLoss(forecasts),
    ece: equalMassEce(forecasts, bins),
    eceInterval: eceInterval(forecasts, { seed, resamples, bins }),
    spiegelhalter: spiegelhalter(forecasts),
    reliability: reliabilityBins(forecasts, bins),
  };
}

export function brier(forecasts: readonly Forecast[]): number {
  return mean(forecasts.map(({ q, favourable }) => (q - (favourable ? 1 : 0)) ** 2));
}

export function logLoss(forecasts: readonly Forecast[]): number {
  return mean(
    forecasts.map(({ q, favourable }) => -Math.log(Math.min(1, Math.max(nearest, favourable ? q : 1 - q)))),
  );
}

/** Bins of as nearly equal numbers of forecasts as can be, in rising order of q. */
export function reliabilityBins(forecasts: readonly Forecast[], bins: number): ReliabilityBin[] {
  const sorted = [...forecasts].sort((one, other) => one.q - other.q);
  return binsOfSorted(sorted, bins);
}

function binsOfSorted(sorted: readonly Forecast[], bins: number): ReliabilityBin[] {
  const result: ReliabilityBin[] = [];
  for (let bin = 0; bin < bins; bin += 1) {
    const from = Math.floor((bin * sorted.length) / bins);
    const to = Math.floor(((bin + 1) * sorted.length) / bins);
    if (to === from) continue;
    let q = 0;
    let favourable = 0;
    for (let at = from; at < to; at += 1) {
      const forecast = sorted[at] as Forecast;
      q += forecast.q;
      if (forecast.favourable) favourable += 1;
    }
    const n = to - from;
    result.push({ n, meanQ: q / n, observed: favourable / n });
  }
  return result;
}

/** Expected calibration error: how far the bins are off on average, each by its share of the forecasts. */
export function equalMassEce(forecasts: readonly Forecast[], bins: number): number {
  return eceOf(reliabilityBins(forecasts, bins), forecasts.length);
}

function eceOf(bins: readonly ReliabilityBin[], n: number): number {
  return bins.reduce((sum, bin) => sum + (bin.n / n) * Math.abs(bin.observed - bin.meanQ), 0);
}

function eceInterval(
  forecasts: readonly Forecast[],
  { seed, resamples, bins }: { seed: number; resamples: number; bins: number },
): Interval {
  const random = createRandom(seed);
  const sorted = [...forecasts].sort((one, other) => one.q - other.q);
  const n = sorted.length;
  const draws = new Int32Array(n);
  const resample = (): number => {
    draws.fill(0);
    for (let draw = 0; draw < n; draw += 1) (draws[Math.floor(random() * n)] as number) += 1;
    // In the order of the sorted forecasts, so that a resample need not be sorted again.
    const again: Forecast[] = [];
    for (let at = 0; at < n; at += 1) {
      for (let times = draws[at] as number; times > 0; times -= 1) again.push(sorted[at] as Forecast);
    }
    return eceOf(binsOfSorted(again, bins), n);
  };
  return percentiles(Array.from({ length: resamples }, resample));
}

/** The middle 95 % of resampled figures. */
export function percentiles(figures: readonly number[]): Interval {
  const sorted = [...figures].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  return [at(0.025), at(0.975)];
}

/**
 * Spiegelhalter's Z: standard normal when the probabilities are right. Null when no forecast leaves any doubt.
 */
export function spiegelhalter(
  forecasts: readonly Forecast[],
): { readonly z: number; readonly pValue: number } | null {
  let sum = 0;
  let variance = 0;
  for (const { q, favourable } of forecasts) {
    sum += ((favourable ? 1 : 0) - q) * (1 - 2 * q);
    variance += (1 - 2 * q) ** 2 * q * (1 - q);
  }
  if (variance === 0) return null;
  const z = sum / Math.sqrt(variance);
  return { z, pValue: twoSided(z) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
