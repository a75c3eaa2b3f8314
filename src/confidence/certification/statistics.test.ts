import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binomialPValue,
  clopperPearson,
  clopperPearsonUpper,
  hoeffdingBentkusPValue,
  leastCases,
} from './binomial.ts';
import { type CaseCosts, type Treatment, cheapest, chowPoints, costOf, noReviewerErrors } from './chow.ts';
import { type BandCount, fixedSequence, walk } from './learn-then-test.ts';

const file = join(import.meta.dirname, '../../../../shared/data/bands/vectors.json');
const isHere = existsSync(file);
if (!isHere) console.log(`certification vectors: skipped, there is no ${file}`);

interface Vectors {
  clopper_pearson_upper: { k: number; n: number; delta: number; ub: number }[];
  min_n_zero_error: { alpha: number; delta: number; n: number }[];
  ltt_p: { k: number; n: number; alpha: number; p_binom: number; p_hb: number }[];
  fixed_sequence: { p: number[]; delta: number; n_starts: number; rejected: number[] }[];
  chow: Record<'C_FA' | 'C_FR' | 'C_R' | 'eps_fa' | 'eps_fr' | 't_hi' | 't_lo' | 't_star', number>[] &
    { review_worth_it_if_C_R_below: number }[];
}

describe.skipIf(!isHere)('figures of SciPy, statsmodels and MAPIE', () => {
  const vectors = isHere ? (JSON.parse(readFileSync(file, 'utf8')) as Vectors) : ({} as Vectors);

  it('Clopper and Pearson’s upper bound', () => {
    expect(vectors.clopper_pearson_upper.length).toBeGreaterThan(0);
    for (const { k, n, delta, ub } of vectors.clopper_pearson_upper) {
      expect(clopperPearsonUpper(k, n, delta)).toBeCloseTo(ub, 12);
    }
  });

  it('the fewest cases without an error', () => {
    expect(vectors.min_n_zero_error.length).toBeGreaterThan(0);
    for (const { alpha, delta, n } of vectors.min_n_zero_error) expect(leastCases(0, alpha, delta)).toBe(n);
  });

  it('both p-values', () => {
    expect(vectors.ltt_p.length).toBeGreaterThan(0);
    for (const { k, n, alpha, p_binom, p_hb } of vectors.ltt_p) {
      expect(binomialPValue(k, n, alpha)).toBeCloseTo(p_binom, 10);
      expect(hoeffdingBentkusPValue(k, n, alpha)).toBeCloseTo(p_hb, 10);
    }
  });

  it('fixed-sequence testing with several starts', () => {
    expect(vectors.fixed_sequence.length).toBeGreaterThan(0);
    for (const { p, delta, n_starts, rejected } of vectors.fixed_sequence) {
      expect(fixedSequence(p, delta, n_starts)).toEqual(rejected);
    }
  });

  it('Chow’s points', () => {
    expect(vectors.chow.length).toBeGreaterThan(0);
    for (const each of vectors.chow) {
      const costs = { falseApprove: each.C_FA, falseDecline: each.C_FR, review: each.C_R };
      const points = chowPoints(costs, { falseApprove: each.eps_fa, falseDecline: each.eps_fr });
      expect(points.high).toBeCloseTo(each.t_hi, 12);
      expect(points.low).toBeCloseTo(each.t_lo, 12);
      expect(points.single).toBeCloseTo(each.t_star, 12);
      expect(points.reviewPaysBelow).toBeCloseTo(each.review_worth_it_if_C_R_below, 10);
      expect(points.reviewPays).toBe(each.t_lo < each.t_hi);
    }
  });
});

/** P(Bin(n, alpha) ≤ k), each term by products alone. */
function bySum(k: number, n: number, alpha: number): number {
  let sum = 0;
  for (let errors = 0; errors <= k; errors += 1) {
    let term = 1;
    for (let at = 0; at < errors; at += 1) term *= ((n - at) / (errors - at)) * alpha;
    sum += term * (1 - alpha) ** (n - errors);
  }
  return sum;
}

const share = fc.double({ min: 0.01, max: 0.9, noNaN: true });

