import { describe, expect, it } from 'vitest';
import { type CreditFactors, readCreditFactors, scoreCredit } from './scorecard.ts';

const ordinary: CreditFactors = {
  amount: 8000,
  termMonths: 48,
  annualIncome: 36_000,
  monthlyDebtPayments: 250,
  employmentMonths: 60,
  creditHistoryMonths: 96,
  utilisationPercent: 30,
  missedPayments24Months: 0,
  enquiries6Months: 1,
};

describe('scoreCredit', () => {
  it.each<[string, Partial<CreditFactors>]>([
    ['R01', { missedPayments24Months: 3 }],
    ['R02', { monthlyDebtPayments: 1800 }],
    ['R03', { utilisationPercent: 98 }],
    ['R04', { employmentMonths: 3 }],
    ['R05', { creditHistoryMonths: 6 }],
    ['R06', { enquiries6Months: 5 }],
    ['R07', { amount: 30_000, termMonths: 240 }],
  ])('lowers the probability and gives %s as the first reason', (reason, change) => {
    const score = scoreCredit({ ...ordinary, ...change });
    expect(score.probabilityGood).toBeLessThan(scoreCredit(ordinary).probabilityGood);
    expect(score.reasons[0]).toBe(reason);
  });

  it('gives no reason against an ordinary applicant and at most four against a bad one', () => {
    expect(scoreCredit(ordinary).reasons).toEqual([]);
    const worst = scoreCredit({
      ...ordinary,
      missedPayments24Months: 5,
      utilisationPercent: 110,
      employmentMonths: 0,
      creditHistoryMonths: 0,
      enquiries6Months: 6,
    });
    expect(worst.reasons).toHaveLength(4);
    expect(worst.reasons[0]).toBe('R01');
  });

  it('stays a probability for extreme values', () => {
    const zeros = Object.fromEntries(Object.keys(ordinary).map((name) => [name, 0]));
    const huge = Object.fromEntries(Object.keys(ordinary).map((name) => [name, Number.MAX_VALUE]));
    for (const factors of [zeros, huge].map(readCreditFactors)) {
      const probability = factors === null ? Number.NaN : scoreCredit(factors).probabilityGood;
      expect(probability).toBeGreaterThan(0);
      expect(probability).toBeLessThan(1);
    }
  });
});

describe('readCreditFactors', () => {
  it('takes an application with further fields and nothing that lacks or garbles one', () => {
    expect(readCreditFactors({ ...ordinary, purpose: 'car' })).toMatchObject(ordinary);
    expect(readCreditFactors({ ...ordinary, amount: '8000' })).toBeNull();
    expect(readCreditFactors({ ...ordinary, amount: -1 })).toBeNull();
    expect(readCreditFactors({ amount: 8000 })).toBeNull();
    expect(readCreditFactors(null)).toBeNull();
  });
});
