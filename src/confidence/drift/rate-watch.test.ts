import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandVectors } from '../../../test/support/band-vectors.ts';
import { createRandom } from '../calibration/random.ts';
import { changePoint } from './change-point.ts';
import { meanOf, observeOne, openChangeWatch, runForBudget } from './change-watch.ts';
import { logBetaIncomplete } from './log-beta.ts';
import { anytimeLowerBound, logEvidence, logEvidenceMax } from './rate-evidence.ts';
import { logEvidenceOf, observe, openRateWatch } from './rate-watch.ts';
import { shareOfBudget, termsFromReference } from './reference-rate.ts';

const settings = { boundary: 0.2, budget: 0.05, direction: 'rise', rate: 'middleBand' } as const;

/** ∫ₘ¹ (p/m)^S ((1 − p)/(1 − m))^(n − S) dp/(1 − m) by Simpson's rule. */
function evidenceByIntegration(events: number, count: number, m: number): number {
  const steps = 4_000;
  const at = (i: number) => {
    const p = m + ((1 - m) * i) / steps;
    const factor = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    return factor * (p / m) ** events * ((1 - p) / (1 - m)) ** (count - events);
  };
  return Array.from({ length: steps + 1 }, (_, i) => at(i)).reduce((a, b) => a + b, 0) / (3 * steps);
}

describe('the incomplete beta function in logarithms', () => {
  // From sums of the binomial distribution with 40 digits.
  it.each([
    [0.3, 2, 5, -0.5450289451074889],
    [0.8, 81, 21, -0.6169242971440336],
    [0.2, 1001, 11, -1559.2383992043942],
    [0.01, 100_000, 9_900_001, -0.6922938107364642],
    [0.0095, 100_000, 9_900_001, -134.27955664574395],
    [0.5, 5_000_001, 5_000_001, -Math.LN2],
    [0.4, 5_000_001, 5_000_001, -204_117.3819742414],
  ])('at %d, %d, %d', (x, a, b, expected) => {
    const value = logBetaIncomplete(x, a, b);
    expect(Math.abs(value - expected)).toBeLessThan(2e-9 * Math.max(1, Math.abs(expected)));
  });

  it('is 0 and 1 at the ends', () => {
    expect(logBetaIncomplete(0, 2, 3)).toBe(-Infinity);
    expect(logBetaIncomplete(1, 2, 3)).toBe(0);
  });
});

