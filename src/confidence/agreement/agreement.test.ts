import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandVectors } from '../../../test/support/band-vectors.ts';
import { createRandom } from '../calibration/random.ts';
import { bootstrapInterval } from './bootstrap.ts';
import { asymptoticInterval } from './coefficient.ts';
import { cohenKappa } from './cohen.ts';
import { fleissKappa, gwetAc1 } from './many-reviewers.ts';
import { type Rating, categoriesOf, countsOfTable, itemCounts, pairTable } from './rating.ts';
import { catchRates, confusionByReviewer } from './reviewer.ts';

const square = (size: number) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: size, maxLength: size }), {
    minLength: size,
    maxLength: size,
  });
const tables = fc.integer({ min: 2, max: 4 }).chain(square);

/** The pairs of answers that a table counts. */
const pairsOf = (table: number[][]) =>
  table.flatMap((row, a) => row.flatMap((times, b) => Array.from({ length: times }, () => [a, b] as const)));

/** κ by its definition: agreement of the pairs, against that of every first answer with every second one. */
function kappaByPairs(table: number[][], agree: (a: number, b: number) => number): number | null {
  const pairs = pairsOf(table);
  if (pairs.length === 0) return null;
  const observed = pairs.reduce((sum, [a, b]) => sum + agree(a, b), 0) / pairs.length;
  const crossed = pairs.reduce((sum, [a]) => sum + pairs.reduce((inner, [, b]) => inner + agree(a, b), 0), 0);
  const expected = crossed / pairs.length ** 2;
  return 1 - expected < 1e-12 ? null : (observed - expected) / (1 - expected);
}

function expectSame(actual: number | null, expected: number | null): void {
  if (expected === null) expect(actual).toBeNull();
  else expect(actual).toBeCloseTo(expected, 10);
}

