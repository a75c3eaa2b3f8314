import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import { canonicalJson } from '../../decision/canonical.ts';
import {
  type Calibrator,
  CalibratorSchema,
  calibrate,
  calibratorKinds,
  createCalibration,
  fitCalibrator,
} from './calibrator.ts';
import { chooseCalibrator } from './choice.ts';
import { sigmoid } from './observation.ts';
import { calibrationQuality, reliabilityBins, spiegelhalter } from './quality.ts';
import { createRandom, permutation } from './random.ts';

/** Cases whose score overstates: the truth is nearer to one half, by the given factor on the log-odds. */
function overconfident(n: number, factor: number, seed = 7) {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => {
    const logit = 6 * random() - 3;
    return { score: sigmoid(factor * logit), favourable: random() < sigmoid(logit) };
  });
}

const observations = fc.array(
  fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), favourable: fc.boolean() }),
  { maxLength: 60 },
);

describe.each(calibratorKinds)('a calibrator (%s)', (kind) => {
  it('never falls, stays within 0 to 1, and is plain data in canonical order', () => {
    const scores = [0, 1e-12, 0.1, 0.25, 0.5, 0.5000001, 0.75, 0.999999, 1];
    fc.assert(
      fc.property(observations, (seen) => {
        const calibrator = fitCalibrator(kind, seen);
        const given = scores.map((score) => calibrate(calibrator, score));
        for (const [at, q] of given.entries()) {
          expect(q).toBeGreaterThanOrEqual(given[at - 1] ?? 0);
          expect(q).toBeLessThanOrEqual(1);
          // Millionths: what another engine gives differs in no digit that is kept.
          expect(Number(q.toFixed(6))).toBe(q);
        }
        expect(Value.Check(CalibratorSchema, calibrator)).toBe(true);
        const text = canonicalJson(calibrator);
        expect(JSON.stringify(calibrator)).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        const again = JSON.parse(text) as Calibrator;
        expect(scores.map((score) => calibrate(again, score))).toEqual(given);
        expect(scores.map(createCalibration(again))).toEqual(given);
      }),
      { numRuns: 60 },
    );
  });

  it('brings overstated scores nearer to what comes of them', () => {
    const [seen, later] = [overconfident(4_000, 2.5), overconfident(4_000, 2.5, 8)];
    const calibration = createCalibration(fitCalibrator(kind, seen));
    const ece = (q: (score: number) => number) =>
      calibrationQuality(
        later.map(({ score, favourable }) => ({ q: q(score), favourable })),
        { seed: 1, resamples: 20 },
      ).ece;
    expect(ece((score) => score)).toBeGreaterThan(0.1);
    expect(ece(calibration)).toBeLessThan(0.03);
  });

  it('learns nothing from scores that run against the outcome', () => {
    const against = overconfident(500, 1).map(({ score, favourable }) => ({ score: 1 - score, favourable }));
    const calibrator = fitCalibrator(kind, against);
    expect(Math.abs(calibrate(calibrator, 0.9) - calibrate(calibrator, 0.1))).toBeLessThan(0.2);
  });
});

describe('the choice', () => {
  it('is the least cross-validated log loss, and the same for the same seed', () => {
    const seen = overconfident(1_500, 2.5);
    const { calibrator, crossValidatedLogLoss } = chooseCalibrator(seen, 3);
    const losses = Object.entries(crossValidatedLogLoss ?? {});
    expect(losses).toHaveLength(5);
    const least = Math.min(...losses.map(([, loss]) => loss));
    expect(losses.find(([, loss]) => loss === least)?.[0]).toBe(calibrator.kind);
    expect(JSON.stringify(chooseCalibrator(seen, 3))).toBe(
      JSON.stringify({ calibrator, crossValidatedLogLoss }),
    );
  });

  it('takes a flexible one where no sigmoid fits', () => {
    const random = createRandom(4);
    const steps = Array.from({ length: 3_000 }, () => {
      const score = random();
      return { score, favourable: random() < (score < 0.4 ? 0.05 : score < 0.45 ? 0.95 : 0.96) };
    });
    expect(['isotonic', 'venn-abers']).toContain(chooseCalibrator(steps, 1).calibrator.kind);
  });

  it('does not choose from a handful', () => {
    expect(chooseCalibrator(overconfident(49, 1), 1)).toMatchObject({
      calibrator: { kind: 'platt' },
      crossValidatedLogLoss: null,
    });
    expect(chooseCalibrator([], 1).calibrator).toEqual({ kind: 'temperature', temperature: 1 });
  });
});

describe('quality', () => {
  const forecasts = overconfident(2_000, 1).map(({ score, favourable }) => ({ q: score, favourable }));

  it('of right probabilities: small errors, and intervals that are the same for the same seed', () => {
    const quality = calibrationQuality(forecasts, { seed: 5, resamples: 200 });
    expect(quality.spiegelhalter?.pValue).toBeGreaterThan(0.01);
    expect(quality.ece).toBeLessThan(0.03);
    expect(quality.eceInterval[0]).toBeLessThan(quality.eceInterval[1]);
    expect(calibrationQuality(forecasts, { seed: 5, resamples: 200 })).toEqual(quality);
  });

  it('counts every forecast once in the bins of the reliability diagram', () => {
    for (const n of [1, 3, 10, 13, 2_000]) {
      const bins = reliabilityBins(forecasts.slice(0, n), 10);
      expect(bins.reduce((sum, bin) => sum + bin.n, 0)).toBe(n);
      const sizes = bins.map((bin) => bin.n);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it('knows no Z where no forecast leaves a doubt', () => {
    expect(spiegelhalter([{ q: 1, favourable: true }])).toBeNull();
  });
});

describe('drawing', () => {
  it('gives the same numbers everywhere, spread evenly', () => {
    const random = createRandom(1);
    const drawn = Array.from({ length: 20_000 }, random);
    expect(drawn.slice(0, 2)).toEqual(Array.from({ length: 2 }, createRandom(1)));
    const counts = Array.from(
      { length: 10 },
      (_, bin) => drawn.filter((u) => Math.floor(u * 10) === bin).length,
    );
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
    expect(permutation(6, 9).sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(permutation(50, 9)).not.toEqual(permutation(50, 10));
  });
});
