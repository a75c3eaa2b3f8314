import { describe, expect, it } from 'vitest';
import { createOutputFilter, restoreOutputFilter } from './output-filter.ts';
import type { OutputActions } from './policy.ts';

const filter = createOutputFilter();
const mask: OutputActions = { personalData: 'mask', secrets: 'mask' };

function filtered(
  text: string,
  more: { ownTexts?: string[]; canaries?: string[]; actions?: OutputActions } = {},
) {
  const result = filter.filterText({ text, ownTexts: [], canaries: [], actions: mask, ...more });
  return { ...result, rules: result.verdict.findings.map(({ rule }) => rule) };
}

describe('what is found', () => {
  it.each([
    ['IBAN', 'Pay to DE89370400440532013000.', 'Pay to [IBAN].', 'iban'],
    ['grouped IBAN', 'Pay to GB29 NWBK 6016 1331 9268 19 and wait', 'Pay to [IBAN] and wait', 'iban'],
    ['lower-case IBAN', 'pay to nl91abna0417164300 now', 'pay to [IBAN] now', 'iban'],
    ['card', 'Card 4111 1111 1111 1111 expired', 'Card [CARD] expired', 'card'],
    ['card with dashes', '5555-5555-5555-4444', '[CARD]', 'card'],
    ['an old card by its name', 'Credit card: 4222222222222', 'Credit card: [CARD]', 'card'],
    ['American Express', 'amex 378282246310005', 'amex [CARD]', 'card'],
    ['e-mail', 'Write to anna.berg+x@mail.example.org.', 'Write to [EMAIL].', 'email'],
    ['IT', 'RSSMRA85T10A562S', '[NATIONAL-ID]', 'national-id-it-codicefiscale'],
    ['FI', 'hetu 131052-308T', 'hetu [NATIONAL-ID]', 'national-id-fi-hetu'],
    ['GB', 'AB 12 34 56 C', '[NATIONAL-ID]', 'national-id-gb-nino'],
    ['US', 'SSN 536-90-4399', 'SSN [NATIONAL-ID]', 'national-id-us-ssn'],
    [
      'US without dashes',
      'Social security number: 536904399',
      'Social security number: [NATIONAL-ID]',
      'national-id-us-ssn',
    ],
    ['CH', 'AHV 756.9217.0769.85', 'AHV [NATIONAL-ID]', 'national-id-ch-ssn'],
    ['ES', 'DNI 12345678Z', 'DNI [NATIONAL-ID]', 'national-id-es-dni'],
    ['FR', 'NIR 2 55 08 14 168 025 38', 'NIR [NATIONAL-ID]', 'national-id-fr-nir'],
    ['BE', '85.07.30-033 28', '[NATIONAL-ID]', 'national-id-be-nn'],
    ['SE', 'personnummer 811228-9874', 'personnummer [NATIONAL-ID]', 'national-id-se-personnummer'],
    ['PL', 'PESEL 44051401359', 'PESEL [NATIONAL-ID]', 'national-id-pl-pesel'],
    ['NL', 'BSN: 111222333', 'BSN: [NATIONAL-ID]', 'national-id-nl-bsn'],
    ['DE', 'Steuer-ID 86 095 742 719', 'Steuer-ID [NATIONAL-ID]', 'national-id-de-idnr'],
    ['HR', 'OIB 33392005961', 'OIB [NATIONAL-ID]', 'national-id-hr-oib'],
    ['RO', 'CNP 1630615123457', 'CNP [NATIONAL-ID]', 'national-id-ro-cnp'],
    ['IE', 'PPS 1234567T', 'PPS [NATIONAL-ID]', 'national-id-ie-pps'],
    [
      'private key',
      '-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----',
      '[SECRET]',
      'secret-private-key',
    ],
    ['provider key', 'use sk-proj-abcdefghijklmnop1234', 'use [SECRET]', 'secret-provider-key'],
    ['cloud key', 'AKIAIOSFODNN7EXAMPLE', '[SECRET]', 'secret-cloud-key'],
    ['own API key', 'Bearer cs_abcdefghijklmnopqrst', 'Bearer [SECRET]', 'secret-gateway-key'],
    ['token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.${'x'.repeat(43)}`, '[SECRET]', 'secret-jwt'],
  ])('%s', (_, text, expected, rule) => {
    const result = filtered(text);
    expect(result.text).toBe(expected);
    expect(result.rules).toEqual([rule]);
  });

  it.each([
    'Income of EUR 3,420.00 covers the instalment of 245.10; ratio 0.0716.',
    'confidence 0.4111111111111111, seed 4539578763621486.5',
    'Decision 018f2d3e-7c1a-7b3e-9d2f-0123456789ab of 2026-11-22T14:05:09.123Z',
    'Timestamp 1711201234567, case 2026-000184, invoice 20261122-0012',
    'Phone on file, IBAN missing, card ending 1111',
    'Account DE00 0000 0000 0000 0000 00 is not valid',
    '4111 1111 1111 1112',
    'Reference 4222222222222',
    'ISIN US0378331005, LEI 529900T8BM49AURSDO55, BIC DEUTDEFF',
    'Paid 44051401359 yen',
    '@team: see #12 at 14:00, price @ 20',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ])('not in: %s', (text) => {
    expect(filtered(text)).toEqual({
      text,
      rules: [],
      verdict: { kind: 'pass', gate: 'output', findings: [] },
    });
  });

  it('sees through disguises, and masks the disguise', () => {
    const iban = 'DE89370400440532013000';
    expect(filtered(iban.replace('0', '0\u200b')).text).toBe('[IBAN]');
    expect(filtered(`code ${Buffer.from(`iban ${iban}`).toString('base64')} end`).text).toBe(
      'code [IBAN] end',
    );
  });

  it('masks everything that overlaps once', () => {
    expect(filtered('Tax ID 44051401359, a@b.example, DE89370400440532013000')).toMatchObject({
      text: 'Tax ID [NATIONAL-ID], [EMAIL], [IBAN]',
      rules: ['national-id-pl-pesel', 'email', 'iban'],
    });
  });
});

describe('the subject’s own data', () => {
  it('passes in any case and grouping, and is recorded', () => {
    const ownTexts = ['{"iban":"DE89 3704 0044 0532 0130 00","mail":"Anna@Example.org"}'];
    const text = 'Pay de89370400440532013000, tell anna@example.org';
    const result = filtered(text, { ownTexts, actions: { personalData: 'refuse', secrets: 'refuse' } });
    expect(result).toMatchObject({ text, rules: ['iban:own', 'email:own'], verdict: { kind: 'pass' } });
  });

  it('is not a part of something longer', () => {
    const ownTexts = ['joanna@example.org', 'anna@example.org.uk', 'xDE89370400440532013000'];
    expect(filtered('anna@example.org DE89370400440532013000', { ownTexts }).rules).toEqual([
      'email',
      'iban',
    ]);
  });

  it('does not excuse secrets', () => {
    const key = 'sk-proj-abcdefghijklmnop1234';
    expect(filtered(key, { ownTexts: [key] }).rules).toEqual(['secret-provider-key']);
  });
});

describe('actions', () => {
  const both = 'a@b.example sk-proj-abcdefghijklmnop1234';

  it.each<[OutputActions, string, string[]]>([
    [{ personalData: 'mask', secrets: 'mask' }, 'pass', []],
    [{ personalData: 'review', secrets: 'mask' }, 'review', ['OUTPUT_PERSONAL_DATA']],
    [{ personalData: 'review', secrets: 'refuse' }, 'refuse', ['OUTPUT_SECRET']],
    [{ personalData: 'refuse', secrets: 'refuse' }, 'refuse', ['OUTPUT_SECRET', 'OUTPUT_PERSONAL_DATA']],
  ])('%o', (actions, kind, reasons) => {
    const { verdict, text } = filtered(both, { actions });
    expect(text).toBe('[EMAIL] [SECRET]');
    expect([verdict.kind, verdict.kind === 'pass' ? [] : verdict.reasons]).toEqual([kind, reasons]);
  });

  it.each<[OutputActions['classes'], string, string[]]>([
    [{ email: 'refuse' }, 'refuse', ['OUTPUT_PERSONAL_DATA']],
    [{ iban: 'refuse' }, 'pass', []],
    [{ secret: 'review', email: 'review' }, 'review', ['OUTPUT_SECRET', 'OUTPUT_PERSONAL_DATA']],
    [{ secret: 'refuse', email: 'review' }, 'refuse', ['OUTPUT_SECRET']],
  ])('of single classes go before those of their group: %o', (classes, kind, reasons) => {
    const actions: OutputActions = { personalData: 'mask', secrets: 'mask', ...(classes && { classes }) };
    const { verdict } = filtered(both, { actions });
    expect([verdict.kind, verdict.kind === 'pass' ? [] : verdict.reasons]).toEqual([kind, reasons]);
  });

  it('stop canaries in any case', () => {
    const actions: OutputActions = { personalData: 'mask', secrets: 'refuse' };
    const { verdict, text } = filtered('it says KX-9F2-ALPHA here', {
      canaries: ['kx-9f2-alpha', 'here'],
      actions,
    });
    expect(text).toBe('it says [CANARY] here');
    expect(verdict).toMatchObject({ kind: 'refuse', reasons: ['OUTPUT_SECRET'] });
  });
});

describe('structured answers', () => {
  const run = (value: unknown, ownTexts: string[] = []) =>
    filter.filterValue({ value, ownTexts, canaries: [], actions: mask });

  it('are filtered string by string, with pointers', () => {
    const { value, verdict } = run({
      outcome: 'approve',
      reasons: ['fine', 'mail a@b.example'],
      payee: { iban: 'DE89370400440532013000', 'call c@d.example': 1 },
      nationalId: '44051401359',
      card: 4111111111111111,
      amount: 52_000_000,
      none: null,
    });
    expect(value).toEqual({
      outcome: 'approve',
      reasons: ['fine', 'mail [EMAIL]'],
      payee: { iban: '[IBAN]', 'call [EMAIL] 1': 1 },
      nationalId: '[NATIONAL-ID]',
      card: '[CARD]',
      amount: 52_000_000,
      none: null,
    });
    expect(verdict.findings.map(({ origin, rule }) => `${origin} ${rule}`)).toEqual([
      '/output/reasons/1 email',
      '/output/payee/iban iban',
      '/output/payee/~key1 email',
      '/output/nationalId national-id-pl-pesel',
      '/output/card card',
    ]);
    expect(JSON.stringify(verdict)).not.toContain('example');
  });

  it('are left as they are when there is nothing in them', () => {
    const value = { a: [1, 'two', { b: false }], __proto__: null };
    expect(run(value)).toEqual({ verdict: { kind: 'pass', gate: 'output', findings: [] }, value });
  });

  it('cannot reach the prototype', () => {
    const { value } = run(JSON.parse('{"__proto__":{"polluted":"x"}}'));
    expect(Object.getOwnPropertyNames(value)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('are withheld when they cannot be filtered', () => {
    const deep = Array.from({ length: 300 }).reduce((inner) => [inner], 'x' as unknown);
    expect(run(deep)).toEqual({
      value: null,
      verdict: {
        kind: 'refuse',
        gate: 'output',
        reasons: ['OUTPUT_FILTER_FAILED'],
        findings: [],
        detail: 'InvariantError',
      },
    });
    const nested = [1, 2, 3, 4].reduce(
      (inner) => Buffer.from(inner).toString('base64'),
      'a harmless sentence',
    );
    expect(filtered(nested)).toMatchObject({ text: '', verdict: { reasons: ['OUTPUT_FILTER_FAILED'] } });
  });
});

describe('a filter of an earlier day', () => {
  it('looks for the classes that it had a word for', () => {
    const { masks, ...rest } = JSON.parse(filter.content) as { masks: Record<string, string> };
    const { phone: _, ...older } = masks;
    const restored = restoreOutputFilter(JSON.stringify({ ...rest, masks: older, version: '1' }));
    const text = 'Call +44 20 7946 0018 or write to a@b.example';
    const result = restored.filterText({ text, ownTexts: [], canaries: [], actions: mask });
    expect(result.text).toBe('Call +44 20 7946 0018 or write to [EMAIL]');
    expect(filtered(text).text).toBe('Call [PHONE] or write to [EMAIL]');
  });
});