describe('Cohen’s kappa', () => {
  it.skipIf(bandVectors === null).each(bandVectors?.cohen ?? [])('is as computed elsewhere', (example) => {
    expect(cohenKappa(example.table).value).toBeCloseTo(example.kappa, 13);
    expect(gwetAc1(countsOfTable(example.table)).value).toBeCloseTo(example.gwet_ac1, 13);
  });

  it.each([
    ['unweighted', (a: number, b: number) => Number(a === b)],
    ['linear', (a: number, b: number, last: number) => 1 - Math.abs(a - b) / last],
    ['quadratic', (a: number, b: number, last: number) => 1 - (a - b) ** 2 / last ** 2],
  ] as const)('is what counting pairs gives, %s', (weights, agree) => {
    fc.assert(
      fc.property(tables, (table) => {
        const expected = kappaByPairs(table, (a, b) => agree(a, b, table.length - 1));
        expectSame(cohenKappa(table, weights).value, expected);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('has the standard error of Fleiss, Cohen and Everitt', () => {
    // Their formula for unweighted κ, written out with the margins.
    const table = [
      [53, 5, 2],
      [11, 14, 5],
      [1, 6, 3],
    ];
    const p = table.map((row) => row.map((cell) => cell / 100));
    const row = p.map((cells) => cells.reduce((a, b) => a + b, 0));
    const column = p.map((_, b) => p.reduce((sum, cells) => sum + (cells[b] ?? 0), 0));
    const at = (values: readonly number[], i: number) => values[i] ?? 0;
    const observed = p.reduce((sum, cells, i) => sum + at(cells, i), 0);
    const expected = row.reduce((sum, share, i) => sum + share * at(column, i), 0);
    const kappa = (observed - expected) / (1 - expected);
    const diagonal = p.reduce(
      (sum, cells, i) => sum + at(cells, i) * (1 - (at(row, i) + at(column, i)) * (1 - kappa)) ** 2,
      0,
    );
    const off = p
      .flatMap((cells, i) => cells.map((cell, j) => (i === j ? 0 : cell * (at(column, i) + at(row, j)) ** 2)))
      .reduce((a, b) => a + b, 0);
    const variance =
      (diagonal + (1 - kappa) ** 2 * off - (kappa - expected * (1 - kappa)) ** 2) /
      (100 * (1 - expected) ** 2);
    // Ours divides by n − 1.
    expect(cohenKappa(table).standardError).toBeCloseTo(Math.sqrt((variance * 100) / 99), 10);
  });

  it('does not exist where nothing could have differed', () => {
    expect(
      cohenKappa([
        [9, 0],
        [0, 0],
      ]),
    ).toMatchObject({ expected: 1, observed: 1, standardError: null, value: null });
    expect(
      cohenKappa([
        [0, 0],
        [0, 0],
      ]).value,
    ).toBeNull();
    expect(() => cohenKappa([[1, 2]])).toThrow(/as many rows/);
  });
});

describe('agreement of many', () => {
  it.skipIf(bandVectors === null)('is as computed elsewhere', () => {
    const { table, kappa } = bandVectors?.fleiss ?? { table: [], kappa: 0 };
    expect(fleissKappa(table).value).toBeCloseTo(kappa, 13);
  });

  it('is what comparing every two answers gives', () => {
    const item = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 12 }), (items) => {
        const agreeing = items.map((answers) => {
          const pairs = answers.flatMap((a, i) =>
            answers.flatMap((b, j) => (i === j ? [] : [Number(a === b)])),
          );
          return pairs.reduce((x, y) => x + y, 0) / pairs.length;
        });
        const observed = agreeing.reduce((x, y) => x + y, 0) / items.length;
        const share = (k: number) =>
          items.reduce((sum, answers) => sum + answers.filter((a) => a === k).length / answers.length, 0) /
          items.length;
        const shares = [0, 1, 2].map(share);
        const byFleiss = shares.reduce((sum, p) => sum + p * p, 0);
        const byGwet = shares.reduce((sum, p) => sum + p * (1 - p), 0) / 2;
        const counts = items.map((answers) => [0, 1, 2].map((k) => answers.filter((a) => a === k).length));
        const value = (expected: number) =>
          1 - expected < 1e-12 ? null : (observed - expected) / (1 - expected);
        expectSame(fleissKappa(counts).value, value(byFleiss));
        expectSame(gwetAc1(counts).value, value(byGwet));
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('needs two answers to each item', () => {
    expect(() => fleissKappa([[1, 0]])).toThrow(/two ratings/);
    expect(gwetAc1([]).value).toBeNull();
  });
});

describe('an interval', () => {
  /** Two reviewers who each see the truth, of which one fifth is adverse, with probability 0.9. */
  const draw = (random: () => number, items: number) => {
    const see = (truth: number) => (random() < 0.9 ? truth : 1 - truth);
    const table = [
      [0, 0],
      [0, 0],
    ];
    for (let i = 0; i < items; i++) {
      const truth = Number(random() < 0.2);
      const row = table[see(truth)];
      const column = see(truth);
      if (row) row[column] = (row[column] ?? 0) + 1;
    }
    return table;
  };

  it('of large samples covers the truth about as often as it says', () => {
    // p_o = 0.82; each says "adverse" with 0.26, so p_e = 0.26² + 0.74².
    const truth = (0.82 - (0.26 ** 2 + 0.74 ** 2)) / (1 - (0.26 ** 2 + 0.74 ** 2));
    const random = createRandom(21);
    const runs = 2_000;
    const covers = (interval: { lower: number; upper: number } | null) =>
      interval !== null && interval.lower <= truth && truth <= interval.upper;
    let [cohen, fleiss] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const table = draw(random, 200);
      cohen += Number(covers(asymptoticInterval(cohenKappa(table))));
      fleiss += Number(covers(asymptoticInterval(fleissKappa(countsOfTable(table)))));
    }
    for (const share of [cohen / runs, fleiss / runs]) {
      expect(share).toBeGreaterThan(0.93);
      expect(share).toBeLessThan(0.97);
    }
  });

  it('by resampling is close to it, and the same again from the same seed', () => {
    const items = countsOfTable(draw(createRandom(4), 400));
    const statistic = (sample: readonly (readonly number[])[]) => gwetAc1(sample).value;
    const resampled = bootstrapInterval(items, statistic, { draws: 1_000, seed: 1 });
    const large = asymptoticInterval(gwetAc1(items));
    expect(Math.abs((resampled?.lower ?? 0) - (large?.lower ?? 1))).toBeLessThan(0.02);
    expect(Math.abs((resampled?.upper ?? 0) - (large?.upper ?? 1))).toBeLessThan(0.02);
    expect(bootstrapInterval(items, statistic, { draws: 1_000, seed: 1 })).toEqual(resampled);
    expect(bootstrapInterval(items, statistic, { draws: 1_000, seed: 2 })).not.toEqual(resampled);
    expect(bootstrapInterval(items, () => null, { draws: 10, seed: 1 })).toBeNull();
    expect(
      asymptoticInterval(
        cohenKappa([
          [9, 0],
          [0, 0],
        ]),
      ),
    ).toBeNull();
  });
});

describe('reviewers', () => {
  const rate = (reviewer: string, item: string, category: string): Rating => ({ category, item, reviewer });
  const ratings = [
    rate('ana', '1', 'approve'),
    rate('ben', '1', 'approve'),
    rate('ana', '2', 'approve'),
    rate('ben', '2', 'decline'),
    rate('cem', '2', 'decline'),
    rate('ana', '3', 'decline'),
  ];

  it('are compared over the items that they share', () => {
    const categories = categoriesOf(ratings);
    expect(categories).toEqual(['approve', 'decline']);
    expect(pairTable(ratings, ['ana', 'ben'], categories)).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(itemCounts(ratings, categories)).toEqual([
      [2, 0],
      [1, 2],
    ]);
    expect(() => pairTable(ratings, ['ana', 'ben'], ['approve'])).toThrow(/not among/);
    expect(() => itemCounts([...ratings, rate('ana', '1', 'decline')], categories)).toThrow(/twice/);
  });

  it('are held against the truth where it is known', () => {
    const truth = new Map([
      ['1', 'approve'],
      ['2', 'decline'],
    ]);
    const [ana, ben, cem] = confusionByReviewer(ratings, truth, ['approve', 'decline']);
    expect(ana).toMatchObject({
      accuracy: { count: 2, events: 1 },
      reviewer: 'ana',
      table: [
        [1, 0],
        [1, 0],
      ],
    });
    expect(ben).toMatchObject({
      accuracy: { count: 2, events: 2 },
      table: [
        [1, 0],
        [0, 1],
      ],
    });
    expect(cem).toMatchObject({ accuracy: { count: 1, events: 1 } });
  });

  it('catch what was put among their cases, or do not', () => {
    const seeded = [
      { item: '2', right: 'decline' },
      { item: '3', right: 'decline' },
    ];
    const rates = catchRates(ratings, seeded);
    expect(rates.map(({ caught, reviewer }) => [reviewer, caught.events, caught.count])).toEqual([
      ['ana', 1, 2],
      ['ben', 1, 1],
      ['cem', 1, 1],
    ]);
    expect(rates[1]?.caught.lower).toBeCloseTo(0.025, 12);
    expect(rates[1]?.caught.upper).toBe(1);
  });
});
