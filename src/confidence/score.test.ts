import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, recommendation, score } from './score.ts';

const outcome = { field: 'recommendation', favourable: ['approve'], unfavourable: ['decline'] };
const freeText = { field: '*', favourable: ['release'], unfavourable: ['withhold'] };
const byField = { source: 'field', field: 'probabilityGood' } as const;
const byTokens = { source: 'logprobs', field: 'recommendation' } as const;
const byAnswer = { source: 'logprobs', field: '*' } as const;

function json(parsed: unknown): Answer {
  return { parsed, text: JSON.stringify(parsed), logprobs: null };
}

/** An answer made of tokens with their probabilities. */
function tokens(...pairs: [token: string, probability: number][]): Answer {
  const text = pairs.map(([token]) => token).join('');
  const logprobs = pairs.map(([token, p]) => ({ token, logprob: Math.log(p) }));
  return { parsed: text.startsWith('{') ? JSON.parse(text) : null, text, logprobs };
}

describe('score from a field', () => {
  it.each([0, 0.5, 1, 0.92])('takes %d as stated, whatever is recommended', (probabilityGood) => {
    const expected = { value: probabilityGood, source: 'field:probabilityGood' };
    expect(score(json({ recommendation: 'approve', probabilityGood }), byField, outcome)).toEqual(expected);
    expect(score(json({ recommendation: 'decline', probabilityGood }), byField, outcome)).toEqual(expected);
  });

  it.each([
    ['a text', { probabilityGood: '0.9' }],
    ['below 0', { probabilityGood: -0.01 }],
    ['above 1', { probabilityGood: 92 }],
    ['null', { probabilityGood: null }],
    ['absent', {}],
    ['no object', [0.9]],
    ['no JSON', null],
  ])('gives none when it is %s', (_case, parsed) => {
    expect(score(json(parsed), byField, outcome)).toBeNull();
  });

  it('does not look at inherited fields', () => {
    const inherited: unknown = Object.create({ probabilityGood: 0.9, recommendation: 'approve' });
    expect(score(json(inherited), byField, outcome)).toBeNull();
    expect(recommendation(json(inherited), outcome)).toBeNull();
    expect(score(json({}), { source: 'field', field: '__proto__' }, outcome)).toBeNull();
  });

  it('gives none for not-a-number and infinity', () => {
    for (const probabilityGood of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(score({ ...json(null), parsed: { probabilityGood } }, byField, outcome)).toBeNull();
    }
  });
});

describe('score from the tokens of the outcome', () => {
  it('is the product over the tokens of the value, and of no other', () => {
    const answer = tokens(
      ['{"why":"', 0.1],
      ['x",', 0.1],
      ['"recommendation":', 0.1],
      [' "app', 0.9],
      ['rove', 0.8],
      ['"}', 0.1],
    );
    expect(score(answer, byTokens, outcome)).toEqual({ value: 0.72, source: 'logprobs:recommendation' });
  });

  it('is turned round for an unfavourable value', () => {
    const answer = tokens(['{"recommendation":"', 0.5], ['decline', 0.9], ['"}', 0.5]);
    expect(score(answer, byTokens, outcome)?.value).toBe(0.1);
  });

  it('counts a token that reaches over the edges of the value', () => {
    const answer = tokens(['{"recommendation":', 0.5], ['"approve"}', 0.6]);
    expect(score(answer, byTokens, outcome)?.value).toBe(0.6);
  });

  const sure = tokens(['{"recommendation":"', 1], ['approve', 0.99], ['"}', 1]);
  it.each<[string, Answer]>([
    ['the endpoint gives no logarithms', { ...sure, logprobs: null }],
    ['there is no token', { ...sure, logprobs: [] }],
    ['tokens end before the value does', { ...sure, logprobs: sure.logprobs?.slice(0, 1) ?? [] }],
    [
      'tokens are of another text',
      { ...sure, logprobs: [{ token: '{"recommendation":"decline', logprob: -0.01 }] },
    ],
    ['parsed and text differ', { ...sure, parsed: { recommendation: 'decline' } }],
    [
      'the field is there twice',
      tokens(['{"recommendation":"decline","recommendation":"', 1], ['approve', 0.9], ['"}', 1]),
    ],
    ['the value is on neither side', tokens(['{"recommendation":"', 1], ['refer', 0.9], ['"}', 1])],
    ['a probability is above 1', tokens(['{"recommendation":"', 1], ['approve', 1.5], ['"}', 1])],
    ['a logarithm is no number', { ...sure, logprobs: [{ token: sure.text, logprob: Number.NaN }] }],
    ['a probability is zero', tokens(['{"recommendation":"', 1], ['approve', 0], ['"}', 1])],
  ])('gives none when %s', (_case, answer) => {
    expect(score(answer, byTokens, outcome)).toBeNull();
  });
});

describe('score from the whole answer', () => {
  it('is the geometric mean over all tokens', () => {
    expect(score(tokens(['Your ', 0.9], ['card', 0.4]), byAnswer, freeText)?.value).toBe(0.6);
  });

  it('gives none when tokens and text differ', () => {
    const answer = tokens(['Your ', 0.9], ['card', 0.4]);
    expect(score({ ...answer, text: 'Your card is blocked' }, byAnswer, freeText)).toBeNull();
    expect(score({ parsed: null, text: '', logprobs: [] }, byAnswer, freeText)).toBeNull();
  });
});

describe('recommendation', () => {
  it('knows both sides and neither', () => {
    expect(recommendation(json({ recommendation: 'approve' }), outcome)).toBe('favourable');
    expect(recommendation(json({ recommendation: 'decline' }), outcome)).toBe('unfavourable');
    expect(recommendation(json({ recommendation: 'Approve' }), outcome)).toBeNull();
    expect(recommendation(json({ recommendation: ['approve'] }), outcome)).toBeNull();
    expect(recommendation(json(null), freeText)).toBe('favourable');
  });
});

it('never throws and never leaves 0 to 1, whatever a model wrote', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('{"recommendation":"', 'approve', 'decline', '"}', '{"', '\\', '"'),
  );
  const token = fc.record({ token: piece, logprob: fc.oneof(fc.double(), fc.double({ min: -10, max: 0 })) });
  const anything = fc.tuple(fc.array(token, { maxLength: 8 }), fc.option(fc.string()), fc.anything());
  fc.assert(
    fc.property(anything, fc.constantFrom(byField, byTokens, byAnswer), ([list, text, parsed], spec) => {
      const joined = text ?? list.map((each) => each.token).join('');
      const read = readJson(joined);
      for (const answer of [read, parsed]) {
        const found = score({ parsed: answer, text: joined, logprobs: list }, spec, outcome);
        expect(found === null || (found.value >= 0 && found.value <= 1)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
