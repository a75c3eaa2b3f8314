import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import type { OutputClass } from './candidate.ts';

/** Characters that people put between the digits and letters of a number. */
const separators = /[\s\-./()_\u00a0\u202f\u2010-\u2015]/g;
const SEPARATOR = String.raw`[\s\-./()_\u00a0\u202f\u2010-\u2015]{0,2}`;
const invisible = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;
/** A value this short would be found in any long text. */
const VALUE_CHARACTERS_MIN = 5;

/**
 * Whether a value stands in one of the texts, in any case and grouping, and as a whole: what the
 * decision was given about its own subject may be in its answer.
 */
export function occursIn(value: string, kind: OutputClass, texts: readonly string[]): boolean {
  if (texts.length === 0) return false;
  const known = plain(texts);
  if (kind === 'phone') return isKnownPhone(value, known);
  const isAddress = value.includes('@');
  const clean = value.normalize('NFKC');
  const characters = Array.from(isAddress ? clean : clean.replace(separators, ''));
  if (characters.length < VALUE_CHARACTERS_MIN) return false;
  const between = isAddress ? '' : SEPARATOR;
  const edge = isAddress ? String.raw`[\p{L}\p{N}._%+-]` : String.raw`[\p{L}\p{N}]`;
  const after = isAddress ? String.raw`(?!\.?[\p{L}\p{N}-])` : `(?!${edge})`;
  const body = characters
    .map((character) => character.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`))
    .join(between);
  const whole = new RegExp(`(?<!${edge})${body}${after}`, 'iu');
  return known.texts.some((text) => whole.test(text));
}

interface Known {
  readonly texts: readonly string[];
  /** Digits of everything that may be a phone number; made when first asked for. */
  numbers: ReadonlySet<string> | null;
}

const knownOf = new WeakMap<readonly string[], Known>();

/** The texts in the form that values are compared in. Inputs of one decision are asked about many times. */
function plain(texts: readonly string[]): Known {
  const before = knownOf.get(texts);
  if (before) return before;
  const made = { texts: texts.map((text) => text.normalize('NFKC').replace(invisible, '')), numbers: null };
  knownOf.set(texts, made);
  return made;
}

const digitGroups =
  /(?<![\p{L}\p{N}])\+?\(?\d(?:[\s().\-/\u00a0\u202f\u2010-\u2015]{0,3}\d){5,17}(?![\p{L}\p{N}])/gu;
/** Of a number without its country and trunk prefix. */
const NATIONAL_DIGITS_MIN = 6;
const extension = /\s?(?:x|ext\.?|extension|durchwahl|poste|anexo)\s?\d{1,6}$/i;
let callingCodes: ReadonlySet<string> | null = null;

/** The same number may be written with or without its country, its trunk prefix and its extension. */
function isKnownPhone(value: string, known: Known): boolean {
  known.numbers ??= new Set(
    known.texts.flatMap((text) => [...text.matchAll(digitGroups)].map(({ 0: match }) => bare(match))),
  );
  const number = bare(value.replace(extension, ''));
  if (known.numbers.has(number)) return true;
  return [...known.numbers].some((other) => isSamePhone(number, other) || isSamePhone(other, number));
}

/** Digits without the signs that lead out of the country. */
function bare(written: string): string {
  return written
    .replace('(0)', '')
    .replace(/\D/g, '')
    .replace(/^(?:00|011(?=\d{10}))/, '');
}

/** Whether `long` is `short` with its country before it. */
function isSamePhone(short: string, long: string): boolean {
  const national = short.replace(/^0/, '');
  if (national.length < NATIONAL_DIGITS_MIN || !long.endsWith(national)) return false;
  const rest = long.slice(0, long.length - national.length);
  callingCodes ??= new Set(getCountries().map((country) => getCountryCallingCode(country)));
  return rest === '' || rest === '0' || callingCodes.has(rest) || callingCodes.has(rest.replace(/0$/, ''));
}
