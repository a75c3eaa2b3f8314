import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOutputFilter } from '../output-filter.ts';
import { validNumbers } from './number-fixture.ts';

const filter = createOutputFilter();
const actions = { personalData: 'mask', secrets: 'mask' } as const;

function filtered(text: string, ownTexts: readonly string[] = []) {
  const result = filter.filterText({ text, ownTexts, canaries: [], actions });
  return { text: result.text, rules: result.verdict.findings.map(({ rule }) => rule) };
}

const runs = { numRuns: 60, seed: 20_261_122 };

describe('numbers with check digits', () => {
  it.each(validNumbers)('$rule: valid ones are found', ({ rule, numbers, sentence }) => {
    fc.assert(
      fc.property(numbers, (number) => {
        const { text, rules } = filtered(sentence(number));
        expect(rules).toContain(rule);
        expect(text).not.toContain(number);
      }),
      runs,
    );
  });

  it.each(validNumbers)('$rule: with one digit changed they are none', ({ rule, numbers, sentence }) => {
    const changed = fc.tuple(numbers, fc.nat(), fc.integer({ min: 1, max: 9 })).map(([number, at, by]) => {
      const places = [...number.matchAll(/\d/g)].map(({ index }) => index);
      const place = places[at % places.length] ?? 0;
      const digit = (Number(number[place]) + by) % 10;
      return `${number.slice(0, place)}${digit}${number.slice(place + 1)}`;
    });
    fc.assert(
      fc.property(changed, (number) => {
        expect(filtered(sentence(number)).rules).not.toContain(rule);
      }),
      runs,
    );
  });

  const grouped = validNumbers.filter(({ rule }) => rule === 'iban' || rule === 'card');
  it.each(grouped)('$rule: in any grouping and case', ({ rule, numbers }) => {
    const sign = fc.constantFrom(' ', '-', '\u00a0');
    fc.assert(
      fc.property(numbers, sign, fc.boolean(), (number, between, isLower) => {
        const groups = number.match(/.{1,4}/g) ?? [];
        const text = `to ${groups.join(between)}, now`;
        expect(filtered(isLower ? text.toLowerCase() : text).rules).toEqual([rule]);
      }),
      runs,
    );
  });
});

describe('what one answer says of a person, in the words of many places', () => {
  // Published examples of the issuing authorities and of the OECD's sheets; none is anybody's.
  it.each([
    ['AT', 'Sozialversicherungsnummer 1237 010180', 'at-vnr'],
    ['BE', 'Rijksregisternummer 85.07.30-033.28', 'be-nn'],
    ['BG', 'ЕГН 7523169263', 'bg-egn'],
    ['CY', 'The TIC is 00532445O.', 'cy-tic'],
    ['CZ', 'rodné číslo 710319/2745', 'cz-rc'],
    ['DE', 'Steuer-ID: 36574261809', 'de-idnr'],
    ['DK', 'CPR-nummer 211062-5629', 'dk-cpr'],
    ['EE', 'isikukood 36805280109', 'ee-ik'],
    ['ES', 'NIE X2482300W', 'es-nie'],
    ['FI', 'henkilötunnus 131052-308T', 'fi-hetu'],
    ['FR', 'NIR 2 55 08 14 168 025 38', 'fr-nir'],
    ['GR', 'ΑΜΚΑ 01013099997', 'gr-amka'],
    ['GR', 'ΑΦΜ 094259216', 'gr-afm'],
    ['HR', 'OIB 33392005961', 'hr-oib'],
    ['HU', 'adóazonosító jele 8071592153', 'hu-adoazonosito'],
    ['IE', 'PPS No. 1234567T', 'ie-pps'],
    ['IT', 'codice fiscale RSSMRA85T10A562S', 'it-codicefiscale'],
    ['LT', 'asmens kodas 33309240064', 'lt-asmens'],
    ['LU', 'matricule 1893120105732', 'lu-matricule'],
    ['LV', 'personas kods 161175-19997', 'lv-pvn'],
    ['MT', 'identity card number 0123456M', 'mt-id'],
    ['NL', 'BSN 111222333', 'nl-bsn'],
    ['PL', 'PESEL 44051401359', 'pl-pesel'],
    ['PT', 'NIF 501 442 600', 'pt-nif'],
    ['RO', 'CNP 1630615123457', 'ro-cnp'],
    ['SE', 'personnummer 811228-9874', 'se-personnummer'],
    ['SI', 'EMŠO 0101006500006', 'si-emso'],
    ['SK', 'rodné číslo 710319/2745', 'cz-rc'],
    ['GB', 'NINO AB123456C', 'gb-nino'],
    ['GB', 'NHS number 943 476 5919', 'gb-nhs'],
    ['GB', 'UTR 1955839661', 'gb-utr'],
    ['US', 'SSN 536-90-4399', 'us-ssn'],
    ['US', 'ITIN 911-70-1234', 'us-itin'],
    ['US', 'EIN 91-1144442', 'us-ein'],
    ['CH', 'AHV 756.9217.0769.85', 'ch-ssn'],
    ['SG', 'FIN G1234567X', 'sg-nric'],
    ['HK', 'HKID A123456(3)', 'hk-hkid'],
    ['CA', 'social insurance number 046 454 286', 'ca-sin'],
    ['AU', 'TFN 123 456 782', 'au-tfn'],
    ['BR', 'CPF 390.533.447-05', 'br-cpf'],
  ])('%s: %s', (_, text, rule) => {
    expect(filtered(text).rules).toEqual([`national-id-${rule}`]);
  });

  it.each([
    [
      'sort code and account',
      'sort code 20-00-00, account number 55779911',
      ['bank-account-gb-sort-code', 'bank-account-number'],
    ],
    ['routing number', 'Routing number 021000021', ['bank-account-us-routing']],
    ['passport', 'Her passport number is 533380006.', ['passport']],
    ['driving licence', 'driving licence no. MORGA657054SM9IJ', ['driving-licence']],
    ['IPv4', 'logged in from 81.2.69.142 twice', ['ip-address']],
    ['IPv6', 'from 2a02:8109:9a40:1e8c:41d3::5 at noon', ['ip-address']],
    ['Bitcoin', 'sent to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', ['crypto-address-bitcoin']],
    ['Bitcoin, segwit', 'to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', ['crypto-address-bitcoin']],
    ['Ether', 'to 0x52908400098527886E0F7030069857D2E4169EE7', ['crypto-address-ethereum']],
  ])('%s', (_, text, rules) => {
    expect(filtered(text).rules).toEqual(rules);
  });

  it.each([
    'Ring me on 020 7946 0018 tomorrow',
    'Reach her at +44 20 7946 0018.',
    'Tel.: 030 23125 014',
    'Rückfragen unter 0176 04069123',
    'Mon portable : 06 39 98 12 34',
    '+33 (0)1 99 00 12 34',
    'Llámame al móvil 612 345 678',
    'Cellulare 320 123 4567',
    'Bel mij: 06-12345678 (mobiel)',
    'puh. 0412 345678, puhelin kotona',
    'telefon 070-174 06 05',
    'Mobil 912 34 567',
    'komórka 601 234 567',
    'κινητό 691 234 5678',
    'телефон 8 (912) 345-67-89',
    '電話 03-1234-5678',
    'Call (212) 555-0187 x22',
    'his number (415) 555-2671',
    '415-555-2671',
    'fax: 415.555.2671',
    '0041 44 668 18 00',
    'WhatsApp +55 11 96123-4567',
    'mobile 9123 4567',
    '+65 9123 4567',
    '+852 5123 4567',
  ])('phone: %s', (text) => {
    expect(filtered(text).rules).toEqual(['phone']);
  });
});

