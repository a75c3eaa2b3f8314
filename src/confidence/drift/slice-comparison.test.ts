import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../calibration/random.ts';
import { fisherExact } from './fisher.ts';
import { benjaminiHochberg, holm } from './multiple-testing.ts';
import { compareWithReference, compareWithRest } from './slice-comparison.ts';

function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let product = 1n;
  for (let i = 0; i < k; i++) product = (product * BigInt(n - i)) / BigInt(i + 1);
  return product;
}

/** All tables with the same margins, in whole numbers. */
function fisherByEnumeration(a: number, n: number, b: number, m: number): number {
  const weight = (k: number) => choose(n, k) * choose(m, a + b - k);
  const tables = Array.from({ length: n + 1 }, (_, k) => weight(k));
  const asUnlikely = tables.filter((w) => w <= weight(a)).reduce((x, y) => x + y, 0n);
  return Number(asUnlikely) / Number(choose(n + m, a + b));
}

const slice = (attribute: string, value: string, events: number, count: number) => ({
  attribute,
  count,
  events,
  value,
});

describe('Fisher’s exact test', () => {
  it('sums the tables that are as unlikely', () => {
    const tally = fc
      .record({ count: fc.integer({ min: 0, max: 40 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
      .map(({ count, part }) => ({ count, events: Math.round(count * part) }));
    fc.assert(
      fc.property(tally, tally, (one, other) => {
        const expected = fisherByEnumeration(one.events, one.count, other.events, other.count);
        expect(Math.abs(fisherExact(one, other) - expected)).toBeLessThan(1e-9 * expected + 1e-15);
      }),
      { numRuns: 1_000, seed: 4 },
    );
  });

  it('drinks tea with a lady', () => {
    expect(fisherExact({ count: 4, events: 3 }, { count: 4, events: 1 })).toBeCloseTo(34 / 70, 12);
  });

  it('holds for ten million cases, and close to the normal law there', () => {
    const half = 5_000_000;
    const p = fisherExact({ count: half, events: 1_001_240 }, { count: half, events: 1_000_000 });
    // With its continuity correction the normal law says z = 0.9793.
    expect(p).toBeCloseTo(0.32744, 4);
    expect(fisherExact({ count: half, events: 1_000_000 }, { count: half, events: 1_000_000 })).toBe(1);
    expect(fisherExact({ count: half, events: 0 }, { count: half, events: half })).toBe(0);
  });
});

describe('many tests', () => {
  it('are adjusted by Holm', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries())
      expect(adjusted[i]).toBeCloseTo(expected, 12);
  });

  it('are adjusted by Benjamini and Hochberg', () => {
    const adjusted = benjaminiHochberg([0.01, 0.04, 0.03, 0.005]);
    for (const [i, expected] of [0.02, 0.04, 0.04, 0.02].entries())
      expect(adjusted[i]).toBeCloseTo(expected, 12);
  });

  it('reject as the step procedures do', () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (p, alpha) => {
        const sorted = p.toSorted((a, b) => a - b);
        const firstKept = sorted.findIndex((value, i) => value * (p.length - i) > alpha);
        const holmCount = firstKept < 0 ? p.length : firstKept;
        expect(holm(p).filter((value) => value <= alpha)).toHaveLength(holmCount);
        const lastBh = sorted.findLastIndex((value, i) => (value * p.length) / (i + 1) <= alpha);
        expect(benjaminiHochberg(p).filter((value) => value <= alpha)).toHaveLength(lastBh + 1);
      }),
      { seed: 5 },
    );
  });
});

describe('slices', () => {
  const options = { alpha: 0.05, countMin: 20 };

  it('are held against the rest of their attribute, and only a real difference is flagged', () => {
    const slices = [
      slice('channel', 'web', 200, 1_000),
      slice('channel', 'branch', 95, 500),
      slice('channel', 'phone', 160, 500),
      slice('channel', 'fax', 1, 3),
      slice('region', 'north', 230, 1_000),
      slice('region', 'south', 225, 1_003),
    ];
    const { rows, withheld } = compareWithRest(slices, options);
    expect(withheld).toEqual([{ attribute: 'channel', value: 'fax' }]);
    expect(rows.filter(({ flagged }) => flagged).map(({ value }) => value)).toContain('phone');
    expect(rows.find(({ value }) => value === 'north')).toMatchObject({ flagged: false, listed: false });
    const phone = rows.find(({ value }) => value === 'phone');
    expect(phone).toMatchObject({
      against: { count: 1_503, events: 296 },
      here: { count: 500, events: 160 },
    });
    expect(phone?.difference).toBeCloseTo(160 / 500 - 296 / 1_503, 12);
    expect(phone?.adjustedHolm).toBeGreaterThan(phone?.p ?? 1);
  });

  it('are held against themselves before', () => {
    const before = [slice('channel', 'web', 200, 1_000), slice('channel', 'phone', 100, 500)];
    const now = [
      slice('channel', 'web', 205, 1_000),
      slice('channel', 'phone', 160, 500),
      slice('channel', 'app', 9, 50),
    ];
    const { rows, withheld } = compareWithReference(now, before, options);
    expect(rows.map(({ flagged }) => flagged)).toEqual([false, true]);
    expect(withheld).toEqual([{ attribute: 'channel', value: 'app' }]);
  });

  it('that are all alike are flagged no more often than stated, however many there are', () => {
    const random = createRandom(9);
    const runs = 400;
    const drawn = () => Array.from({ length: 200 }, () => random()).filter((u) => u < 0.2).length;
    const looks = Array.from({ length: runs }, () =>
      compareWithRest(
        Array.from({ length: 12 }, (_, i) => slice('region', `r${i}`, drawn(), 200)),
        options,
      ),
    );
    const share = (found: (row: (typeof looks)[number]['rows'][number]) => boolean) =>
      looks.filter(({ rows }) => rows.some(found)).length / runs;
    expect(share(({ flagged }) => flagged)).toBeLessThanOrEqual(0.07);
    expect(share(({ p }) => p <= 0.05)).toBeGreaterThan(0.2);
  });
});
