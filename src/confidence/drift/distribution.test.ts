import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandVectors } from '../../../test/support/band-vectors.ts';
import { createRandom } from '../calibration/random.ts';
import { kolmogorovSmirnov, kolmogorovSmirnovOfBins } from './kolmogorov-smirnov.ts';
import { kolmogorovSurvival } from './kolmogorov.ts';
import {
  binOf,
  mergeSketches,
  readSketch,
  scoredCount,
  sketchOf,
  sketchText,
  windowOf,
} from './score-sketch.ts';
import { compareStability, stabilityCritical, stabilityIndex } from './stability-index.ts';

const score = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 0, max: 50 }).map((edge) => edge / 50),
  fc.constant(null),
);

describe('a sketch of scores', () => {
  it('bins by the edges themselves', () => {
    for (let edge = 0; edge < 50; edge++) expect(binOf(edge / 50)).toBe(edge);
    expect(binOf(1)).toBe(49);
    // The double next below an edge still belongs to the bin before, where a product with 50 would round up.
    const bits = new DataView(new ArrayBuffer(8));
    for (let edge = 1; edge <= 50; edge++) {
      bits.setFloat64(0, edge / 50);
      bits.setBigUint64(0, bits.getBigUint64(0) - 1n);
      expect(binOf(bits.getFloat64(0))).toBe(edge - 1);
    }
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => {
        const bin = binOf(value);
        expect(value).toBeGreaterThanOrEqual(bin / 50);
        if (bin < 49) expect(value).toBeLessThan((bin + 1) / 50);
      }),
      { numRuns: 2_000, seed: 1 },
    );
    expect(() => binOf(1.01)).toThrow(/between 0 and 1/);
    expect(() => binOf(Number.NaN)).toThrow(/between 0 and 1/);
  });

  it('has the same bytes however the day was parted and ordered', () => {
    const about = { day: '2026-03-01', type: 'credit' };
    fc.assert(
      fc.property(fc.array(score, { maxLength: 60 }), fc.integer({ min: 0, max: 60 }), (scores, cut) => {
        const whole = sketchOf(about, scores);
        const shuffled = scores.toReversed();
        const parts = mergeSketches([
          sketchOf(about, shuffled.slice(0, cut)),
          sketchOf(about, shuffled.slice(cut)),
        ]);
        expect(sketchText(parts)).toBe(sketchText(whole));
        expect(readSketch(sketchText(whole))).toEqual(whole);
        expect(scoredCount(whole) + whole.unscored).toBe(scores.length);
      }),
      { seed: 2 },
    );
  });

  it('gives the distribution of any window again', () => {
    const days = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'].map((day, i) =>
      sketchOf({ day, type: 'credit' }, [i / 10, null, 1]),
    );
    const window = windowOf(days.toReversed(), { from: '2026-03-02', to: '2026-03-03' });
    expect(window).toEqual({
      ...sketchOf({ day: '2026-03-02', type: 'credit' }, [0.1, 0.2, 1, 1, null, null]),
      to: '2026-03-03',
    });
    expect(windowOf(days, { from: '2026-04-01', to: '2026-04-02' })).toBeNull();
  });

  it('is never mixed with another type or slice, nor read from another form', () => {
    const day = '2026-03-01';
    const slice = { attribute: 'channel', value: 'web' };
    const [all, web] = [
      sketchOf({ day, type: 'credit' }, [0.5]),
      sketchOf({ day, slice, type: 'credit' }, [0.5]),
    ];
    expect(() => mergeSketches([all, web])).toThrow(/different/);
    expect(() => mergeSketches([all, sketchOf({ day, type: 'fraud' }, [])])).toThrow(/different/);
    expect(() => readSketch(` ${sketchText(all)}`)).toThrow(/canonical/);
    expect(() => readSketch(sketchText({ ...all, counts: all.counts.slice(1) }))).toThrow(/fifty/);
    expect(() => sketchOf({ day: '1 March', type: 'credit' }, [])).toThrow(/YYYY-MM-DD/);
  });
});