describe('exact binomial figures', () => {
  it('are the sum of their terms', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), share, (n, some, alpha) => {
        const k = Math.min(some, n);
        expect(binomialPValue(k, n, alpha)).toBeCloseTo(bySum(k, n, alpha), 10);
      }),
    );
  });

  it('bound where the p-value is delta, and say how few cases suffice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 20, max: 300 }),
        share,
        (k, n, alpha) => {
          expect(bySum(k, n, clopperPearsonUpper(k, n, 0.05))).toBeCloseTo(0.05, 6);
          const least = leastCases(k, alpha, 0.05);
          expect(binomialPValue(k, least, alpha)).toBeLessThanOrEqual(0.05);
          if (least > k + 1) expect(binomialPValue(k, least - 1, alpha)).toBeGreaterThan(0.05);
        },
      ),
    );
  });

  it('hold at their ends', () => {
    expect(binomialPValue(0, 0, 0.05)).toBe(1);
    expect(clopperPearson(0, 10)[0]).toBe(0);
    expect(clopperPearson(10, 10)[1]).toBe(1);
    expect(leastCases(0, 0, 0.05)).toBe(Number.POSITIVE_INFINITY);
  });

  it('are not above Hoeffding’s and Bentkus’s for yes-or-no errors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(200), share, (n, some, alpha) => {
        const k = Math.min(some, n);
        expect(hoeffdingBentkusPValue(k, n, alpha)).toBeGreaterThanOrEqual(
          binomialPValue(k, n, alpha) - 1e-12,
        );
      }),
    );
  });
});

describe('Chow’s points', () => {
  const price = fc.double({ min: 0.1, max: 100, noNaN: true });
  const rate = fc.double({ min: 0, max: 0.4, noNaN: true });

  it('part the probabilities by what is cheapest', () => {
    fc.assert(
      fc.property(price, price, price, rate, rate, share, (fa, fr, review, efa, efr, q) => {
        const costs: CaseCosts = { falseApprove: fa, falseDecline: fr, review };
        const errors = { falseApprove: efa, falseDecline: efr };
        const mean = (treatment: Treatment) =>
          q * costOf(treatment, true, costs, errors) + (1 - q) * costOf(treatment, false, costs, errors);
        const { high, low } = cheapest(chowPoints(costs, errors));
        const chosen = q >= high ? 'approve' : q <= low ? 'decline' : 'review';
        const least = Math.min(mean('approve'), mean('review'), mean('decline'));
        expect(mean(chosen)).toBeLessThanOrEqual(least + 1e-9 * (fa + fr + review));
      }),
    );
  });

  it('are one where a review never pays', () => {
    const points = chowPoints({ falseApprove: 5, falseDecline: 1, review: 0.9 }, noReviewerErrors);
    expect(points.reviewPays).toBe(false);
    expect(cheapest(points)).toEqual({ high: points.single, low: points.single });
  });
});

describe('the walk', () => {
  const candidates = fc
    .array(fc.tuple(fc.nat(30), fc.nat(3)), { minLength: 1, maxLength: 25 })
    .map((steps) => {
      let [n, k] = [0, 0];
      return steps.map(([cases, errors]): BandCount => {
        n += cases;
        k += Math.min(errors, cases);
        return { n, k };
      });
    });

  it('ends where its definition says', () => {
    fc.assert(
      fc.property(candidates, share, fc.nat(100), (counts, alpha, casesMin) => {
        const limits = { alpha, delta: 0.1, casesMin };
        const tested = counts.map((count, at) => ({ ...count, at })).filter(({ n }) => n >= casesMin);
        const passes = ({ k, n }: BandCount) => n > 0 && bySum(k, n, alpha) <= 0.1;
        const firstRefused = tested.findIndex((each) => !passes(each));
        const certified = firstRefused === -1 ? tested : tested.slice(0, firstRefused);
        expect(walk(counts, limits)?.at ?? null).toBe(certified.at(-1)?.at ?? null);
      }),
      { numRuns: 300 },
    );
  });

  it('is the fixed sequence with one start', () => {
    fc.assert(
      fc.property(candidates, share, (counts, alpha) => {
        const pValues = counts.map(({ n, k }) => binomialPValue(k, n, alpha));
        const rejected = fixedSequence(pValues, 0.2);
        expect(walk(counts, { alpha, delta: 0.2, casesMin: 0 })?.at).toBe(rejected.at(-1));
      }),
    );
  });

  it('does not go on behind a refused candidate, however good the next one is', () => {
    const counts = [
      { n: 100, k: 0 },
      { n: 110, k: 9 },
      { n: 900, k: 9 },
    ];
    expect(walk(counts, { alpha: 0.05, delta: 0.05, casesMin: 60 })?.at).toBe(0);
  });
});