describe('evidence against a rate', () => {
  it.skipIf(bandVectors === null).each(bandVectors?.e_process_mixture ?? [])(
    'is as computed elsewhere after $S of $n',
    ({ S, n, m0, logE }) => expect(logEvidence({ count: n, events: S }, m0)).toBeCloseTo(logE, 10),
  );

  it.each([
    [2_003_000, -5.030144015370723],
    [2_010_000, 23.37965483455652],
    [1_990_000, -10.835126370816456],
  ])('keeps nine digits after ten million decisions with %d events', (events, expected) =>
    expect(logEvidence({ count: 10_000_000, events }, 0.2)).toBeCloseTo(expected, 7),
  );

  it('is the integral that it stands for', () => {
    const tallies = fc
      .record({ count: fc.integer({ min: 0, max: 60 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
      .map(({ count, part }) => ({ count, events: Math.round(count * part) }));
    const boundary = fc.double({ min: 0.02, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(tallies, boundary, (tally, m) => {
        const expected = Math.log(evidenceByIntegration(tally.events, tally.count, m));
        expect(logEvidence(tally, m)).toBeCloseTo(expected, 5);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('is expected to stay at 1 while the rate is at the boundary: it is a fair game', () => {
    for (const [count, events, m] of [
      [0, 0, 0.2],
      [10, 4, 0.3],
      [500, 90, 0.2],
    ] as const) {
      const now = Math.exp(logEvidence({ count, events }, m));
      const up = Math.exp(logEvidence({ count: count + 1, events: events + 1 }, m));
      const down = Math.exp(logEvidence({ count: count + 1, events }, m));
      expect((m * up + (1 - m) * down) / now).toBeCloseTo(1, 10);
    }
  });

  it('is never above the bound that settles quiet streams', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, part) => {
          const tally = { count: n, events: Math.round(n * part) };
          expect(logEvidence(tally, 0.2)).toBeLessThanOrEqual(logEvidenceMax(tally, 0.2) + 1e-8);
        },
      ),
      { seed: 2 },
    );
  });

  it('is refused for what is no tally', () => {
    expect(() => logEvidence({ count: 3, events: 4 }, 0.2)).toThrow(/no more events/);
    expect(() => logEvidence({ count: 3, events: 1 }, 1)).toThrow(/boundary/);
  });

  it('excludes just the rates against which it suffices', () => {
    const tally = { count: 1_000, events: 60 };
    const bound = anytimeLowerBound(tally, 0.05);
    expect(bound).toBeGreaterThan(0.03);
    expect(logEvidence(tally, bound - 1e-6)).toBeGreaterThan(Math.log(20));
    expect(logEvidence(tally, bound + 1e-6)).toBeLessThan(Math.log(20));
    expect(anytimeLowerBound({ count: 50, events: 0 }, 0.05)).toBe(0);
  });
});

describe('a watch', () => {
  it('alarms at the first decision whose evidence suffices, and stays alarmed', () => {
    const random = createRandom(7);
    const stream = Array.from({ length: 1_000 }, () => Number(random() < 0.3));
    const sums = stream.map((_, i) => stream.slice(0, i + 1).reduce((a, b) => a + b, 0));
    const first = sums.findIndex((events, i) => logEvidence({ count: i + 1, events }, 0.2) >= Math.log(20));
    const watch = stream.reduce(
      (state, events) => observe(state, { count: 1, events }),
      openRateWatch(settings),
    );
    expect(first).toBeGreaterThan(10);
    expect(watch.alarmAt).toBe(first + 1);
    expect(observe(watch, { count: 5_000, events: 0 }).alarmAt).toBe(first + 1);
  });

  it('sees a fall as the rise of the contrary', () => {
    const rise = observe(openRateWatch(settings), { count: 200, events: 70 });
    const fall = observe(openRateWatch({ ...settings, boundary: 0.8, direction: 'fall' }), {
      count: 200,
      events: 130,
    });
    expect(logEvidenceOf(fall)).toBeCloseTo(logEvidenceOf(rise), 9);
    expect(fall.alarmAt).toBe(200);
  });

  it('keeps silent while the rate is where it may be', () => {
    expect(observe(openRateWatch(settings), { count: 10_000, events: 2_000 }).alarmAt).toBeNull();
  });

  it('pays for its reference out of the same budget', () => {
    const options = { budget: 0.05, direction: 'rise', tolerance: 0.02 } as const;
    const terms = termsFromReference({ count: 10_000, events: 2_000 }, options);
    expect(terms.budget).toBe(0.025);
    expect(terms.boundary).toBeGreaterThan(0.2 + 0.02 + 0.007);
    expect(terms.boundary).toBeLessThan(0.2 + 0.02 + 0.009);
    expect(() => termsFromReference({ count: 10, events: 9 }, options)).toThrow(/too small/);
    expect(
      termsFromReference({ count: 10_000, events: 2_000 }, { ...options, direction: 'fall' }).boundary,
    ).toBeLessThan(0.18);
    expect(shareOfBudget(0.05, 5)).toBeCloseTo(0.01);
  });
});

describe('a watch for a change', () => {
  it.skipIf(bandVectors === null)('is e-SR as computed elsewhere', () => {
    const { x, m0, p1, R } = bandVectors?.e_sr ?? { x: [], m0: 0.2, p1: 0.3, R: 0 };
    const open = openChangeWatch({ alternatives: [p1], boundary: m0, rate: 'middleBand', runMin: 1e6 });
    const watch = x.reduce((state, event) => observeOne(state, event === 1), open);
    expect(meanOf(watch.r)).toBeCloseTo(R, 9);
  });

  it('finds a late change sooner than a watch that must win back what it lost', () => {
    const random = createRandom(3);
    const stream = Array.from({ length: 12_000 }, (_, i) => random() < (i < 6_000 ? 0.15 : 0.3));
    const runMin = runForBudget({ budget: 0.05, horizon: 12_000 });
    const change = stream.reduce(observeOne, openChangeWatch({ boundary: 0.2, rate: 'middleBand', runMin }));
    const rate = stream.reduce(
      (state, isEvent) => observe(state, { count: 1, events: Number(isEvent) }),
      openRateWatch(settings),
    );
    expect(change.alarmAt).toBeGreaterThan(6_000);
    expect(change.alarmAt).toBeLessThan(rate.alarmAt ?? Infinity);
  });

  it('refuses an alternative that is none', () => {
    const rate = 'override' as const;
    expect(() => openChangeWatch({ alternatives: [0.1], boundary: 0.2, rate, runMin: 100 })).toThrow(
      /alternative/,
    );
    expect(() => openChangeWatch({ boundary: 0, rate, runMin: 100 })).toThrow(/boundary/);
  });
});

describe('a change point', () => {
  it.skipIf(bandVectors === null)('has the cumulative sum as computed elsewhere', () => {
    const { x, p0, p1, S } = bandVectors?.bernoulli_cusum ?? { x: [], p0: 0.1, p1: 0.2, S: 0 };
    const found = changePoint(
      x.map((event) => event === 1),
      { alternative: p1, boundary: p0 },
    );
    expect(found.statistic).toBeCloseTo(S, 13);
    expect(found.after).toBe(2);
  });

  it('lies where the rate changed', () => {
    const random = createRandom(5);
    const stream = Array.from({ length: 2_000 }, (_, i) => random() < (i < 1_200 ? 0.2 : 0.35));
    const { after } = changePoint(stream, { alternative: 0.3, boundary: 0.2 });
    expect(Math.abs(after - 1_200)).toBeLessThan(120);
    expect(() => changePoint(stream, { alternative: 0.1, boundary: 0.2 })).toThrow(/alternative/);
  });
});
