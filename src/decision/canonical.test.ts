import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf, sha256 } from './canonical.ts';

describe('canonical JSON', () => {
  it('orders keys by UTF-16 code units, as in RFC 8785, section 3.2.3', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    );
  });

  it('keeps keys that look like numbers in text order', () => {
    expect(canonicalJson({ 9: 1, 10: 2, a: { 2: 1, 1: 2 } })).toBe('{"10":2,"9":1,"a":{"1":2,"2":1}}');
  });

  it('is what an independent implementation writes, and survives a round trip', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
    );
  });

  it('refuses what has no JSON form', () => {
    for (const value of [undefined, Number.NaN, { a: Number.POSITIVE_INFINITY }]) {
      expect(() => canonicalJson(value)).toThrow();
    }
  });
});

describe('a digest', () => {
  it('is SHA-256, of bytes and of text as UTF-8', () => {
    const expected = createHash('sha256').update('ä').digest();
    expect(sha256('ä').equals(expected)).toBe(true);
    expect(sha256(Buffer.from('ä')).equals(expected)).toBe(true);
    expect(digestOf('ä')).toBe(`sha256:${expected.toString('hex')}`);
  });
});
