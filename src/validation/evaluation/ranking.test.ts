import { describe, expect, it } from 'vitest';
import { areaUnderCurve, recallAtFalsePositives, scoreAtFalsePositives } from './ranking.ts';

const rows = (attacks: number[], benign: number[]) => [
  ...attacks.map((score) => ({ score, isAttack: true })),
  ...benign.map((score) => ({ score, isAttack: false })),
];

describe('area under the curve', () => {
  it.each([
    [[3, 4], [1, 2], 1],
    [[1, 2], [3, 4], 0],
    [[1, 3], [2, 4], 0.25],
    // Ties count half.
    [[5, 5], [5, 5], 0.5],
    [[5, 9], [5, 1], 0.875],
  ])('of %j against %j is %d', (attacks, benign, area) => {
    expect(areaUnderCurve(rows(attacks, benign))).toBe(area);
  });

  it('is not defined for one label', () => {
    expect(areaUnderCurve(rows([1], []))).toBeNull();
    expect(areaUnderCurve(rows([], [1]))).toBeNull();
  });
});

describe('recall at a share of false positives', () => {
  const benign = Array.from({ length: 100 }, (_, index) => index);

  it('lets no more than the share pass', () => {
    expect(scoreAtFalsePositives(rows([], benign), 0.01)).toBe(98);
    expect(scoreAtFalsePositives(rows([], benign), 0.005)).toBe(99);
    expect(recallAtFalsePositives(rows([98, 98.5, 100, 120], benign), 0.01)).toBe(0.75);
    expect(recallAtFalsePositives(rows([98, 98.5, 100, 120], benign), 0.005)).toBe(0.5);
  });

  it('does not count a tie with an honest text as caught', () => {
    expect(recallAtFalsePositives(rows([600, 601], [600, 600, 600]), 0.05)).toBe(0.5);
  });

  it('is not defined for one label', () => {
    expect(recallAtFalsePositives(rows([1], []), 0.01)).toBeNull();
    expect(recallAtFalsePositives(rows([], [1]), 0.01)).toBeNull();
  });
});
