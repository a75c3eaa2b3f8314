/*
 * Check digits that no library we use knows. Each takes the bare digits and letters, upper case, and cites the
 * source of its rule. "OECD TIN sheet" is the country's sheet on tax identification numbers at the OECD's AEOI portal.
 */

const digitsOf = (value: string): number[] => Array.from(value, Number);

function weighted(value: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(value[i]), 0);
}

/** The check digit of payment cards (ISO/IEC 7812-1, annex B). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Product in the dihedral group of order ten. */
function dihedral(one: number, other: number): number {
  if (one < 5) return other < 5 ? (one + other) % 5 : ((one + other) % 5) + 5;
  return other < 5 ? ((one - other + 5) % 5) + 5 : (one - other + 5) % 5;
}

/** What a place more to the left does to a digit. */
const turn = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;

function turned(digit: number, places: number): number {
  let result = digit;
  for (let i = 0; i < places; i += 1) result = turn[result] ?? 0;
  return result;
}

/** Verhoeff's scheme, the check digit last (J. Verhoeff, Error Detecting Decimal Codes, 1969). */
function passesVerhoeff(digits: string): boolean {
  return (
    digitsOf(digits)
      .toReversed()
      .reduce((check, digit, i) => dihedral(check, turned(digit, i)), 0) === 0
  );
}

/** Month and day of a date that may be one; the century is left open. */
function isMonthDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** Hungary, adóazonosító jel: 8, days since 1867, serial, check (1996 évi XX. törvény, annex; OECD TIN sheet). */
export function isHungarianTaxId(value: string): boolean {
  return /^8\d{9}$/.test(value) && weighted(value, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 === Number(value[9]);
}

/** Hungary, TAJ of social insurance: weights 3 and 7 (1996. évi XX. törvény, annex). */
export function isHungarianTaj(value: string): boolean {
  return (
    /^\d{9}$/.test(value) &&
    value !== '000000000' &&
    weighted(value, [3, 7, 3, 7, 3, 7, 3, 7]) % 10 === Number(value[8])
  );
}

/** Hungary, személyi azonosító: the weights turned round for births from 1997 on (1996. évi XX. törvény, annex). */
export function isHungarianPersonalId(value: string): boolean {
  if (!/^[1-8]\d{10}$/.test(value)) return false;
  if (!isMonthDay(Number(value.slice(3, 5)), Number(value.slice(5, 7)))) return false;
  const rising = weighted(value, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11;
  const falling = weighted(value, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
  return [rising, falling].includes(Number(value[10]));
}

/** Luxembourg, matricule: a Luhn and a Verhoeff digit over date and serial (OECD TIN sheet; loi du 19 juin 2013). */
export function isLuxembourgId(value: string): boolean {
  if (!/^(?:18|19|20)\d{11}$/.test(value)) return false;
  if (!isMonthDay(Number(value.slice(4, 6)), Number(value.slice(6, 8)))) return false;
  const stem = value.slice(0, 11);
  return passesLuhn(value.slice(0, 12)) && passesVerhoeff(`${stem}${value.slice(12)}`);
}

const cypriotOdd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21] as const;

/** Cyprus, TIC: digits in odd places are recoded, the sum modulo 26 is the letter (OECD TIN sheet). */
export function isCypriotTaxId(value: string): boolean {
  if (!/^\d{8}[A-Z]$/.test(value) || value.startsWith('12')) return false;
  const sum = digitsOf(value.slice(0, 8)).reduce(
    (total, digit, i) => total + (i % 2 === 0 ? (cypriotOdd[digit] ?? 0) : digit),
    0,
  );
  return value.charCodeAt(8) - 65 === sum % 26;
}

/** Malta, identity card: digits and a letter of the register, no check (Identity Card Act, cap. 258; OECD TIN sheet). */
export function isMalteseId(value: string): boolean {
  return /^\d{3,7}[MGAPLHBZ]$/.test(value) && !/^0+[A-Z]$/.test(value);
}

/** Singapore, NRIC and FIN: weights 2, 7, 6, 5, 4, 3, 2 and a letter of its own for each series. */
export function isSingaporeId(value: string): boolean {
  if (!/^[STFGM]\d{7}[A-Z]$/.test(value)) return false;
  const series = value.charAt(0);
  const offset = series === 'T' || series === 'G' ? 4 : series === 'M' ? 3 : 0;
  const rest = (weighted(value.slice(1), [2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
  const letters =
    series === 'S' || series === 'T' ? 'JZIHGFEDCBA' : series === 'M' ? 'KLJNPQRTUWX' : 'XWUTRQPNMLK';
  // Of the series M the table runs the other way.
  return value.charAt(8) === letters.charAt(series === 'M' ? 10 - rest : rest);
}

/** United Kingdom, NHS number: weights 10 to 2 modulo 11 (NHS Data Dictionary, NHS NUMBER). */
export function isNhsNumber(value: string): boolean {
  if (!/^[1-9]\d{9}$/.test(value)) return false;
  const check = (11 - (weighted(value, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return check === Number(value[9]);
}

/** Greece, AFM: powers of two modulo 11 (OECD TIN sheet). */
export function isGreekTaxId(value: string): boolean {
  if (!/^\d{9}$/.test(value) || value === '000000000') return false;
  return (weighted(value, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === Number(value[8]);
}

/** United States, ITIN: the ranges of its fourth and fifth digit (IRS Publication 1915). */
export function isItin(value: string): boolean {
  return /^9\d{2}(?:5\d|6[0-5]|7\d|8[0-8]|9[0-2]|9[4-9])\d{4}$/.test(value);
}

/** United States, routing number: weights 3, 7, 1, and the Federal Reserve's ranges of its first two digits (ABA). */
export function isRoutingNumber(value: string): boolean {
  return (
    /^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}$/.test(value) &&
    value !== '000000000' &&
    weighted(value, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0
  );
}
