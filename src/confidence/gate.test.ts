import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReasonCode } from '../decision/reason.ts';
import { band } from './band.ts';
import { type BandSet, type ConfidenceInput, decide } from './gate.ts';

const outcome = { field: 'recommendation', favourable: ['approve'], unfavourable: ['decline'] };
const score = { source: 'field', field: 'probabilityGood' } as const;
const configured = {
  id: 'typed-in-1',
  basis: 'configured',
  tLow: 0.3,
  tHigh: 0.92,
  autoDecide: true,
} as const;
const certified = { id: 'certified-1', basis: 'certified', tLow: 0.3, tHigh: 0.92 } as const;

const unforeseen: BandSet = JSON.parse(
  '{"id":"g","basis":"guessed","tLow":0.3,"tHigh":0.92,"autoDecide":true}',
);

function input(
  recommendation: unknown,
  probabilityGood: unknown,
  bands: BandSet | null = configured,
): ConfidenceInput {
  const parsed = { recommendation, probabilityGood };
  return { answer: { parsed, text: JSON.stringify(parsed), logprobs: null }, outcome, score, bands };
}

describe('band', () => {
  it.each([
    [0, 'low'],
    [0.3, 'low'],
    [0.300001, 'middle'],
    [0.919999, 'middle'],
    [0.92, 'high'],
    [1, 'high'],
    [Number.NaN, 'middle'],
  ])('%d is %s', (value, expected) => {
    expect(band(value, configured)).toBe(expected);
  });
});

describe('decide', () => {
  it.each([
    ['configured, with leave to decide', configured],
    ['certified', certified],
  ])('passes the high band of a set that is %s', (_case, bands) => {
    expect(decide(input('approve', 0.95, bands))).toEqual({
      verdict: { kind: 'pass', gate: 'confidence', findings: [] },
      status: 'decided',
      score: { value: 0.95, source: 'field:probabilityGood' },
      band: 'high',
      origin: null,
    });
  });

  it.each<[string, ConfidenceInput, string | null, string, ReasonCode]>([
    ['the middle band', input('approve', 0.6), 'middle', 'middle', 'BAND_MIDDLE'],
    ['the low band', input('decline', 0.1), 'low', 'low', 'BAND_LOW'],
    ['a low score for a favourable answer', input('approve', 0.1), 'low', 'low', 'BAND_LOW'],
    ['no score', input('approve', 'high'), null, 'no_band', 'NO_SCORE'],
    ['no band set', input('approve', 0.99, null), null, 'no_band', 'NO_BAND_SET'],
    [
      'a set without leave to decide',
      input('approve', 0.99, { ...configured, autoDecide: false }),
      'high',
      'no_band',
      'BANDS_NOT_CERTIFIED',
    ],
    [
      'a high score for an unfavourable answer',
      input('decline', 0.99),
      'high',
      'no_band',
      'SCORE_CONTRADICTS',
    ],
    [
      'the same in a certified set',
      input('decline', 0.99, certified),
      'high',
      'no_band',
      'SCORE_CONTRADICTS',
    ],
    ['an answer on neither side', input('refer', 0.99), 'high', 'no_band', 'SCORE_CONTRADICTS'],
    [
      'thresholds the wrong way round',
      input('approve', 0.99, { ...configured, tLow: 0.95 }),
      null,
      'no_band',
      'NO_BAND_SET',
    ],
    [
      'a threshold that is no number',
      input('approve', 0.99, { ...configured, tHigh: Number.NaN }),
      null,
      'no_band',
      'NO_BAND_SET',
    ],
    ['a basis nobody foresaw', input('approve', 0.99, unforeseen), 'high', 'no_band', 'BANDS_NOT_CERTIFIED'],
  ])('sends %s to a person', (_case, given, expectedBand, origin, reason) => {
    const result = decide(given);
    expect(result.status).toBe('in_review');
    expect(result.band).toBe(expectedBand);
    expect(result.origin).toBe(origin);
    expect(result.verdict).toMatchObject({ kind: 'review', gate: 'confidence', reasons: [reason] });
  });

  it('says when score and recommendation contradict each other', () => {
    expect(decide(input('decline', 0.99)).verdict).toHaveProperty(
      'detail',
      'the recommendation is unfavourable, against the score',
    );
    expect(decide(input('approve', 0.1)).verdict).toHaveProperty(
      'detail',
      'the recommendation is favourable, against the score',
    );
    expect(decide(input('decline', 0.1)).verdict).not.toHaveProperty('detail');
  });

  it('decides nothing but a favourable answer at or above the high threshold, for any answer at all', () => {
    const value = fc.oneof(fc.double(), fc.double({ min: 0.85, max: 1 }), fc.anything());
    const side = fc.oneof(fc.constantFrom('approve', 'decline', 'refer'), fc.anything());
    fc.assert(
      fc.property(side, value, fc.boolean(), (recommendation, probability, autoDecide) => {
        const parsed = { recommendation, probabilityGood: probability };
        const bands = { ...configured, autoDecide };
        const given = { answer: { parsed, text: '', logprobs: null }, outcome, score, bands };
        const mayDecide =
          autoDecide &&
          recommendation === 'approve' &&
          typeof probability === 'number' &&
          probability >= 0.92 &&
          probability <= 1;
        const result = decide(given);
        expect(result.status === 'decided').toBe(mayDecide);
        expect(result.verdict.kind).toBe(mayDecide ? 'pass' : 'review');
        expect(decide(structuredCloneOrSame(given))).toEqual(result);
      }),
      { numRuns: 1000 },
    );
  });
});

/** A replay reads its input anew; what cannot be cloned (a function) could not have come from a record. */
function structuredCloneOrSame(given: ConfidenceInput): ConfidenceInput {
  try {
    return structuredClone(given);
  } catch {
    return given;
  }
}
