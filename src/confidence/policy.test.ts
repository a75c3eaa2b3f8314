import { describe, expect, it } from 'vitest';
import { Value } from 'typebox/value';
import { BandsSchema, CostsSchema, OutcomeSchema, ScoreSchema, policyProblems } from './policy.ts';
import { ReviewSchema } from './review-policy.ts';

const outcome = { field: 'recommendation', favourable: ['approve'], unfavourable: ['decline'] };
const score = { source: 'field', field: 'probabilityGood' } as const;
const bands = {
  id: 'typed-in-1',
  basis: 'configured',
  tLow: 0.3,
  tHigh: 0.92,
  autoDecide: true,
  low: 'escalate',
} as const;

describe('the schemas', () => {
  it.each([
    ['outcome', OutcomeSchema, outcome],
    ['score by field', ScoreSchema, score],
    ['score by tokens', ScoreSchema, { source: 'logprobs', field: 'recommendation' }],
    ['bands', BandsSchema, bands],
    ['costs', CostsSchema, { falseApprove: 5, falseDecline: 1, review: 0.3, currency: 'EUR' }],
    ['review', ReviewSchema, { leaseSeconds: 900, dueHours: 48 }],
  ])('%s takes its example, needs every key and knows no other', (_name, schema, example) => {
    expect(Value.Check(schema, example)).toBe(true);
    expect(Value.Check(schema, { ...example, extra: 1 })).toBe(false);
    for (const key of Object.keys(example)) {
      const lacking = Object.fromEntries(Object.entries(example).filter(([each]) => each !== key));
      expect(Value.Check(schema, lacking)).toBe(false);
    }
  });

  it.each([
    ['a threshold above 1', { ...bands, tHigh: 1.1 }],
    ['a certificate that nobody gave', { ...bands, basis: 'certified' }],
    ['an automatic decline', { ...bands, low: 'decline' }],
  ])('bands refuse %s', (_case, value) => {
    expect(Value.Check(BandsSchema, value)).toBe(false);
  });
});

describe('policyProblems', () => {
  it('finds none in the example', () => {
    expect(policyProblems({ outcome, score, bands })).toEqual([]);
    expect(policyProblems({ outcome, score: { source: 'logprobs', field: '*' }, bands })).toEqual([]);
  });

  it.each([
    ['equal thresholds', { outcome, score, bands: { tLow: 0.5, tHigh: 0.5 } }, ['bands', 'tHigh']],
    ['thresholds outside 0 to 1', { outcome, score, bands: { tLow: -0.1, tHigh: 0.5 } }, ['bands', 'tHigh']],
    [
      'a value on both sides',
      { outcome: { ...outcome, unfavourable: ['approve'] }, score, bands },
      ['outcome', 'unfavourable'],
    ],
    [
      'tokens of another field',
      { outcome, score: { source: 'logprobs', field: 'reason' } as const, bands },
      ['score', 'field'],
    ],
  ])('finds %s', (_case, policy, path) => {
    expect(policyProblems(policy).map((problem) => problem.path)).toEqual([path]);
  });
});
