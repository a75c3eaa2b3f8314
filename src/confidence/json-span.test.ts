import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldSpan } from './json-span.ts';

function at(text: string, field: string): string | null {
  const span = fieldSpan(text, field);
  return span === null ? null : text.slice(span.start, span.end);
}

describe('fieldSpan', () => {
  it.each([
    ['{"a":"x"}', 'a', '"x"'],
    [' { "b" : [1, {"a": 2}] , "a" : {"a": "y"} } ', 'a', '{"a": "y"}'],
    ['{"a": "quote \\" brace } comma ,", "b": 1}', 'a', '"quote \\" brace } comma ,"'],
    ['{"\\u0061": true}', 'a', 'true'],
    ['{"b": "\\"a\\": 1", "a": -1.5e3}', 'a', '-1.5e3'],
    ['{"b": 1}', 'a', null],
    ['{"b": {"a": 1}}', 'a', null],
    ['{"a": 1, "a": 2}', 'a', null],
    ['{"a": 1, "\\u0061": 2}', 'a', null],
    ['[{"a": 1}]', 'a', null],
    ['"a"', 'a', null],
    ['', 'a', null],
    ['{"a": "unclosed', 'a', null],
    ['{', 'a', null],
  ])('%s, %s -> %s', (text, field, expected) => {
    expect(at(text, field)).toBe(expected);
  });

  it('finds in any object exactly what JSON.parse finds, however it is spaced', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1, maxKeys: 6 });
    fc.assert(
      fc.property(object, fc.constantFrom('', ' ', '\n\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        for (const [field, expected] of Object.entries(value)) {
          expect(JSON.parse(at(text, field) ?? '"nothing found"')).toEqual(
            JSON.parse(JSON.stringify(expected)),
          );
        }
      }),
    );
  });

  it('reads a string of ten million characters', () => {
    expect(fieldSpan(`{"b":"${'\\n'.repeat(5e6)}","a":1}`, 'a')).toEqual({
      start: 10_000_012,
      end: 10_000_013,
    });
  });
});
