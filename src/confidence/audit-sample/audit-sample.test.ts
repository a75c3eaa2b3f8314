import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandVectors } from '../../../test/support/band-vectors.ts';
import { createRandom } from '../calibration/random.ts';
import { drawAudit, inclusionProbability } from './draw.ts';
import { bandErrorRate, horvitzThompson, naiveErrorRate } from './estimate.ts';
import { type OutcomeLabel, joinLabels } from './label-join.ts';
import { proportion } from './proportion.ts';
import { type SampledDecision, strataOf } from './strata.ts';

const secret = Buffer.alloc(32, 7);

describe('the audit draw', () => {
  it('is the one that the formula gives', () => {
    // HMAC-SHA256 with 32 bytes of 07 over "decision-1" begins with 97c47c4acfb9c02f, as another program says.
    const u = Number(0x97c47c4acfb9c02fn) / 2 ** 64;
    expect(u).toBeCloseTo(0.59284188, 8);
    expect(drawAudit(secret, 'decision-1', u - 1e-9).audited).toBe(false);
    expect(drawAudit(secret, 'decision-1', u + 1e-9).audited).toBe(true);
  });

  it('picks the stated share, the same again, and another under another secret', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `decision-${i}`);
    const drawn = ids.filter((id) => drawAudit(secret, id, 0.1).audited);
    // Five standard deviations of Bin(20 000, 0.1).
    expect(Math.abs(drawn.length - 2_000)).toBeLessThan(5 * Math.sqrt(1_800));
    expect(ids.filter((id) => drawAudit(secret, id, 0.1).audited)).toEqual(drawn);
    const other = Buffer.alloc(32, 8);
    expect(drawn.filter((id) => drawAudit(other, id, 0.1).audited).length).toBeLessThan(300);
    expect(drawn.every((id) => drawAudit(secret, id, 0.2).audited)).toBe(true);
  });

  it('takes all at 1 and none at 0, and records its probability', () => {
    expect(drawAudit(secret, 'a', 1)).toEqual({ audited: true, pi: 1 });
    expect(drawAudit(secret, 'a', 0)).toEqual({ audited: false, pi: 0 });
    expect(() => drawAudit(secret, 'a', 1.5)).toThrow(/between 0 and 1/);
    expect(() => drawAudit(Buffer.alloc(8), 'a', 0.5)).toThrow(/32 bytes/);
  });

  it('is raised for the next period where too few audits would land in it', () => {
    expect(inclusionProbability({ auditsMin: 299, configured: 0.02, decisionsExpected: 100_000 })).toBe(0.02);
    expect(inclusionProbability({ auditsMin: 299, configured: 0.02, decisionsExpected: 2_990 })).toBeCloseTo(
      0.1,
    );
    expect(inclusionProbability({ auditsMin: 299, configured: 0.02, decisionsExpected: 100 })).toBe(1);
  });
});

describe('a share', () => {
  it.skipIf(bandVectors === null).each(bandVectors?.clopper_pearson_upper ?? [])(
    'of $k in $n has its exact upper bound at $delta',
    ({ k, n, delta, ub }) => expect(proportion(k, n, 1 - 2 * delta).upper).toBeCloseTo(ub, 14),
  );

  it('has its exact bounds after ten million cases', () => {
    expect(proportion(100_000, 10_000_000).upper).toBeCloseTo(0.010061860890182, 12);
    expect(proportion(3, 10_000_000).upper).toBeCloseTo(8.7672705415788e-7, 15);
    expect(proportion(0, 0)).toEqual({ count: 0, events: 0, lower: 0, rate: null, upper: 1 });
    expect(() => proportion(2, 1)).toThrow(/no more events/);
  });
});

