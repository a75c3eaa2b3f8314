import { describe, expect, it } from 'vitest';
import { probabilityOf, scoreOf } from './probability.ts';

const surface = { review: 600, refuse: 800 };

describe('the numbers of the operator’s model', () => {
  it('are probabilities of alternatives, or of one label by itself', () => {
    expect(probabilityOf([0, 0], 1)).toBe(0.5);
    expect(probabilityOf([0, 3], 1)).toBeCloseTo(0.9526, 4);
    expect(probabilityOf([0, 3, 3], 0)).toBeCloseTo(0.0243, 4);
    expect(probabilityOf([-3], 0)).toBeCloseTo(0.0474, 4);
    expect(probabilityOf([1000, -1000], 1)).toBe(0);
    expect(() => probabilityOf([0, 1], 2)).toThrow(/2 labels and no number for label 2/);
    expect(() => probabilityOf([0, Number.NaN], 0)).toThrow(/no number/);
  });

  it('are scores in thousandths by themselves', () => {
    expect([0, 0.5999, 0.9999, 1].map((p) => scoreOf(p, undefined, surface))).toEqual([0, 599, 999, 1000]);
  });

  it('meet the thresholds of the surface where the configuration says', () => {
    const meets = { review: 0.2, refuse: 0.5 };
    const scores = (thresholds: typeof surface) =>
      [0, 0.1999, 0.2, 0.4999, 0.5, 1].map((p) => scoreOf(p, meets, thresholds));
    expect(scores(surface)).toEqual([0, 598, 600, 798, 800, 1000]);
    expect(scores({ review: 1001, refuse: 1001 }).every((score) => score < 1001)).toBe(true);
    const [, below, review, , refuse] = scores({ review: 900, refuse: 700 });
    expect(below).toBeLessThan(700);
    expect(review).toBeLessThan(700);
    expect(refuse).toBe(700);
    expect(scores({ review: 1, refuse: 1 })).toEqual([0, 0, 0, 0, 1, 1000]);
  });
});
