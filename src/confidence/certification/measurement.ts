import {
  type CalibrationQuality,
  type Forecast,
  type Interval,
  calibrationQuality,
  percentiles,
} from '../calibration/quality.ts';
import { toTenDigits } from '../calibration/observation.ts';
import { createRandom } from '../calibration/random.ts';
import type { Band } from '../../decision/entry.ts';
import { type CertifiedBands, type LabelledCase, createPlacement } from './bands.ts';
import { clopperPearson } from './binomial.ts';
import { type Treatment, chowPoints, costOf } from './chow.ts';
import { costsAt } from './costs.ts';

/** Ways of treating a portfolio that are set beside each other. */
export const strategies = ['bands', 'singleThreshold', 'reviewAll', 'rawModel'] as const;
export type Strategy = (typeof strategies)[number];

/** One case that was not used for fitting or certifying, as the bands placed it. */
export interface MeasuredCase {
  readonly band: Band;
  readonly q: number;
  readonly favourable: boolean;
  readonly costs: Readonly<Record<Strategy, number>>;
}

export interface BandVolume {
  readonly n: number;
  readonly share: number;
  readonly interval: Interval;
}

export interface BandError {
  readonly n: number;
  readonly k: number;
  readonly rate: number | null;
  readonly interval: Interval | null;
}

export interface Measurement {
  readonly n: number;
  readonly volume: Readonly<Record<Treatment, BandVolume>>;
  /** Mean cost of a case. */
  readonly expectedCost: Readonly<Record<Strategy, number>>;
  readonly expectedCostInterval: Readonly<Record<Strategy, Interval>>;
  /** Cost of the bands less that of another strategy; below zero is a saving. */
  readonly difference: Readonly<
    Record<Exclude<Strategy, 'bands'>, { readonly mean: number; readonly interval: Interval }>
  >;
  readonly error: { readonly high: BandError; readonly low: BandError };
  readonly calibration: { readonly calibrated: CalibrationQuality; readonly raw: CalibrationQuality };
}

const treatmentOf: Readonly<Record<Band, Treatment>> = { high: 'approve', low: 'decline', middle: 'review' };

export function placeCases(bands: CertifiedBands, cases: readonly LabelledCase[]): MeasuredCase[] {
  const place = createPlacement(bands);
  const errors = bands.reviewerErrors;
  return cases.map(({ score, favourable, amount }) => {
    const { q, band } = place(score, amount);
    const costs = costsAt(bands.costs, amount);
    const { single } = chowPoints(costs, errors);
    const cost = (treatment: Treatment) => costOf(treatment, favourable, costs, errors);
    return {
      band,
      q,
      favourable,
      costs: {
        bands: cost(treatmentOf[band]),
        singleThreshold: cost(q >= single ? 'approve' : 'decline'),
        reviewAll: cost('review'),
        rawModel: cost(score >= single ? 'approve' : 'decline'),
      },
    };
  });
}

/**
 * @param measured at least one
 * @param raw the same cases with their raw scores as forecasts
 */
export function measure(
  measured: readonly MeasuredCase[],
  raw: readonly Forecast[],
  { seed, resamples = 1_000 }: { seed: number; resamples?: number },
): Measurement {
  const resampled = resampledMeans(measured, seed, resamples);
  const interval = (at: (means: Readonly<Record<Strategy, number>>) => number) =>
    percentiles(resampled.map(at));
  const expectedCost = meansOf(measured);
  const difference = (other: Exclude<Strategy, 'bands'>) => ({
    mean: toTenDigits(expectedCost.bands - expectedCost[other]),
    interval: interval((means) => means.bands - means[other]),
  });
  return {
    n: measured.length,
    volume: {
      approve: volumeOf('high', measured),
      review: volumeOf('middle', measured),
      decline: volumeOf('low', measured),
    },
    expectedCost,
    expectedCostInterval: byStrategy((strategy) => interval((means) => means[strategy])),
    difference: {
      singleThreshold: difference('singleThreshold'),
      reviewAll: difference('reviewAll'),
      rawModel: difference('rawModel'),
    },
    error: { high: errorOf('high', measured), low: errorOf('low', measured) },
    calibration: {
      calibrated: calibrationQuality(measured, { seed, resamples }),
      raw: calibrationQuality(raw, { seed, resamples }),
    },
  };
}

function byStrategy<T>(valueOf: (strategy: Strategy) => T): Record<Strategy, T> {
  return {
    bands: valueOf('bands'),
    singleThreshold: valueOf('singleThreshold'),
    reviewAll: valueOf('reviewAll'),
    rawModel: valueOf('rawModel'),
  };
}

function meansOf(measured: readonly MeasuredCase[]): Record<Strategy, number> {
  return byStrategy(
    // Ten digits: the rounding of a long sum is no difference between two strategies.
    (strategy) =>
      toTenDigits(measured.reduce((sum, { costs }) => sum + costs[strategy], 0) / measured.length),
  );
}

/** Cases are drawn again; the bands stay as they are. */
function resampledMeans(
  measured: readonly MeasuredCase[],
  seed: number,
  resamples: number,
): Record<Strategy, number>[] {
  const random = createRandom(seed);
  const n = measured.length;
  const columns = byStrategy((strategy) => Float64Array.from(measured, ({ costs }) => costs[strategy]));
  return Array.from({ length: resamples }, () => {
    const sums = byStrategy(() => 0);
    for (let draw = 0; draw < n; draw += 1) {
      const at = Math.floor(random() * n);
      for (const strategy of strategies) sums[strategy] += columns[strategy][at] as number;
    }
    return byStrategy((strategy) => toTenDigits(sums[strategy] / n));
  });
}

function volumeOf(band: Band, measured: readonly MeasuredCase[]): BandVolume {
  const n = measured.filter((each) => each.band === band).length;
  return { n, share: n / measured.length, interval: clopperPearson(n, measured.length) };
}

function errorOf(band: 'high' | 'low', measured: readonly MeasuredCase[]): BandError {
  const inBand = measured.filter((each) => each.band === band);
  const n = inBand.length;
  const k = inBand.filter(({ favourable }) => favourable !== (band === 'high')).length;
  return { n, k, rate: n === 0 ? null : k / n, interval: n === 0 ? null : clopperPearson(k, n) };
}