describe('the weighted estimate', () => {
  it.skipIf(bandVectors === null)('is as computed elsewhere', () => {
    const example = bandVectors?.horvitz_thompson;
    if (!example) throw new Error('skipped above');
    const strata = example.strata.map(({ N, audited, errors, pi }) => ({
      audited,
      decisions: N,
      errors,
      pi,
    }));
    const estimate = horvitzThompson(strata);
    expect(estimate.total).toBeCloseTo(example.ht_total, 10);
    expect(estimate.rate).toBeCloseTo(example.ht_rate, 14);
    expect(naiveErrorRate(strata).rate).toBeCloseTo(example.naive_labelled_rate, 14);
    expect(estimate.lower).toBeLessThan(estimate.rate);
    expect(estimate.upper).toBeGreaterThan(estimate.rate);
    // 150 errors are certain; no error can be where 1,030 decisions were seen to be right or wrong.
    expect(estimate.lower).toBeGreaterThan(0.0156);
    expect(bandErrorRate(strata[0] ?? { audited: 0, decisions: 0, errors: 0, pi: 1 })).toEqual(
      proportion(2, 180),
    );
  });

  it('is right on average, and its standard error is that of its scatter', () => {
    const random = createRandom(17);
    const truth = [
      { decisions: 4_000, errors: 60, pi: 0.05 },
      { decisions: 500, errors: 90, pi: 0.4 },
      { decisions: 200, errors: 30, pi: 1 },
    ];
    const take = (from: number, pi: number) =>
      Array.from({ length: from }, () => random()).filter((u) => u < pi).length;
    const estimates = Array.from({ length: 2_000 }, () =>
      horvitzThompson(
        truth.map(({ decisions, errors, pi }) => {
          const found = take(errors, pi);
          return { audited: found + take(decisions - errors, pi), decisions, errors: found, pi };
        }),
      ),
    );
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const totals = estimates.map(({ total }) => total);
    const spread = Math.sqrt(mean(totals.map((total) => (total - 180) ** 2)));
    expect(Math.abs(mean(totals) - 180)).toBeLessThan((4 * spread) / Math.sqrt(2_000));
    const stated = Math.sqrt(mean(estimates.map(({ standardError }) => (standardError * 4_700) ** 2)));
    expect(Math.abs(stated / spread - 1)).toBeLessThan(0.06);
    const covered = estimates.filter(
      ({ lower, upper }) => lower * 4_700 <= 180 && 180 <= upper * 4_700,
    ).length;
    expect(covered / 2_000).toBeGreaterThan(0.94);
  });

  it('gives no certainty where no error was found, and all of it where everything was looked at', () => {
    const none = horvitzThompson([{ audited: 300, decisions: 30_000, errors: 0, pi: 0.01 }]);
    expect(none).toMatchObject({ lower: 0, rate: 0 });
    // −ln(0.025) errors are not excluded, each standing for a hundred.
    expect(none.upper).toBeCloseTo((-Math.log(0.025) * 100) / 30_000, 10);
    // 20·(1 − 0.5)/0.5² = 40.
    const half = horvitzThompson([{ audited: 100, decisions: 200, errors: 20, pi: 0.5 }]);
    expect(half.standardError).toBeCloseTo(Math.sqrt(40) / 200, 12);
    const all = horvitzThompson([{ audited: 50, decisions: 50, errors: 5, pi: 1 }]);
    expect(all).toMatchObject({ lower: 0.1, rate: 0.1, standardError: 0, upper: 0.1 });
  });

  it('stays between what was found and what is left', () => {
    const stratum = fc
      .record({
        audited: fc.integer({ min: 0, max: 50 }),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
        pi: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        rest: fc.integer({ min: 1, max: 500 }),
      })
      .map(({ audited, part, pi, rest }) => ({
        audited,
        decisions: audited + rest,
        errors: Math.round(audited * part),
        pi,
      }));
    fc.assert(
      fc.property(fc.array(stratum, { minLength: 1, maxLength: 4 }), (strata) => {
        const { decisions, lower, upper } = horvitzThompson(strata);
        const sum = (of: (s: (typeof strata)[number]) => number) =>
          strata.reduce((total, s) => total + of(s), 0);
        expect(lower * decisions).toBeGreaterThanOrEqual(sum((s) => s.errors) - 1e-9);
        expect(upper * decisions).toBeLessThanOrEqual(decisions - sum((s) => s.audited - s.errors) + 1e-9);
        expect(lower).toBeLessThanOrEqual(upper);
      }),
      { seed: 3 },
    );
  });

  it('allows for anything where nothing was seen', () => {
    const seen = { audited: 90, decisions: 90, errors: 9, pi: 1 };
    const unseen = { audited: 0, decisions: 10, errors: 0, pi: 0 };
    expect(horvitzThompson([seen, unseen])).toMatchObject({
      lower: 0.09,
      rate: 0.09,
      unknown: 10,
      upper: 0.19,
    });
  });

  it('refuses strata of which nothing can be known', () => {
    expect(() => horvitzThompson([])).toThrow(/no decisions/);
    expect(() => horvitzThompson([{ audited: 1, decisions: 9, errors: 0, pi: 0 }])).toThrow(/above 0/);
    expect(() => horvitzThompson([{ audited: 8, decisions: 9, errors: 0, pi: 1 }])).toThrow(/unlabelled/);
    expect(() => horvitzThompson([{ audited: 8, decisions: 7, errors: 0, pi: 0.5 }])).toThrow(
      /whole numbers/,
    );
  });
});

