import { getCountrySpecifications } from 'ibantools';
import type { Candidate } from './candidate.ts';
import { passesLuhn } from './check-digits.ts';
import { contextOf } from './context.ts';

const specifications = getCountrySpecifications();
const ibanStart = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \-.\u00a0\u202f]?[A-Za-z0-9])/g;
const alphanumeric = /[A-Za-z0-9]/;
const separator = /[ \-.\u00a0\u202f]/;

/**
 * Account numbers in any case, grouped or not; the country says how long one is and where letters stand (ISO 13616).
 * Check digits inside the national part are left alone: a wrong one among right ones is no reason to let it out.
 */
export function findIbans(text: string): Candidate[] {
  const found: Candidate[] = [];
  for (const { 0: head, index: start } of text.matchAll(ibanStart)) {
    const { chars, bban_regexp: form } = specifications[head.slice(0, 2).toUpperCase()] ?? {};
    if (!chars || !form) continue;
    const read = readAlphanumerics(text, start, chars);
    const value = read?.value.toUpperCase() ?? '';
    if (read && new RegExp(form).test(value.slice(4)) && remainder97(value) === 1)
      found.push({ class: 'iban', rule: 'iban', start, end: read.end });
  }
  return found;
}

/** Of the number that the rearranged characters make (ISO/IEC 7064, MOD 97-10). */
function remainder97(value: string): number {
  let rest = 0;
  for (const character of `${value.slice(4)}${value.slice(0, 4)}`) {
    const number = Number.parseInt(character, 36);
    rest = (number > 9 ? rest * 100 + number : rest * 10 + number) % 97;
  }
  return rest;
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
const cardDigits = /(?<![\w.,-])\d(?:[ \-\u00a0\u2010-\u2013]?\d){11,18}(?![\w]|[.,-]\d)/g;

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
const cardName =
  /card|karte|carte|tarjeta|carta|cartao|kort|karta|\bvisa\b|maestro|\bjcb\b|\bpan\b|\bcc\b|amex|master ?card|diners|discover|credit|debit|billing|\batm\b|withdraw|\bcv[vc]/;
const reach = { beforeCharacters: 60, afterCharacters: 40 } as const;

/** @param key what names the text from outside, such as its key in a JSON object */
export function findCards(text: string, key: string): Candidate[] {
  return [...text.matchAll(cardDigits)].flatMap(({ 0: match, index: start }) => {
    const digits = match.replace(/\D/g, '');
    if (!passesLuhn(digits) || /^(\d)\1+$/.test(digits)) return [];
    const end = start + match.length;
    const isScheme = schemes.some(
      ([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length),
    );
    if (!isScheme) {
      const { outer, before, after } = contextOf(text, { start, end }, key, reach);
      if (!cardName.test(`${outer} ${before} ${after}`)) return [];
    }
    return [{ class: 'card', rule: 'card', start, end }];
  });
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
