import { type CountryCode, getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Candidate } from './candidate.ts';
import { contextOf, lastEnd, namesAnother } from './context.ts';

/** Digits in groups, with what people write before, between and after them. */
const shape =
  /(?<![\w.,/:#$€£%-])(?:\+|\(\+)?\(?\d(?:[ \u00a0\u202f().\-\u2010-\u2013/]{0,3}\d){5,16}(?:\s?(?:x|ext\.?|extension|durchwahl|poste|anexo)\s?\d{1,6})?(?![\w%€£$]|[.,:/-]\d|\s?(?:€|EUR|USD|GBP|CHF)\b)/gi;
const extension = /\s?(?:x|ext\.?|extension|durchwahl|poste|anexo)\s?\d{1,6}$/i;
const digitsMin = 6;
const digitsMax = 15;

/** Dates, amounts and the figures of a table, which have their groups, too. */
const otherShapes: readonly RegExp[] = [
  /^(?:19|20)\d{2}([-./ ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?!\d)/,
  /^(?:0?[1-9]|[12]\d|3[01])([-./ ])(?:0?[1-9]|1[0-2])\1(?:19|20)?\d{2}(?!\d)/,
  /^(?:0?[1-9]|1[0-2])([-./])(?:0?[1-9]|[12]\d|3[01])\1(?:19|20)\d{2}(?!\d)/,
  /^(?:19|20)\d{2}\s?[-\u2013]\s?(?:19|20)\d{2}$/,
  /^\d{1,3}(?:[. \u00a0\u202f]000)+$/,
  /^\d{1,3}(?:\.\d{3}){2,}$/,
  / {3}/,
  /^(?:\d\s+){4,}\d/,
];

/** Words that name a phone, or what one does with it, in the languages that our users' customers write. */
const phoneWords =
  /\bphone|telephone|mobile|\bcell|\bfax|\btel\b|\bcall(?:s|ed|ing)?\b|\bdial|\bring\b|hotline|\bsms\b|whats ?app|voicemail|answering|messages? to|text(?:ed|ing)? (?:me|us|him|her|them)|(?:reach|contact)(?:ed)? (?:me|us|him|her|them)|contact n|\bdesk\b|landline|registered (?=\W*$)|(?:reach(?:ed|able)?|contact(?:ed)?) (?:at|on|under|by)|my number|telefon|handy|mobil|rufnummer|anruf|durchwahl|erreichbar|ruckfragen|telephone|portable|appel|telefono|movil|celular|cellulare|llamar|telemovel|ligar|telefoon|mobiel|bellen|\bbel\b|\bpuh\b|puhelin|kannykka|\btlf\b|\btfn\b|komork|zadzwon|τηλ[εέ]φων|κινητ[οό]|телефон|мобил|\bтел\b|звон|هاتف|電話|电话|手机|携帯|전화/g;

/** Regions that write a trunk prefix, by which a number is known as one without a word that names it. */
const trunkRegions: readonly CountryCode[] = [
  'GB',
  'DE',
  'FR',
  'IT',
  'NL',
  'BE',
  'CH',
  'AT',
  'SE',
  'FI',
  'IE',
  'AU',
  'NZ',
  'ZA',
  'JP',
  'SI',
  'HR',
  'SK',
  'RO',
  'BG',
  'TR',
  'IL',
  'IN',
  'HU',
];

const american = /^\(?[2-9]\d{2}(?:\) ?|[-.])[2-9]\d{2}[-.]\d{4}$/;
const international = /^(?:\(?\+|00|011[ -])/;
/** A trunk prefix and at least two more groups: nothing else is written like that often. */
const national = /^\(?0\d{1,5}\)?(?:[ \u00a0\-/.]{1,2}\d{2,5}){2,5}$/;
/** A number that a line of an address or a signature has for itself, or beside the name of a place to reach it at. */
const beside =
  /^[ \t]*[([,-]?[ \t]*(?:office|home|work|direct|main|switchboard|buro|privat|bureau|domicile|oficina|ufficio|casa)\b/;
const groupsOfThree = /^\d{1,3}(?:[ \u00a0\u202f.]\d{3})+$/;
const reach = { beforeCharacters: 56, afterCharacters: 16 } as const;

/**
 * Phone numbers: those that say their country, those written as a region writes its own, and any other that a word
 * names.
 *
 * @param key what names the text from outside, such as its key in a JSON object
 */
export function findPhones(text: string, key: string): Candidate[] {
  return [...text.matchAll(shape)].flatMap(({ 0: match, index }) => {
    const start = match.startsWith('(') && !match.includes(')') ? index + 1 : index;
    const whole = match.slice(start - index);
    const number = whole.replace(extension, '');
    const digits = number.replace(/\D/g, '');
    if (digits.length < digitsMin || digits.length > digitsMax) return [];
    if (otherShapes.some((other) => other.test(number)) || /^(\d)\1+$/.test(digits)) return [];
    const end = start + whole.length;
    return isPhone(number, text, { start, end }, key) ? [{ class: 'phone', rule: 'phone', start, end }] : [];
  });
}

function isPhone(
  number: string,
  text: string,
  span: { readonly start: number; readonly end: number },
  key: string,
): boolean {
  const { outer, before, after } = contextOf(text, span, key, reach);
  const isOther = namesAnother(text, span.start);
  const [sameLine = ''] = after.split(/[\n,;]/);
  const isNamed =
    !isOther &&
    (beside.test(sameLine) || [before, sameLine, outer].some((words) => lastEnd(words, phoneWords) !== -1));
  if (international.test(number)) {
    const parsed = parsePhoneNumberFromString(
      number.replace(/^\(?(?:\+|00|011[ -])/, '+').replace('(0)', ''),
    );
    return parsed?.isValid() === true || (isNamed && parsed?.isPossible() === true);
  }
  if (isNamed) return true;
  if (isOther) return false;
  if (american.test(number)) return parsePhoneNumberFromString(number, 'US')?.isValid() === true;
  if (national.test(number)) return isValidIn(number, trunkRegions);
  return standsAlone(text, span) && !groupsOfThree.test(number) && isValidIn(number, getCountries());
}

function isValidIn(number: string, regions: readonly CountryCode[]): boolean {
  return regions.some((region) => parsePhoneNumberFromString(number, region)?.isValid() === true);
}

/** Alone on one of several lines, and in groups: columns of figures have other signs. */
function standsAlone(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', end);
  const rest = text.slice(lineStart, start) + text.slice(end, lineEnd === -1 ? text.length : lineEnd);
  return text.includes('\n') && rest.trim() === '' && /\d[ ().-]+\d/.test(text.slice(start, end));
}
