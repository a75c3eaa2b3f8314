import type { Candidate, OutputClass } from './candidate.ts';
import { isRoutingNumber } from './check-digits.ts';
import { contextOf, lastEnd } from './context.ts';

/**
 * Numbers without check digits that mean something: nothing but the words before them tells what they are. What comes
 * closest to the number counts, and only filling words may stand between.
 */
interface NamedNumber {
  readonly class: OutputClass;
  readonly rule: string;
  readonly names: RegExp;
  readonly form: RegExp;
  readonly isValid?: (characters: string) => boolean;
}

const kinds: readonly NamedNumber[] = [
  {
    class: 'driving-licence',
    rule: 'driving-licence',
    names:
      /driv(?:er|ing)(?:['\u2019]?s)?[ -]?licen[cs]e|\bdl (?:no|num\w*|#)|fuhrerschein|permis de conduire|permiso de conducir|patente di guida|rijbewijs|korkort|prawo jazdy/g,
    form: /(?<![\w-])(?=(?:[A-Z-]*\d){4})[A-Z0-9](?:[A-Z0-9]|[ -](?=\d)){4,19}(?!\w)/gi,
  },
  {
    class: 'passport',
    rule: 'passport',
    names: /passport|reisepass|passeport|pasaporte|passaporto|paspoort|paszport|passnummer/g,
    form: /(?<![\w-])(?=(?:[A-Z]*\d){5})[A-Z0-9]{6,10}(?!\w)/gi,
  },
  {
    class: 'bank-account',
    rule: 'bank-account-gb-sort-code',
    names: /sort[ -]?code/g,
    form: /(?<![\w-])\d{2}[ -]?\d{2}[ -]?\d{2}(?![\w]|-\d)/g,
  },
  {
    class: 'bank-account',
    rule: 'bank-account-us-routing',
    names: /routing|\baba\b|\brtn\b|transit n\w*/g,
    form: /(?<![\w-])\d{9}(?!\w)/g,
    isValid: isRoutingNumber,
  },
  {
    class: 'bank-account',
    rule: 'bank-account-number',
    names:
      /\ba\/c\b|\bacct|account (?:no|nr|num)\w*|account #|account(?=[ :#]*$)|bank account|checking account|savings account|kontonummer|kontonr|numero de (?:compte|cuenta)|numero di conto|rekeningnummer/g,
    form: /(?<![\w.,/-])\d(?:[ -]?\d){5,16}(?![\w/]|[.,-]\d)/g,
  },
];

/** What may stand between the name and the number. */
const filling =
  /^(?:[\s:#=.,'"\u2019\u2116()-]|is|are|was|the|my|his|her|your|their|our|for|of|no|nr|num|number|nummer|numero|ending|id|code|account|and|ist|lautet|est|es|us|uk|card|licen[cs]e){0,24}$/;

const reach = { beforeCharacters: 56, afterCharacters: 0 } as const;
/** Part of every name above; most texts hold none. */
const someName =
  /licen[cs]e|\bdl (?:no|num|#)|f(?:u|\u00fc)hrerschein|permis[o ]|patente|rijbewijs|k(?:o|\u00f6)rkort|prawo jazdy|passport|passeport|passnum|reisepass|pasaporte|passaporto|paspoort|paszport|sort[ -]?code|routing|\baba\b|\brtn\b|transit n|\ba\/c\b|\bacct|account|konto(?:nummer|nr)|compte|cuenta|\bconto\b|rekeningnummer/i;

/** @param key what names the text from outside, such as its key in a JSON object */
export function findNamedDocuments(text: string, key: string): Candidate[] {
  if (!someName.test(text) && !someName.test(key)) return [];
  return kinds.flatMap((kind) =>
    [...text.matchAll(kind.form)].flatMap(({ 0: match, index: start }) => {
      const end = start + match.length;
      const characters = match.replace(/[ -]/g, '');
      if (kind.isValid && !kind.isValid(characters)) return [];
      const { outer, before } = contextOf(text, { start, end }, key, reach);
      const named = lastEnd(before, kind.names);
      const isNamed = named !== -1 && filling.test(before.slice(named));
      const isKey = before.trim() === '' && lastEnd(outer, kind.names) !== -1;
      return isNamed || isKey ? [{ class: kind.class, rule: kind.rule, start, end }] : [];
    }),
  );
}
