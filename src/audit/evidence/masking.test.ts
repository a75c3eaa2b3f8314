import { describe, expect, it } from 'vitest';
import { Masker } from './masking.ts';
import type { EvidencePorts } from './ports.ts';

/** The gateway's output filter is tested where it is; here nothing is masked but names and numbers. */
const nothing = {
  maskText: (text: string) => text,
  maskValue: (value: unknown) => value,
} as unknown as EvidencePorts;

function masker(withheld: string, own = '', fixed = ''): Masker {
  return new Masker(nothing, { texts: [own], canaries: [] }, [withheld], [fixed]);
}

describe('masking', () => {
  it.each([
    [
      'names',
      'A claim of Marta Kowalczyk was paid.',
      'as for Marta Kowalczyk',
      'as for [WITHHELD] [WITHHELD]',
    ],
    ['names in capitals or small', 'paid to Marta.', 'MARTA and marta', '[WITHHELD] and [WITHHELD]'],
    ['names beside their address', 'to Marta, marta@example.org', 'Marta', '[WITHHELD]'],
    [
      'names that are words',
      'It was Will who asked; he will pay.',
      'Will asked, he will',
      '[WITHHELD] asked, he will',
    ],
    [
      'parts of compounds',
      'policy KX-77-4711 of Berg',
      'no. 4711 in the Berg-case',
      'no. [WITHHELD] in the [WITHHELD]',
    ],
    ['numbers', 'the sum was 14200', 'the sum 14200 and 99', 'the sum [WITHHELD] and 99'],
    ['telephone numbers', '', 'call +49 30 901820 now', 'call [PHONE] now'],
  ])('takes away %s of withheld texts', (_what, withheld, text, expected) => {
    expect(masker(withheld).text(text)).toBe(expected);
  });

  it('leaves ordinary words, the subject’s own and the operator’s', () => {
    const one = masker(
      'In the case of Olga, Berlin, it was paid. Pay now.',
      'I am Olga, +49 30 901820',
      'Berlin office',
    );
    const text = 'The claim of Olga, Berlin, +49 30 901820: we pay the sum.';
    expect(one.text(text)).toBe(text);
  });

  it('walks through values, keys and numbers', () => {
    const value = { 'to Marta': ['Marta', 4711, 12, null, true] };
    expect(masker('of Marta, 4711').value(value)).toEqual({
      'to [WITHHELD]': ['[WITHHELD]', '[WITHHELD]', 12, null, true],
    });
  });

  it('shows nothing where the filter failed', () => {
    const failing = { maskText: () => null, maskValue: () => undefined } as unknown as EvidencePorts;
    const one = new Masker(failing, { texts: [], canaries: [] }, [], []);
    expect([one.text('a'), one.value('a')]).toEqual(Array(2).fill('[withheld: it could not be masked]'));
  });
});
