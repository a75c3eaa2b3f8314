import { describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import { canonicalJson } from '../../decision/canonical.ts';
import { sigmoid } from '../calibration/observation.ts';
import { createRandom } from '../calibration/random.ts';
import { type CertifiedBands, CertifiedBandsSchema, type LabelledCase, createPlacement } from './bands.ts';
import { type RiskSettings, certifyBands } from './certify.ts';
import { noReviewerErrors } from './chow.ts';
import { fixedCosts } from './costs.ts';
import { edgeGrid } from './grid.ts';
import { proposeBands } from './proposal.ts';

const settings: RiskSettings = {
  costs: fixedCosts({ falseApprove: 5, falseDecline: 1, review: 0.3 }),
  reviewerErrors: noReviewerErrors,
  alphaHigh: 0.05,
  alphaLow: 0.1,
  delta: 0.05,
  lowBand: 'decline',
  seed: 1,
};

function draw(n: number, seed: number, { centre = 0.5, spread = 6 } = {}): LabelledCase[] {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => {
    const logit = centre + spread * (random() - 0.5) * 2;
    return {
      score: sigmoid(1.7 * logit),
      favourable: random() < sigmoid(logit),
      amount: 100 + 900 * random(),
    };
  });
}

const both = (cases: readonly LabelledCase[]) => ({ fit: cases, certify: cases });
const uniform = (score: number, good: number, bad: number): LabelledCase[] =>
  Array.from({ length: good + bad }, (_, at) => ({ score, favourable: at < good, amount: 0 }));

describe('certified bands', () => {
  it('hold what they were certified for, and say on what evidence', () => {
    const { bands, basis, high, low } = certifyBands(both(draw(1_500, 1)), settings);
    expect(bands.high?.q).toBeGreaterThanOrEqual(0.94);
    expect(bands.low?.q).toBeLessThanOrEqual(0.3);
    expect(['chow', 'ltt', 'max']).toContain(basis);
    for (const side of [high, low]) {
      expect(side?.certified?.pValue).toBeLessThanOrEqual(0.025);
      expect(side?.certified?.upper).toBeLessThanOrEqual(side?.limit ?? 0);
    }
    expect(edgeGrid).toContain(bands.high?.score);
    expect(Value.Check(CertifiedBandsSchema, bands)).toBe(true);
    expect(JSON.stringify(bands)).toBe(canonicalJson(bands));
  });

  it('are the same, to the byte, from the same cases and seed, and after a trip through JSON', () => {
    const cases = draw(1_200, 2);
    const bands = certifyBands(both(cases), settings).bands;
    const text = canonicalJson(bands);
    expect(canonicalJson(certifyBands(both([...cases]), settings).bands)).toBe(text);
    const [place, again] = [bands, JSON.parse(text) as CertifiedBands].map((from) => createPlacement(from));
    for (const { score } of cases.slice(0, 200)) expect(again?.(score, 0)).toEqual(place?.(score, 0));
  });

  it('count every certified case and no other', () => {
    const cases = draw(1_500, 3);
    const { bands, high, low } = certifyBands(both(cases), settings);
    const place = createPlacement(bands);
    const placed = cases.map(({ score, favourable }) => ({ favourable, band: place(score, 0).band }));
    for (const [band, side] of [
      ['high', high],
      ['low', low],
    ] as const) {
      const inBand = placed.filter((each) => each.band === band);
      expect(side?.certified?.n).toBe(inBand.length);
      expect(side?.certified?.k).toBe(
        inBand.filter(({ favourable }) => favourable !== (band === 'high')).length,
      );
    }
  });

  it('take the stricter of costs and certification', () => {
    const cases = draw(4_000, 4);
    const lenient = certifyBands(both(cases), { ...settings, alphaHigh: 0.5, alphaLow: 0.5 });
    expect([lenient.basis, lenient.high.basis, lenient.low?.basis]).toEqual(['chow', 'chow', 'chow']);
    expect(lenient.bands.high?.q).toBeGreaterThanOrEqual(0.94);
    const strict = certifyBands(both(cases), { ...settings, alphaHigh: 0.015, alphaLow: 0.5 });
    expect([strict.basis, strict.high.basis]).toEqual(['max', 'ltt']);
    expect(strict.bands.high?.score).toBeGreaterThan(lenient.bands.high?.score ?? 1);
  });

  it('give the high band all of delta where the low band only escalates', () => {
    const { bands, low, high } = certifyBands(both(draw(1_500, 5)), { ...settings, lowBand: 'escalate' });
    expect([bands.low, low, high.delta]).toEqual([null, null, 0.05]);
  });

  it('never err more than reviewing would cost, whatever alpha allows', () => {
    // One case in ten is bad: at 5 to 0.3 approving all costs more than reviewing all, which alpha would allow.
    const { bands, high } = certifyBands(both(uniform(0.99, 900, 100)), { ...settings, alphaHigh: 0.2 });
    expect(high.limit).toBeCloseTo(0.06, 12);
    expect(bands.high).toBeNull();
  });
});

