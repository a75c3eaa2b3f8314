import { describe, expect, it } from 'vitest';
import { CountersignError } from '../decision/errors.ts';
import { depthMax, parseJsonBody } from './json-body.ts';

const codeOf = (bytes: Buffer): string => {
  try {
    parseJsonBody(bytes);
    return 'accepted';
  } catch (error) {
    if (error instanceof CountersignError) return error.code;
    throw error;
  }
};

describe('a JSON body', () => {
  it('is given as the exact text and as its value', () => {
    expect(parseJsonBody(Buffer.from('{"a": "ü"}'))).toEqual({ text: '{"a": "ü"}', value: { a: 'ü' } });
  });

  it('may be nested to the limit and no deeper; brackets inside strings do not count', () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(codeOf(nested(depthMax))).toBe('accepted');
    expect(codeOf(nested(depthMax + 1))).toBe('REQUEST_TOO_DEEP');
    expect(codeOf(Buffer.from(JSON.stringify(`"${'['.repeat(500)}\\`)))).toBe('accepted');
    expect(codeOf(Buffer.from('['.repeat(1_000_000)))).toBe('REQUEST_TOO_DEEP');
  });

  it.each([
    ['truncated JSON', Buffer.from('{"a":')],
    ['nothing', Buffer.alloc(0)],
    ['invalid UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a __proto__ key', Buffer.from('{"__proto__": {"a": 1}}')],
    ['a constructor.prototype key', Buffer.from('{"constructor": {"prototype": {"a": 1}}}')],
  ])('is refused when it is %s', (_name, bytes) => {
    expect(codeOf(bytes)).toBe('REQUEST_MALFORMED');
  });

  it('is never quoted in the error', () => {
    try {
      parseJsonBody(Buffer.from('{"name": "canary-4711", oops'));
    } catch (error) {
      expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('canary');
      return;
    }
    expect.unreachable();
  });
});
