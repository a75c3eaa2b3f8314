import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { poolAdjacent } from './isotonic.ts';
import { applyBeta, applyTemperature, fitBeta, fitTemperature, plattParameters } from './parametric.ts';
import { brier, equalMassEce, logLoss, spiegelhalter } from './quality.ts';
import { applyVennAbers, fitVennAbers, vennAbersPair } from './venn-abers.ts';

/* Figures that scikit-learn, MAPIE and the reference implementation of Venn-Abers give. */

const file = join(import.meta.dirname, '../../../../shared/data/bands/vectors.json');
const isHere = existsSync(file);
if (!isHere) console.log(`calibration vectors: skipped, there is no ${file}`);

interface Vectors {
  isotonic: { y: number[]; w: number[] | null; out: number[] }[];
  platt: { F: number[]; y: number[]; A: number; B: number };
  toy: { p: number[]; y: number[] };
  temperature: { T: number; nll_before: number; nll_after: number };
  beta_calibration: { a: number; b: number; c: number; nll: number };
  venn_abers: { s: number; p0: number; p1: number; merged: number }[];
  calibration_metrics: Record<
    'brier' | 'log_loss' | 'ece_5_equal_mass' | 'spiegelhalter_z' | 'spiegelhalter_p_two_sided',
    number
  >;
  mapie_spiegelhalter: { z: number; p: number[]; y: number[] };
}

describe.skipIf(!isHere)('reference figures', () => {
  const vectors = isHere ? (JSON.parse(readFileSync(file, 'utf8')) as Vectors) : ({} as Vectors);
  const observations =
    vectors.toy?.p.map((score, at) => ({ score, favourable: vectors.toy.y[at] === 1 })) ?? [];
  const forecasts = observations.map(({ score, favourable }) => ({ q: score, favourable }));
  const lossWith = (q: (score: number) => number) =>
    logLoss(observations.map(({ score, favourable }) => ({ q: q(score), favourable })));

  it('isotonic regression', () => {
    expect(vectors.isotonic.length).toBeGreaterThan(0);
    for (const { y, w, out } of vectors.isotonic) {
      const fitted = poolAdjacent(y, w ?? undefined);
      for (const [at, value] of out.entries()) expect(fitted[at]).toBeCloseTo(value, 12);
    }
  });

  it('Platt: its A and B, to seven digits', () => {
    const { F, y, A, B } = vectors.platt;
    const fitted = plattParameters(
      F,
      y.map((label) => label === 1),
    );
    expect(fitted.A).toBeCloseTo(A, 6);
    expect(fitted.B).toBeCloseTo(B, 6);
  });

  it('temperature: its T, and a log loss that is no higher', () => {
    const fitted = fitTemperature(observations);
    expect(fitted.temperature).toBeCloseTo(vectors.temperature.T, 6);
    expect(logLoss(forecasts)).toBeCloseTo(vectors.temperature.nll_before, 12);
    const loss = lossWith((score) => applyTemperature(fitted, score));
    expect(loss).toBeCloseTo(vectors.temperature.nll_after, 12);
    expect(loss).toBeLessThanOrEqual(vectors.temperature.nll_after + 1e-15);
  });

  it('beta: its three parameters, and a log loss that is no higher', () => {
    const { a, b, c, nll } = vectors.beta_calibration;
    const fitted = fitBeta(observations);
    // The optimum is flat: the reference stops within a millionth of it.
    for (const [value, reference] of [
      [fitted.a, a],
      [fitted.b, b],
      [fitted.c, c],
    ] as const) {
      expect(Math.abs(value - reference)).toBeLessThan(2e-6);
    }
    const loss = lossWith((score) => applyBeta(fitted, score));
    expect(loss).toBeCloseTo(nll, 11);
    expect(loss).toBeLessThanOrEqual(nll + 1e-15);
  });

  it('Venn-Abers: both probabilities and their merger', () => {
    const fitted = fitVennAbers(observations);
    expect(vectors.venn_abers.length).toBeGreaterThan(0);
    for (const { s, p0, p1, merged } of vectors.venn_abers) {
      const pair = vennAbersPair(fitted, s);
      expect(pair.p0).toBeCloseTo(p0, 14);
      expect(pair.p1).toBeCloseTo(p1, 14);
      expect(applyVennAbers(fitted, s)).toBeCloseTo(merged, 14);
    }
  });

  it('Brier, log loss, calibration error and Spiegelhalter’s Z', () => {
    const expected = vectors.calibration_metrics;
    expect(brier(forecasts)).toBeCloseTo(expected.brier, 12);
    expect(logLoss(forecasts)).toBeCloseTo(expected.log_loss, 12);
    expect(equalMassEce(forecasts, 5)).toBeCloseTo(expected.ece_5_equal_mass, 12);
    expect(spiegelhalter(forecasts)?.z).toBeCloseTo(expected.spiegelhalter_z, 12);
    expect(spiegelhalter(forecasts)?.pValue).toBeCloseTo(expected.spiegelhalter_p_two_sided, 12);
    const { z, p, y } = vectors.mapie_spiegelhalter;
    expect(spiegelhalter(p.map((q, at) => ({ q, favourable: y[at] === 1 })))?.z).toBeCloseTo(z, 10);
  });
});
