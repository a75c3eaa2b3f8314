import { getCountrySpecifications, isValidIBAN } from 'ibantools';
import type { Candidate } from './candidate.ts';

const specifications = getCountrySpecifications();
const ibanStart = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \-.]?[A-Za-z0-9])/g;
const alphanumeric = /[A-Za-z0-9]/;
const separator = /[ \-.\u00a0]/;

/** Account numbers in any case, grouped or not; the country says how long one is (ISO 13616). */
export function findIbans(text: string): Candidate[] {
  const found: Candidate[] = [];
  for (const { 0: head, index: start } of text.matchAll(ibanStart)) {
    const length = specifications[head.slice(0, 2).toUpperCase()]?.chars;
    if (!length) continue;
    const read = readAlphanumerics(text, start, length);
    if (read && isValidIBAN(read.value.toUpperCase()))
      found.push({ class: 'iban', rule: 'iban', start, end: read.end });
  }
  return found;
}

function readAlphanumerics(
  text: string,
  start: number,
  length: number,
): { value: string; end: number } | null {
  let value = '';
  let at = start;
  while (value.length < length) {
    const character = text.charAt(at);
    if (alphanumeric.test(character)) value += character;
    else if (!separator.test(character) || !alphanumeric.test(text.charAt(at + 1))) return null;
    at += 1;
  }
  return alphanumeric.test(text.charAt(at)) ? null : { value, end: at };
}

/** Not after a decimal point or in a longer number: probabilities have sixteen digits too. */
const cardDigits = /(?<![\w.,-])\d(?:[ -]?\d){11,18}(?![\w]|[.,-]\d)/g;

/** Prefixes and lengths of the schemes (ISO/IEC 7812 and the schemes' own ranges). */
const schemes: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^(?:30[0-5]|309|36|38|39)/, [14, 16]],
  [/^35/, [16]],
  [/^(?:2131|1800)/, [15]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, [16, 17, 18, 19]],
];

/** Words that make a card of any number with the right check digit, old and rare schemes included. */
const cardName = /card|karte|carte|tarjeta|carta|cart\u00e3o|\bvisa\b|maestro|\bjcb\b|\bpan\b/i;
const CARD_NAME_WITHIN_CHARACTERS = 40;

/** @param context what names the text from outside, such as its key in a JSON object */
export function findCards(text: string, context: string): Candidate[] {
  return [...text.matchAll(cardDigits)].flatMap(({ 0: match, index: start }) => {
    const digits = match.replace(/\D/g, '');
    const isScheme = schemes.some(
      ([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length),
    );
    if (!passesLuhn(digits)) return [];
    const before = text.slice(Math.max(0, start - CARD_NAME_WITHIN_CHARACTERS), start);
    if (!isScheme && !cardName.test(`${context} ${before}`)) return [];
    return [{ class: 'card', rule: 'card', start, end: start + match.length }];
  });
}

/** The check digit of payment cards (ISO/IEC 7812-1, annex B). */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const weighted = i % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

const email =
  /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}_%+-](?:[\p{L}\p{N}._%+-]{0,62}[\p{L}\p{N}_%+-])?@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})(?:\.[\p{L}\p{N}-]{1,63}){0,4}\.\p{L}{2,24}(?![\p{L}\p{N}])/gu;

export function findEmails(text: string): Candidate[] {
  if (!text.includes('@')) return [];
  return [...text.matchAll(email)].map(({ 0: match, index: start }) => ({
    class: 'email',
    rule: 'email',
    start,
    end: start + match.length,
  }));
}
