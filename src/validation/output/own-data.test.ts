import { describe, expect, it } from 'vitest';
import { createOutputFilter } from '../output-filter.ts';

const filter = createOutputFilter();
const actions = { personalData: 'refuse', secrets: 'refuse' } as const;

function rulesOf(text: string, ownTexts: readonly string[]): readonly string[] {
  const { verdict } = filter.filterText({ text, ownTexts, canaries: [], actions });
  return verdict.findings.map(({ rule }) => rule);
}

describe('what the decision was told about its own subject', () => {
  it.each([
    ['IBAN, grouped otherwise', 'de89 3704 0044 0532 0130 00', 'Pay DE89-3704-0044-0532-0130-00 now', 'iban'],
    [
      'IBAN, with fixed blanks',
      'DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000',
      'DE89370400440532013000',
      'iban',
    ],
    ['IBAN, in full width', 'ＤＥ８９３７０４００４４０５３２０１３０００', 'DE89370400440532013000', 'iban'],
    ['card', '"card":"4111-1111-1111-1111"', 'card 4111 1111 1111 1111', 'card'],
    ['national id', 'ahv: 7569217076985', 'AHV 756.9217.0769.85', 'national-id-ch-ssn'],
    ['e-mail in another case', 'Mail: Anna.Berg@Example.ORG.', 'anna.berg@example.org', 'email'],
    ['phone with and without its country', '+49 30 23125014', 'Telefon 030 / 231 250 14', 'phone'],
    ['phone without and with its country', 'tel 030 23125014', 'call +49 30 23125014', 'phone'],
    ['phone with a trunk prefix in brackets', '+49 (0)30 23125014', 'call 0049 30 23125014', 'phone'],
    ['phone with an extension', '(212) 555-0187', 'Call +1 212-555-0187 x22', 'phone'],
  ])('%s', (_, own, answer, rule) => {
    expect(rulesOf(answer, [`some case, ${own} as given`])).toEqual([`${rule}:own`]);
    expect(rulesOf(answer, ['some other case'])).toEqual([rule]);
  });

  it.each([
    ['another country', '+33 30 23125014', 'call +49 30 23125014'],
    ['another subscriber', '+49 30 23125014', 'call +49 30 23125015'],
    ['the end of a longer number', '1234567849302312501499', 'call +49 30 23125014'],
  ])('is not a phone of %s', (_, own, answer) => {
    expect(rulesOf(answer, [own])).toEqual(['phone']);
  });

  it('does not excuse what stands beside it', () => {
    const own = ['IBAN DE89370400440532013000, +49 30 23125014'];
    const answer =
      'Not DE89370400440532013000 but GB29NWBK60161331926819; call +49 30 23125014 or +44 20 7946 0018.';
    expect(rulesOf(answer, own).toSorted()).toEqual(['iban', 'iban:own', 'phone', 'phone:own']);
  });
});
