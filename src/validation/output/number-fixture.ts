import fc from 'fast-check';
import { isRoutingNumber, passesLuhn } from './check-digits.ts';
import { isValidId, type Kind } from './national-id-kinds.ts';

const digits = Array.from('0123456789');
const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const pairs = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

/** Strings of a form: `9` is a digit, `A` a letter, anything else stands for itself. */
function ofForm(form: string): fc.Arbitrary<string> {
  const parts = Array.from(form, (sign) =>
    sign === '9'
      ? fc.constantFrom(...digits)
      : sign === 'A'
        ? fc.constantFrom(...letters)
        : fc.constant(sign),
  );
  return fc.tuple(...parts).map((signs) => signs.join(''));
}

/** A stem and the first ending of a list that makes it valid; stems without one are left out. */
function completed(
  stem: fc.Arbitrary<string>,
  endings: readonly string[],
  isValid: (value: string) => boolean,
): fc.Arbitrary<string> {
  return stem
    .map((start) => endings.map((end) => `${start}${end}`).find((value) => isValid(value)))
    .filter((value) => value !== undefined);
}

function id(kind: Kind, form: string, endings: readonly string[]): fc.Arbitrary<string> {
  return completed(ofForm(form), endings, (value) => isValidId(kind, value));
}

/** Numbers with right check digits, by the rule that finds them, and a sentence they may stand in. */
export const validNumbers: readonly {
  readonly rule: string;
  readonly numbers: fc.Arbitrary<string>;
  readonly sentence: (number: string) => string;
}[] = [
  {
    rule: 'card',
    numbers: completed(ofForm('453299999999999'), digits, passesLuhn),
    sentence: plain('Card'),
  },
  { rule: 'card', numbers: completed(ofForm('37999999999999'), digits, passesLuhn), sentence: plain('amex') },
  { rule: 'iban', numbers: iban('DE', '999999999999999999'), sentence: plain('Pay to') },
  { rule: 'iban', numbers: iban('GB', 'AAAA99999999999999'), sentence: plain('IBAN') },
  { rule: 'iban', numbers: iban('MT', 'AAAA99999999999999999999999'), sentence: plain('IBAN') },
  { rule: 'iban', numbers: iban('NO', '99999999999'), sentence: plain('konto') },
  {
    rule: 'bank-account-us-routing',
    numbers: completed(ofForm('12110999'), digits, isRoutingNumber),
    sentence: plain('routing number'),
  },
  national(
    'HU',
    'adoazonosito',
    '89999999',
    digits.flatMap((one) => digits.map((two) => one + two)),
    'adóazonosító jel',
  ),
  national('HU', 'taj', '19999999', digits, 'TAJ szám'),
  national('LU', 'matricule', '19850731999', pairs, 'matricule'),
  national('CY', 'tic', '09999999', letters, 'TIC'),
  national('SG', 'nric', 'S9999999', letters, 'NRIC'),
  national('GB', 'nhs', '999999999', digits, 'NHS number'),
  national('CH', 'ssn', '756999999999', digits, 'AHV'),
  national('PL', 'pesel', '8507319999', digits, 'PESEL'),
  national('NL', 'bsn', '19999999', digits, 'BSN'),
  national('ES', 'dni', '99999999', letters, 'DNI'),
  national('FR', 'nir', '1850775999999', pairs, 'NIR'),
  national('HR', 'oib', '1999999999', digits, 'OIB'),
  national('FI', 'hetu', '131052-399', [...digits, ...letters], 'hetu'),
];

function plain(name: string): (number: string) => string {
  return (number) => `${name} ${number} as agreed.`;
}

function national(country: string, idName: string, form: string, endings: readonly string[], name: string) {
  const rule = `national-id-${country.toLowerCase()}-${idName}`;
  return { rule, numbers: id({ country, id: idName }, form, endings), sentence: plain(name) };
}

function iban(country: string, form: string): fc.Arbitrary<string> {
  return ofForm(form).map((account) => {
    const text = Array.from(`${account}${country}00`, (sign) => Number.parseInt(sign, 36)).join('');
    return `${country}${String(98n - (BigInt(text) % 97n)).padStart(2, '0')}${account}`;
  });
}