describe('no band', () => {
  it.each<[string, LabelledCase[], Partial<RiskSettings>]>([
    ['from no case', [], {}],
    ['from one case', uniform(0.9, 1, 0), {}],
    ['from fewer than certify without an error', uniform(0.99, 71, 0), {}],
    ['from cases that were all good', uniform(0.9, 1_000, 0), {}],
    ['from cases that were all bad', uniform(0.1, 0, 1_000), {}],
    ['from one score for all', uniform(0.97, 500, 500), {}],
    ['for an alpha that the cases cannot show', draw(1_000, 6), { alphaHigh: 1e-6, alphaLow: 1e-6 }],
    [
      'from scores that run against the outcome',
      draw(1_000, 7).map(({ score, favourable }) => ({ score: 1 - score, favourable, amount: 0 })),
      {},
    ],
  ])('%s', (_, cases, changed) => {
    const { bands, basis } = certifyBands(both(cases), { ...settings, ...changed });
    expect([bands.high, bands.low, basis]).toEqual([null, null, null]);
    const place = createPlacement(bands);
    expect([0, 0.5, 1].map((score) => place(score, 0).band)).toEqual(['middle', 'middle', 'middle']);
  });

  it('where reviewing costs nothing', () => {
    const costs = fixedCosts({ falseApprove: 5, falseDecline: 1, review: 0 });
    expect(certifyBands(both(draw(1_500, 8)), { ...settings, costs }).basis).toBeNull();
  });

  it('but one, where one score covers a portfolio that is good enough', () => {
    const { bands, basis } = certifyBands(both(uniform(0.9, 990, 10)), settings);
    expect([bands.low, basis]).toEqual([null, 'chow']);
    expect(createPlacement(bands)(0.9, 0).band).toBe('high');
    expect(createPlacement(bands)(0.1, 0).band).toBe('middle');
  });
});

describe('ties', () => {
  it('are never parted: equal scores are in one band', () => {
    const cases = draw(4_000, 9).map(({ score, favourable }) => ({
      score: Number(score.toFixed(1)),
      favourable,
      amount: 0,
    }));
    const { bands, high } = certifyBands(both(cases), settings);
    const place = createPlacement(bands);
    expect(high.certified?.n).toBe(cases.filter(({ score }) => place(score, 0).band === 'high').length);
    expect(bands.high).not.toBeNull();
  });

  it('of the calibration are parted by the raw score', () => {
    const bands: CertifiedBands = {
      calibrator: { kind: 'isotonic', scores: [0.5, 0.9], values: [0.99, 0.99] },
      costs: settings.costs,
      high: { q: 0.99, score: 0.8 },
      low: null,
      reviewerErrors: noReviewerErrors,
    };
    const place = createPlacement(bands);
    expect([0.7, 0.8, 0.9].map((score) => place(score, 0))).toEqual([
      { q: 0.99, band: 'middle' },
      { q: 0.99, band: 'high' },
      { q: 0.99, band: 'high' },
    ]);
  });
});

