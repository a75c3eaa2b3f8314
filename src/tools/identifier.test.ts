import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IdentifierKind, identifierKinds, standsIn } from './identifier.ts';

type Row = readonly [kind: IdentifierKind, value: string | number, source: string];

describe('an identifier stands in a trusted text', () => {
  it.each<Row>([
    ['account', 'DE02120300000000202051', 'Pay to DE02 1203 0000 0000 2020 51, please.'],
    ['account', 'de02 1203 0000 0000 2020 51', 'DE02120300000000202051'],
    ['account', 'GB33BUKB20201555555555', 'IBAN: GB33-BUKB-2020-1555-5555-55.'],
    ['account', '12345678', 'sort code 20-20-15, account 12345678'],
    ['account', '20-20-15', 'sort code 202015'],
    ['account', 'DE02120300000000202051', 'DE02\u200b1203\u00ad0000 0000 2020 51'],
    [
      'account',
      'DE02120300000000202051',
      'ＤＥ０２１２０３０００００００020２０５１'.replace('020２', '0２0２'),
    ],
    ['email', 'Ann@Example.com', 'write to ann@example.com.'],
    ['email', 'ann+claims@example.co.uk', '<ann+claims@example.co.uk>'],
    ['host', 'https://pay.example.com/a?b=1', 'see pay.example.com'],
    ['host', 'PAY.example.com', 'https://pay.example.com/x'],
    ['url', 'https://pay.example.com/a', 'https://pay.example.com/a.'],
    ['phone', '+49 30 1234567', 'Tel. 030/1234567'],
    ['phone', '0049301234567', '+49 (0)30 123 45 67'],
    ['phone', '(415) 555-0100', '+1 415-555-0100'],
    ['amount', 1234.5, 'EUR 1.234,50'],
    ['amount', 1234.5, '$1,234.50 in all'],
    ['amount', 1234.5, '1 234,50 €'],
    ['amount', 120, '120'],
    ['amount', '120.00', 'pay 120 now'],
    ['name', 'José  Núñez', 'Insured: José Núñez, Madrid'],
  ])('%s %s in %s', (kind, value, source) => {
    expect(standsIn(value, kind, ['something else', source])).toBe(true);
  });
});

describe('an identifier stands in none', () => {
  it.each<Row>([
    ['account', 'DE02120300000000202051', 'DE02120300000000202052'],
    ['account', '2345678', 'account 12345678'],
    ['account', '12345678', '123456789'],
    ['account', '12345678', '1234\n5678 is two lines of a table'],
    ['account', 'DЕ02120300000000202051', 'DE02120300000000202051'],
    ['account', 'DE02\u200b120300000000202051', 'DE02120300000000202051'],
    ['account', '', 'anything'],
    ['account', '---', '---'],
    ['account', '123', '123'],
    ['email', 'ann@example.com', 'ann@example.com.evil.net'],
    ['email', 'ann@example.com', 'joann@example.com'],
    ['email', 'ann@example.com', 'ann@example.com-evil.net'],
    ['email', 'Ann <ann@example.com>', 'ann@example.com'],
    ['email', 'ann@example.com, eve@evil.net', 'ann@example.com'],
    ['email', 'аnn@example.com', 'ann@example.com'],
    ['host', 'https://pay.example.com@evil.net/', 'https://pay.example.com/'],
    ['host', 'https://pay.example.com.evil.net', 'pay.example.com'],
    ['host', 'evil.net', 'eve@evil.net is not to be answered'],
    ['host', 'https://pay.example.com:8443', 'pay.example.com'],
    ['host', 'https://раypal.example', 'https://paypal.example'],
    ['url', 'https://pay.example.com/b', 'https://pay.example.com/a'],
    ['phone', '+44 30 1234567', '+49 30 1234567'],
    ['phone', '1234567', '+49 30 1234568'],
    ['phone', '911', '911'],
    ['amount', 1234, '1.234,50'],
    ['amount', 12.34, '1234'],
    ['amount', Number.NaN, 'NaN'],
    ['amount', '1.234', '1.234'],
    ['amount', 1, '1200'],
    ['name', 'Ann', 'Joanna'],
    ['name', '...', '...'],
  ])('%s %s is not in %s', (kind, value, source) => {
    expect(standsIn(value, kind, [source])).toBe(false);
  });

  it.each(identifierKinds)('%s without any source', (kind) => {
    expect(standsIn('DE02120300000000202051', kind, [])).toBe(false);
  });
});

describe('the comparison', () => {
  it('finds an account however it is grouped, and never a longer or shorter one', () => {
    const digits = fc.string({
      unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'),
      minLength: 8,
      maxLength: 24,
    });
    fc.assert(
      fc.property(
        digits,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(' ', '-', '.', '\u00a0'),
        (account, size, mark) => {
          const grouped = account.match(new RegExp(`.{1,${size}}`, 'g'))?.join(mark) ?? '';
          expect(standsIn(account, 'account', [`to ${grouped}, today`])).toBe(true);
          expect(standsIn(`${account}7`, 'account', [`to ${grouped}, today`])).toBe(false);
          expect(standsIn(account.slice(1), 'account', [`to ${account}, today`])).toBe(false);
        },
      ),
    );
  });

  it('does not backtrack over a long text', () => {
    const source = '1 '.repeat(100_000);
    for (const kind of identifierKinds) expect(standsIn(`${'1'.repeat(60)}2`, kind, [source])).toBe(false);
  });

  it('never throws, whatever is compared', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...identifierKinds),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (kind, value, source) => {
          standsIn(value, kind, [source]);
        },
      ),
    );
  });
});
