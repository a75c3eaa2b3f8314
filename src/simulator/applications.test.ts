import { describe, expect, it } from 'vitest';
import { generateApplications } from './applications.ts';
import { scoreCredit } from './scorecard.ts';

const applications = generateApplications({ seed: 2026, count: 20_000 });
const scored = applications.map((one) => ({
  ...one,
  score: scoreCredit(one.application).probabilityGood,
}));

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function share(low: number, high: number): number {
  return scored.filter(({ score }) => score >= low && score < high).length / scored.length;
}

describe('generateApplications', () => {
  it('gives the same applications for a seed, whatever the count, and others for another seed', () => {
    const few = generateApplications({ seed: 2026, count: 50 });
    expect(few).toEqual(applications.slice(0, 50));
    expect(generateApplications({ seed: 2027, count: 50 })).not.toEqual(few);
  });

  it('has about 60 % high, 30 % middle and 10 % low scores', () => {
    expect(share(0.92, 1)).toBeCloseTo(0.6, 1);
    expect(share(0.3, 0.92)).toBeCloseTo(0.3, 1);
    expect(share(0, 0.3)).toBeCloseTo(0.1, 1);
  });

  it('draws outcomes for which the scorecard is calibrated in every tenth', () => {
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const bin = scored.filter(({ score }) => Math.min(9, Math.floor(score * 10)) === tenth);
      const goodRate = mean(bin.map(({ good }) => (good ? 1 : 0)));
      const expectedRate = mean(bin.map(({ score }) => score));
      const standardError = Math.sqrt((expectedRate * (1 - expectedRate)) / bin.length);
      expect(bin.length).toBeGreaterThan(100);
      expect(Math.abs(goodRate - expectedRate)).toBeLessThan(3.5 * standardError);
    }
  });

  it('knows a risk that the scorecard does not see', () => {
    const middle = scored.filter(({ score }) => score > 0.4 && score < 0.6);
    const surprises = middle.map(({ score, trueProbabilityGood }) => Math.abs(trueProbabilityGood - score));
    expect(mean(surprises)).toBeGreaterThan(0.05);
    for (const { trueProbabilityGood } of scored) {
      expect(trueProbabilityGood).toBeGreaterThanOrEqual(0);
      expect(trueProbabilityGood).toBeLessThanOrEqual(1);
    }
  });
});