describe('costs that depend on the amount', () => {
  const costs = {
    falseApprove: { fixed: 0, perAmount: 0.5 },
    falseDecline: { fixed: 10, perAmount: 0 },
    review: { fixed: 5, perAmount: 0 },
  };

  it('approve a small amount where they have a large one reviewed', () => {
    const cases = draw(4_000, 10);
    const { bands } = certifyBands(
      { fit: cases.slice(0, 2_000), certify: cases.slice(2_000) },
      { ...settings, costs },
    );
    const place = createPlacement(bands);
    // A false approval of 100 costs 50, of 10,000 it costs 5,000: 1 − 5/50 and 1 − 5/5000.
    const score = cases
      .map((each) => each.score)
      .find((each) => {
        const { q } = place(each, 100);
        return q > 0.97 && q < 0.995;
      });
    expect(score).toBeDefined();
    expect(place(score as number, 100).band).toBe('high');
    expect(place(score as number, 10_000).band).toBe('middle');
  });

  it('want the calibration from other cases: else the band would depend on the labels it is tested with', () => {
    const cases = draw(1_000, 11);
    expect(() => certifyBands(both(cases), { ...settings, costs })).toThrow('fitted on other cases');
  });
});

describe('a proposal', () => {
  it('measures rows that were not used, by three ways from ten thousand on or in order of time', () => {
    const [few, many] = [draw(999, 12), draw(10_000, 13)];
    expect(proposeBands(few, settings, { isOrdered: true, resamples: 20 }).rows).toEqual({
      design: 'split',
      total: 999,
      fit: 399,
      certify: 399,
      measure: 201,
    });
    expect(proposeBands(many, settings, { isOrdered: false, resamples: 20 }).rows).toMatchObject({
      design: 'split',
    });
    expect(proposeBands(few, settings, { isOrdered: false, resamples: 20 }).rows).toEqual({
      design: 'cross-fit',
      total: 999,
      fit: 999,
      certify: 999,
      measure: 999,
    });
  });

  it('in order of time: fits on the earliest, certifies on the next, measures on the latest', () => {
    const cases = draw(2_000, 14);
    // What the latest rows came to must not change the bands.
    const turned = cases.map((each, at) => (at >= 1_600 ? { ...each, favourable: !each.favourable } : each));
    const [before, after] = [cases, turned].map((each) =>
      proposeBands(each, settings, { isOrdered: true, resamples: 20 }),
    );
    expect(after?.certification).toEqual(before?.certification);
    expect(after?.measurement.expectedCost).not.toEqual(before?.measurement.expectedCost);
  });

  it('adds up', () => {
    const { measurement } = proposeBands(draw(1_000, 15), settings, { isOrdered: false, resamples: 50 });
    const { approve, review, decline } = measurement.volume;
    expect(approve.n + review.n + decline.n).toBe(1_000);
    expect(measurement.expectedCost.reviewAll).toBeCloseTo(0.3, 12);
    const { high, low } = measurement.error;
    const total = 5 * high.k + low.k + 0.3 * review.n;
    expect(measurement.expectedCost.bands).toBeCloseTo(total / 1_000, 9);
    expect(measurement.difference.reviewAll.mean).toBeCloseTo(measurement.expectedCost.bands - 0.3, 9);
    expect(measurement.expectedCost.bands).toBeLessThan(0.3);
  });

  it('is made from a handful without falling', () => {
    for (const n of [1, 2, 7]) {
      const { certification, measurement } = proposeBands(draw(n, 16), settings, {
        isOrdered: false,
        resamples: 20,
      });
      expect(certification.basis).toBeNull();
      expect(measurement.expectedCost.bands).toBeCloseTo(0.3, 12);
    }
  });
});

describe('the guarantee, on four hundred small portfolios', () => {
  it('where each band errs a little more than alpha, it is certified in no more than delta of them', () => {
    const broken = Array.from({ length: 400 }, (_, at) => at).filter((seed) => {
      const random = createRandom(1_000 + seed);
      const cases = Array.from({ length: 400 }, () => ({
        score: Number(random().toFixed(2)),
        favourable: random() >= 0.051,
        amount: 0,
      }));
      return certifyBands({ fit: cases.slice(0, 30), certify: cases }, settings).bands.high !== null;
    });
    // Half of delta is 2.5 %: 10 expected at most, 19 with a chance of less than 1 %.
    expect(broken.length).toBeLessThanOrEqual(19);
  });
});