describe('what looks like personal data and is none', () => {
  it.each([
    'Order number 4539148803436468 is on its way',
    'Order 20261122-0012, invoice INV-2026-004417, delivery note 80012345',
    'Invoice no. 4711 0815 2342 of 2026-11-22',
    'ISIN US0378331005, DE0007164600 and GB0002634946; WKN 716460; CUSIP 037833100; SEDOL 2634946',
    'LEI 529900T8BM49AURSDO55',
    'BIC DEUTDEFF500, MIC XETR',
    'At 2026-11-22T14:05:09.123Z, epoch 1795356309123, 14:05:09',
    '22.11.2026, 11/22/2026, 2026-11-22 14:05, 22-11-2026',
    'EUR 1.234.567,89 and USD 1,234,567.89; 12 500 000 JPY; 1.250.000; 3 000 000',
    'a ratio of 0.0716234, growth of 12.345678 %, rate 3.25 to 4.75',
    'Part number 123-45-6789, part no. 8504-2231-77',
    'Decision 018f2d3e-7c1a-7b3e-9d2f-0123456789ab',
    '12345678-1234-1234-1234-123456789012',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'commit 3a5f9c1e7d2b4a6f8e0c1d3b5a7f9e2c4d6b8a0f',
    'Release 10.4.21.7 of the firmware, version 4.2.1.3, section 3.2.1.4',
    'Basel III, Art. 92 (1) CRR, Regulation (EU) No 575/2013, 12 CFR 1002.9',
    'model ABX-4411-9090, batch 20261122 07, serial 7734 1180 2299',
    'from 1998 to 2004, pages 112-118, 2019-2023',
    'case 2026-000184, ticket #8837465, claim 2026/118834',
    'coordinates 52.520008, 13.404954',
    'instalments of 245.10 over 60 months, 12 months, 365 days',
    'policy 48-1123-5567, contract 7788-1122-9',
    'score 640, 700 and 720; income 42000, 38500 and 41250',
    'the password is required, and the secret of success is patience',
    'token: 018f2d3e-7c1a-7b3e-9d2f-0123456789ab',
    'We pass on the account of the event, and accounts payable rose by 12 percent',
    'at 10:15:30 and 12:30:45:99',
    'VAT rate 19 %, VAT no. is missing',
    'HTTP 403, port 8443, 127.0.0.1 and 0.0.0.0',
  ])('%s', (text) => {
    expect(filtered(text)).toEqual({ text, rules: [] });
  });
});
