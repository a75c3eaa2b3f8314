import { describe, expect, it } from 'vitest';
import { CountersignError } from '../decision/errors.ts';
import { readClaims } from './claims.ts';

const codeOf = (headers: Record<string, string>, raw: string[]): string => {
  try {
    readClaims(headers, raw);
    return 'accepted';
  } catch (error) {
    if (error instanceof CountersignError) return error.code;
    throw error;
  }
};

describe('the headers that carry a label', () => {
  it('are read once each, and are null when absent', () => {
    const headers = { 'countersign-jurisdiction': 'EU', 'idempotency-key': 'a b' };
    expect(readClaims(headers, ['Countersign-Jurisdiction', 'EU', 'Idempotency-Key', 'a b'])).toEqual({
      jurisdiction: 'EU',
      dataClass: null,
      decisionType: null,
      subject: null,
      references: [],
      idempotencyKey: 'a b',
    });
  });

  it.each(['countersign-jurisdiction', 'countersign-subject', 'authorization', 'idempotency-key'])(
    'are refused when %s is sent twice, in whatever case',
    (name) => {
      expect(codeOf({ [name]: 'EU' }, [name, 'EU', name.toUpperCase(), 'US'])).toBe('HEADER_DUPLICATE');
    },
  );

  it.each(['', ' ', 'a\u0000b', 'ünï', 'x'.repeat(300)])('are refused with the value %j', (value) => {
    expect(codeOf({ 'countersign-subject': value }, ['countersign-subject', value])).toBe('HEADER_INVALID');
  });
});
