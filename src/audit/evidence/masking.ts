import type { EvidencePorts, OwnTexts } from './ports.ts';

/** What stands where a text was withheld. No digest: one of a short text could be guessed. */
export function withheldText(text: string): string {
  return `[withheld: ${text.length} characters]`;
}

const unmaskable = '[withheld: it could not be masked]';
const mask = '[WITHHELD]';
const phone = /(?<![\w.+])(?:\+|00)\d[\d ()/.-]{6,17}\d(?!\w)/g;
const word = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’._@/-]*[\p{L}\p{N}]/gu;
const joiners = /['’._@/-]+/;
const shortestNumber = 4;

/** Masks what is somebody else's in text that the model or a reviewer wrote. */
export class Masker {
  readonly #ports: EvidencePorts;
  readonly #own: OwnTexts;
  readonly #terms: Terms;
  readonly #ownDigits: string;

  /**
   * @param own the subject's own texts: what stands in them stays
   * @param withheld texts that are not shown: their names and numbers are masked wherever they are repeated
   * @param fixed the operator's own texts, whose words say nothing about a person
   */
  constructor(ports: EvidencePorts, own: OwnTexts, withheld: readonly string[], fixed: readonly string[]) {
    this.#ports = ports;
    this.#own = own;
    this.#terms = distinctiveTerms(withheld, [...own.texts, ...fixed]);
    this.#ownDigits = own.texts.join('\n').replaceAll(/\D/g, '');
  }

  text(text: string): string {
    const masked = this.#ports.maskText(text, this.#own);
    return masked === null ? unmaskable : this.#withoutTerms(masked);
  }

  /** Strings, numbers and keys of a JSON value. */
  value(value: unknown): unknown {
    const masked = this.#ports.maskValue(value, this.#own);
    return masked === undefined ? unmaskable : this.#walk(masked);
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.#withoutTerms(value);
    if (typeof value === 'number') {
      const text = String(value);
      return this.#withoutTerms(text) === text ? value : mask;
    }
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.#withoutTerms(key), this.#walk(item)]),
    );
  }

  #withoutTerms(text: string): string {
    return text
      .replaceAll(phone, (match) =>
        this.#ownDigits.includes(match.replaceAll(/\D/g, '')) ? match : '[PHONE]',
      )
      .replaceAll(word, (match) => (this.#isWithheld(match) ? mask : match));
  }

  #isWithheld(match: string): boolean {
    const { always, capitalised } = this.#terms;
    return [match, ...match.split(joiners)].some(
      (part) =>
        always.has(part.toLowerCase()) || (/^\p{Lu}/u.test(part) && capitalised.has(part.toLowerCase())),
    );
  }
}

/** Names and numbers of texts that are not shown. */
interface Terms {
  /** Lower-cased: masked however they are written. */
  readonly always: ReadonlySet<string>;
  /** Lower-cased: masked where they are written large, for they may be ordinary words when written small. */
  readonly capitalised: ReadonlySet<string>;
}

/**
 * Words with a digit, and words with a capital; words of the known texts are not among them. Nothing
 * recognises every name; this makes too many masks rather than too few.
 */
function distinctiveTerms(withheld: readonly string[], known: readonly string[]): Terms {
  const words = withheld.flatMap(wordsOf);
  const knownWords = new Set(known.flatMap(wordsOf).map(({ text }) => text.toLowerCase()));
  const ordinary = new Set(words.filter(isOrdinary).map(({ text }) => text));
  const always = new Set<string>();
  const capitalised = new Set<string>();
  for (const { text, opensSentence } of words) {
    const small = text.toLowerCase();
    const isNumber = /\p{N}/u.test(text) && text.length >= shortestNumber;
    if (knownWords.has(small) || !(isNumber || /^\p{Lu}/u.test(text))) continue;
    const isOrdinaryToo = ordinary.has(small);
    if (isNumber || (!opensSentence && !isOrdinaryToo)) always.add(small);
    // What opens a sentence is a name or not; nobody knows, so it goes where it is written large.
    else if (!opensSentence || !isOrdinaryToo) capitalised.add(small);
  }
  return { always, capitalised };
}

interface Word {
  readonly text: string;
  readonly opensSentence: boolean;
  /** The word is a part of an address, a reference or a compound. */
  readonly isPart: boolean;
}

function isOrdinary({ text, isPart }: Word): boolean {
  return !isPart && text === text.toLowerCase() && !/\p{N}/u.test(text);
}

/** Words, and the parts of words that are joined by a hyphen, stroke or point. */
function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(word)).flatMap(({ 0: match, index }) => {
    const opensSentence = /(?:^|[.!?;\n\r\u2022-])\s*$/u.test(text.slice(Math.max(0, index - 3), index));
    const parts = match.split(joiners).filter((part) => part.length > 1);
    const whole = { text: match, opensSentence, isPart: false };
    const asParts = parts.map((part) => ({ text: part, opensSentence, isPart: true }));
    return parts.length > 1 ? [whole].concat(asParts) : [whole];
  });
}