const label = (
  decisionId: string,
  right: OutcomeLabel['right'],
  source: OutcomeLabel['source'] = 'reviewer',
  observedAt = '2026-03-01T00:00:00Z',
): OutcomeLabel => ({ decisionId, observedAt, right, source });

describe('late labels', () => {
  const ids = new Set(['a', 'b', 'c']);
  const labels = [
    label('a', 'favourable'),
    label('a', 'unfavourable', 'outcome', '2026-06-01T00:00:00Z'),
    label('b', 'favourable', 'reviewer', '2026-03-02T00:00:00Z'),
    label('b', 'unfavourable', 'reviewer', '2026-03-03T00:00:00+01:00'),
    label('z', 'favourable'),
  ];

  it('rule as they stood at a moment', () => {
    const then = joinLabels(ids, labels, '2026-05-01T00:00:00Z');
    expect(then.ruling.get('a')?.right).toBe('favourable');
    expect(then.contradicted).toEqual(['b']);
    expect(then.waiting).toEqual([label('z', 'favourable')]);
    const now = joinLabels(ids, labels, '2026-07-01T00:00:00Z');
    expect(now.ruling.get('a')).toMatchObject({ right: 'unfavourable', source: 'outcome' });
    expect(now.ruling.get('b')?.right).toBe('unfavourable');
    expect(now.contradicted).toEqual(['a', 'b']);
    expect(() => joinLabels(ids, [label('a', 'favourable', 'outcome', 'soon')], '2026-07-01')).toThrow(/ISO/);
  });

  it('rule whatever the order in which they came', () => {
    const any = fc.record({
      decisionId: fc.constantFrom('a', 'b', 'z'),
      observedAt: fc.constantFrom('2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z'),
      right: fc.constantFrom('favourable' as const, 'unfavourable' as const),
      source: fc.constantFrom(
        'reviewer' as const,
        'consensus' as const,
        'appeal' as const,
        'outcome' as const,
      ),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 10 }), (given) => {
        const [one, other] = [given, given.toReversed()].map((set) =>
          joinLabels(ids, set, '2026-04-01T00:00:00Z'),
        );
        expect(new Map(one?.ruling)).toEqual(new Map(other?.ruling));
        expect(one?.contradicted).toEqual(other?.contradicted);
      }),
      { seed: 6 },
    );
  });
});

describe('strata', () => {
  const decision = (decisionId: string, over: Partial<SampledDecision> = {}): SampledDecision => ({
    audited: true,
    band: 'high',
    decidedAt: '2026-03-01T00:00:00Z',
    decisionId,
    pi: 0.5,
    recommended: 'favourable',
    ...over,
  });
  const decisions = [
    decision('1'),
    decision('2'),
    decision('3', { audited: false }),
    decision('4', { audited: false }),
    decision('5', { pi: 0.25 }),
    decision('6', { band: 'middle', pi: 1 }),
    decision('7', { decidedAt: '2026-09-01T00:00:00Z' }),
  ];
  const ruling = joinLabels(
    new Set(decisions.map(({ decisionId }) => decisionId)),
    [label('1', 'unfavourable', 'outcome'), label('2', 'favourable'), label('6', 'favourable', 'consensus')],
    '2026-12-01T00:00:00Z',
  ).ruling;

  it('are parted by band and probability, and count what is missing', () => {
    const sources = ['reviewer', 'consensus', 'appeal', 'outcome'] as const;
    expect(strataOf(decisions, ruling, { decidedUntil: '2026-06-01T00:00:00Z', sources })).toEqual([
      { audited: 0, band: 'high', decisions: 1, errors: 0, missing: 1, pi: 0 },
      { audited: 2, band: 'high', decisions: 4, errors: 1, missing: 0, pi: 0.5 },
      { audited: 1, band: 'middle', decisions: 1, errors: 0, missing: 0, pi: 1 },
    ]);
  });

  it('take the sources that are asked for, and let those labelled stand for the others', () => {
    const options = { decidedUntil: '2026-06-01T00:00:00Z', sources: ['outcome'] } as const;
    const [, high] = strataOf(decisions, ruling, options);
    expect(high).toEqual({ audited: 1, band: 'high', decisions: 4, errors: 1, missing: 1, pi: 0.25 });
  });
});
