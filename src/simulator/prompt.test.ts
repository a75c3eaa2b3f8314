import { describe, expect, it } from 'vitest';
import { findInJson, outsideText, readMessages } from './prompt.ts';

function readMark(value: unknown): number | null {
  return typeof value === 'object' && value !== null && 'mark' in value && typeof value.mark === 'number'
    ? value.mark
    : null;
}

describe('findInJson', () => {
  it.each([
    ['alone', '{"mark":1}'],
    ['in a delimited block', 'Case:\n<<<DATA 8f2a {not json}\n{"mark":1}\n8f2a>>>'],
    ['in a code fence', '```json\n{\n  "mark": 1\n}\n```'],
    ['nested', '{"input":{"case":[0,{"mark":1}]}}'],
    ['after another object', '{"other":{"a":"}"}} then {"mark":1} {"mark":2}'],
    ['beside braces and quotes in strings', String.raw`{"note":"a } \" { b","mark":1}`],
  ])('finds the object %s', (_, text) => {
    expect(findInJson(text, readMark)).toBe(1);
  });

  it('ends on text without the object and on nothing but braces', () => {
    expect(findInJson('no object', readMark)).toBeNull();
    expect(findInJson('{'.repeat(20_000), readMark)).toBeNull();
    expect(findInJson('{"other":1}', readMark)).toBeNull();
  });
});

describe('readMessages', () => {
  it('reads text content and text parts, and keeps the operator apart from outsiders', () => {
    const messages = readMessages({
      messages: [
        { role: 'system', content: 'operator' },
        {
          role: 'user',
          content: [{ type: 'text', text: 'one' }, { type: 'image_url' }, { type: 'text', text: 'two' }],
        },
        { role: 'tool', content: 'three' },
      ],
    });
    expect(messages).toHaveLength(3);
    expect(outsideText(messages ?? [])).toBe('one\ntwo\nthree');
  });

  it('gives null for a body without messages', () => {
    expect(readMessages({ input: 'x' })).toBeNull();
    expect(readMessages(null)).toBeNull();
  });
});