describe('the stability index', () => {
  it.skipIf(bandVectors === null)('is as computed elsewhere', () => {
    const { expected, actual, psi } = bandVectors?.psi ?? { expected: [], actual: [], psi: 0 };
    expect(stabilityIndex(expected, actual)).toBeCloseTo(psi, 14);
  });

  it.skipIf(bandVectors === null).each(bandVectors?.psi.crit ?? [])(
    'has the critical value of its sample sizes: $N and $M',
    ({ B, N, M, alpha, crit }) =>
      expect(stabilityCritical({ actualCount: M, alpha, bins: B, expectedCount: N })).toBeCloseTo(crit, 12),
  );

  it('alarms two samples of one distribution about as often as stated', () => {
    const random = createRandom(11);
    const sample = (size: number, power: number) => {
      const about = { day: '2026-03-01', type: 'credit' };
      return sketchOf(
        about,
        Array.from({ length: size }, () => random() ** power),
      ).counts;
    };
    const runs = 1_000;
    const alarms = (power: number) =>
      Array.from({ length: runs }, () => compareStability(sample(1_000, 0.3), sample(500, power))).filter(
        (report) => report?.exceeds,
      ).length / runs;
    expect(alarms(0.3)).toBeGreaterThan(0.03);
    expect(alarms(0.3)).toBeLessThan(0.07);
    expect(alarms(0.36)).toBeGreaterThan(0.4);
  });

  it('says nothing where there is nothing to compare', () => {
    expect(compareStability([1, 2], [0, 0])).toBeNull();
    expect(compareStability([0, 0], [1, 2])).toBeNull();
    expect(compareStability([0, 7, 0], [1, 2, 3])).toBeNull();
    expect(() => stabilityIndex([0.5, 0.5], [1, 0])).toThrow(/infinite/);
  });
});

describe('Kolmogorov and Smirnov', () => {
  it.skipIf(bandVectors === null)('are as computed elsewhere', () => {
    const { x, y, D, p_asymp_scipy, p_exact } = bandVectors?.ks2 ?? {
      x: [],
      y: [],
      D: 0,
      p_asymp_scipy: 0,
      p_exact: 0,
    };
    const exact = kolmogorovSmirnov(x, y);
    expect(exact.distance).toBeCloseTo(D, 14);
    expect(exact).toMatchObject({ method: 'exact' });
    expect(exact.p).toBeCloseTo(p_exact, 13);
    expect(kolmogorovSmirnov(x, y, 'asymptotic').p).toBeCloseTo(p_asymp_scipy, 12);
  });

  it('count every order of two small samples', () => {
    const orders = (n: number, m: number): boolean[][] => {
      if (n === 0 || m === 0) return [Array.from({ length: n + m }, () => m === 0)];
      return [
        ...orders(n - 1, m).map((order) => [true].concat(order)),
        ...orders(n, m - 1).map((order) => [false].concat(order)),
      ];
    };
    const distanceOf = (order: boolean[]) =>
      kolmogorovSmirnov(
        order.flatMap((isX, i) => (isX ? [i] : [])),
        order.flatMap((isX, i) => (isX ? [] : [i])),
      );
    for (const [n, m] of [
      [2, 3],
      [4, 4],
      [5, 3],
      [1, 6],
    ] as const) {
      const all = orders(n, m).map(distanceOf);
      for (const { distance, p } of all) {
        const asFar = all.filter((other) => other.distance >= distance - 1e-12).length;
        expect(p).toBeCloseTo(asFar / all.length, 12);
      }
    }
  });

  it('pass from the exact law to its limit without a step', () => {
    for (const distance of [0.08, 0.12, 0.16]) {
      expect(Math.abs(kolmogorovSurvival(100, distance) - kolmogorovSurvival(101, distance))).toBeLessThan(
        0.02,
      );
    }
    // Table values of the limit law: P(K ≥ 1.3581) = 0.05, P(K ≥ 1.6276) = 0.01.
    expect(kolmogorovSurvival(1e8, 1.3581 / 1e4)).toBeCloseTo(0.05, 4);
    expect(kolmogorovSurvival(1e8, 1.6276 / 1e4)).toBeCloseTo(0.01, 4);
    expect(kolmogorovSurvival(1e8, 0.8276 / 1e4)).toBeCloseTo(0.5, 3);
    expect(kolmogorovSurvival(10, 0)).toBe(1);
    expect(kolmogorovSurvival(10, 1)).toBe(0);
  });

  it('give the same over bins as over values that lie in them', () => {
    const bins = [3, 0, 5, 2];
    const others = [1, 4, 4, 0];
    const values = (counts: number[]) =>
      counts.flatMap((count, bin) => Array.from({ length: count }, () => bin));
    expect(kolmogorovSmirnovOfBins(bins, others)).toEqual(kolmogorovSmirnov(values(bins), values(others)));
    expect(kolmogorovSmirnovOfBins(bins, [0, 0, 0, 0])).toBeNull();
  });
});
