import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyIsotonic, fitIsotonic, poolAdjacent } from './isotonic.ts';
import type { Observation } from './observation.ts';
import { applyVennAbers, fitVennAbers, vennAbersCell, vennAbersPair } from './venn-abers.ts';

/** Isotonic regression from its definition as a minimum of maxima (Barlow et al. 1972), in cubic time. */
function byDefinition(values: readonly number[], weights: readonly number[]): number[] {
  const mean = (from: number, to: number) => {
    let sum = 0;
    let weight = 0;
    for (let at = from; at <= to; at += 1) {
      sum += (values[at] as number) * (weights[at] as number);
      weight += weights[at] as number;
    }
    return sum / weight;
  };
  return values.map((_, at) => {
    let least = Number.POSITIVE_INFINITY;
    for (let to = at; to < values.length; to += 1) {
      let greatest = Number.NEGATIVE_INFINITY;
      for (let from = 0; from <= at; from += 1) greatest = Math.max(greatest, mean(from, to));
      least = Math.min(least, greatest);
    }
    return least;
  });
}

/** The pair from its definition: the case is put among the others, once with each label. */
function pairByDefinition(observations: readonly Observation[], score: number): { p0: number; p1: number } {
  const [p0, p1] = [false, true].map((favourable) => {
    const all = [...observations, { score, favourable }];
    const scores = [...new Set(all.map((each) => each.score))].sort((one, other) => one - other);
    const groups = scores.map((at) => all.filter((each) => each.score === at));
    const fitted = byDefinition(
      groups.map((group) => group.filter((each) => each.favourable).length / group.length),
      groups.map((group) => group.length),
    );
    return fitted[scores.indexOf(score)] as number;
  });
  return { p0: p0 as number, p1: p1 as number };
}

const tiedScore = fc.integer({ min: 0, max: 12 }).map((twelfth) => twelfth / 12);
const observationsOf = fc.array(fc.record({ score: tiedScore, favourable: fc.boolean() }), {
  minLength: 1,
  maxLength: 25,
});

describe('isotonic regression', () => {
  it('is what its definition says, with weights and ties', () => {
    const weighted = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 6 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(weighted, (pairs) => {
        const [values, weights] = [pairs.map(([value]) => value), pairs.map(([, weight]) => weight)];
        const expected = byDefinition(values, weights);
        for (const [at, value] of poolAdjacent(values, weights).entries()) {
          expect(value).toBeCloseTo(expected[at] as number, 9);
        }
      }),
    );
  });

  it('does not depend on the order of the cases', () => {
    fc.assert(
      fc.property(observationsOf, (observations) => {
        expect(fitIsotonic(observations.toReversed())).toEqual(fitIsotonic(observations));
      }),
    );
  });

  it('gives the fitted value at a score, what lies between in between, and the ends beyond', () => {
    const cases = [0.2, 0.2, 0.4, 0.6, 0.6].map((score, at) => ({ score, favourable: at === 1 || at >= 3 }));
    const fitted = fitIsotonic(cases);
    expect(fitted).toEqual({
      kind: 'isotonic',
      scores: [0.2, 0.4, 0.6],
      values: [0.3333333333, 0.3333333333, 1],
    });
    expect([0, 0.2, 0.3, 0.5, 0.6, 1].map((score) => applyIsotonic(fitted, score))).toEqual([
      0.3333333333,
      0.3333333333,
      0.3333333333,
      expect.closeTo(0.66666666665, 10),
      1,
      1,
    ]);
  });
});

describe('Venn-Abers', () => {
  it('is what its definition says, at known scores and between them', () => {
    fc.assert(
      fc.property(observationsOf, fc.integer({ min: 0, max: 24 }), (observations, at) => {
        const score = at / 24;
        const pair = vennAbersPair(fitVennAbers(observations), score);
        const expected = pairByDefinition(observations, score);
        expect(pair.p0).toBeCloseTo(expected.p0, 9);
        expect(pair.p1).toBeCloseTo(expected.p1, 9);
        expect(pair.p0).toBeLessThanOrEqual(pair.p1 + 1e-12);
      }),
    );
  });

  it('gives scores of one cell one probability', () => {
    const fitted = fitVennAbers([0.2, 0.4, 0.6].map((score) => ({ score, favourable: score > 0.3 })));
    expect([0.1, 0.2, 0.3, 0.35, 0.4, 0.9].map((score) => vennAbersCell(fitted, score))).toEqual([
      0, 1, 2, 2, 3, 6,
    ]);
    expect(applyVennAbers(fitted, 0.3)).toBe(applyVennAbers(fitted, 0.35));
  });

  it('pools neighbours where there are very many scores, and loses no case', () => {
    const many = Array.from({ length: 3_000 }, (_, at) => ({
      score: at / 3_000,
      favourable: at % 3_000 > 1_000,
    }));
    const fitted = fitVennAbers(many);
    expect(fitted.scores).toHaveLength(200);
    expect(fitted.weights.reduce((sum, weight) => sum + weight, 0)).toBe(3_000);
    expect(fitted.favourable.reduce((sum, count) => sum + count, 0)).toBe(1_999);
  });
});
