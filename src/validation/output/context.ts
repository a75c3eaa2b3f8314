import { folded } from '../canonical/folding.ts';

/** What stands around a number, as words that may name it: lower case, without accents. */
export interface Context {
  /** What names the text from outside, such as its key in a JSON object. */
  readonly outer: string;
  readonly before: string;
  readonly after: string;
}

/** `nationalId` and `national_id` read as two words. */
export function separated(text: string): string {
  return folded(text.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' '));
}

export function contextOf(
  text: string,
  span: { readonly start: number; readonly end: number },
  key: string,
  reach: { readonly beforeCharacters: number; readonly afterCharacters: number },
): Context {
  return {
    outer: separated(key),
    before: separated(text.slice(Math.max(0, span.start - reach.beforeCharacters), span.start)),
    after: separated(text.slice(span.end, span.end + reach.afterCharacters)),
  };
}

/** Where the last match of a pattern (with the flag g) ends; -1 without one. */
export function lastEnd(text: string, pattern: RegExp): number {
  let end = -1;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}

const NAME_BEFORE_CHARACTERS = 32;

/** Words for numbers that name a thing and no person, right before such a number. */
const anotherName =
  /(?:order|invoice|reference|\bref|tracking|shipment|parcel|case|ticket|batch|\blot|serial|\bpart|model|sku|item|article|product|transaction|trace|booking|policy|claim|contract|bestell\w*|rechnung\w*|vorgang\w*|artikel\w*|auftrag\w*|facture|commande|pedido|factura|fattura|ordine|isin|wkn|cusip|sedol|lei|version|build|timestamp|request|amount|total|sum|betrag|montant)s?(?:[ -]?(?:no|nr|number|nummer|numero|code|id))?[ .:#=\u2116-]*$/;

/** Whether the words before a number give it the name of a thing. */
export function namesAnother(text: string, start: number): boolean {
  return anotherName.test(separated(text.slice(Math.max(0, start - NAME_BEFORE_CHARACTERS), start)));
}
