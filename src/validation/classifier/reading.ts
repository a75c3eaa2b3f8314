import { featureOf, pairHash, tripleHash } from './hashing.ts';
import type { Lexicon } from './lexicon.ts';
import { letterKind, letterKinds } from './letters.ts';
import { Numbers } from './numbers.ts';
import { endsUnit, looksLikeJson } from './unit-ends.ts';

/** How much one occurrence counts. A concept is worth several letters, since it holds in every language. */
const values = { letters: 1, words: 2, concepts: 6, marks: 1 } as const;

const BOUNDARY = 0x2f0b4c47;
const LETTERS_PER_WORD_MAX = 20;
const WORDS_PER_UNIT_MAX = 60;
/** Concepts further apart than this many tokens do not belong together. */
const CONCEPT_REACH = 10;

/** What a unit (a sentence, a line, a value) does, as bits. */
export const acts = { order: 1, question: 2, address: 4 } as const;

const orderConcepts =
  'IGNORE STOP REVEAL REPEAT PRETEND RESPOND TASKVERB SEND RUN REMOVE PAY APPROVE REJECT SETFIELD CONCEAL PLEASE MUST'.split(
    ' ',
  );
const addressConcepts = ['YOU', 'YOUR', 'AI', 'REVIEWER', 'PROMPT', 'RESPONSE'];

/**
 * Tokens, units and features of one text. Everything belongs to the last text that was read: the
 * lists are overwritten by the next one.
 */
export class Reading {
  readonly tokenStarts = new Numbers(1024);
  readonly tokenEnds = new Numbers(1024);
  /** Index of a token's first feature; one more entry than there are tokens. */
  readonly featureStarts = new Numbers(1024);
  readonly features = new Numbers(16_384);
  readonly values = new Numbers(16_384);
  /** Index of a unit's first token; one more entry than there are units. */
  readonly unitStarts = new Numbers(256);
  /** What each unit does: bits of {@link acts}. */
  readonly unitActs = new Numbers(256);
  /** Marks by which the shape of a text is known. */
  readonly marks = { bars: 0, braces: 0, quotes: 0, code: 0, lines: 0 };

  readonly #lexicon: Lexicon;
  readonly #isOrder: readonly boolean[];
  readonly #isAddress: readonly boolean[];
  readonly #question: number;
  readonly #hashes = new Numbers(1024);
  readonly #words = new Numbers(1024);
  #text = '';
  readonly #isWordEnd = (at: number) => {
    const kind = at < this.#text.length ? letterKind(this.#text.charCodeAt(at)) : letterKinds.space;
    return kind !== letterKinds.letter && kind !== letterKinds.digit;
  };

  constructor(lexicon: Lexicon) {
    this.#lexicon = lexicon;
    const flags = (names: readonly string[]) => {
      const isOne = Array<boolean>(lexicon.conceptCount).fill(false);
      for (const name of names) isOne[lexicon.conceptOf(name)] = true;
      return isOne;
    };
    this.#isOrder = flags(orderConcepts);
    this.#isAddress = flags(addressConcepts);
    this.#question = lexicon.conceptOf('QUESTION');
  }

  get tokenCount(): number {
    return this.tokenStarts.length;
  }

  get unitCount(): number {
    return this.unitActs.length;
  }

  /** @param text folded: lower case, without accents */
  read(text: string): void {
    this.#text = text;
    const tokens = [this.tokenStarts, this.tokenEnds, this.featureStarts, this.#hashes, this.#words];
    for (const list of [...tokens, this.features, this.values, this.unitStarts, this.unitActs])
      list.length = 0;
    Object.assign(this.marks, { bars: 0, braces: 0, quotes: 0, code: 0, lines: 0 });
    this.unitStarts.push(0);
    this.#tokenise();
    this.#endUnit();
    this.featureStarts.push(this.features.length);
  }

  #tokenise(): void {
    const text = this.#text;
    const isJson = looksLikeJson(text);
    let at = 0;
    let words = 0;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      const kind = letterKind(code);
      if (kind === letterKinds.space) at += 1;
      else if (kind === letterKinds.line) {
        this.marks.lines += 1;
        this.#endUnit();
        words = 0;
        at += 1;
      } else if (kind === letterKinds.mark) {
        this.#mark(code, at);
        if (this.#endsUnit(code, at, isJson)) {
          this.#endUnit();
          words = 0;
        }
        at += 1;
        // A ruler of dashes says no more than one dash.
        while (at < text.length && text.charCodeAt(at) === code) at += 1;
      } else {
        at =
          kind === letterKinds.ideograph ? this.#word(at, at + 1) : this.#word(at, this.#wordEnd(at, kind));
        words += 1;
        if (words >= WORDS_PER_UNIT_MAX) {
          this.#endUnit();
          words = 0;
        }
      }
    }
  }

  #wordEnd(start: number, kind: number): number {
    const text = this.#text;
    let end = start + 1;
    while (end < text.length) {
      const code = text.charCodeAt(end);
      const next = letterKind(code);
      const joins =
        next === kind || (kind === letterKinds.letter && isApostrophe(code) && this.#isLetter(end + 1));
      if (!joins) break;
      end += 1;
    }
    return end;
  }

  #isLetter(at: number): boolean {
    return at < this.#text.length && letterKind(this.#text.charCodeAt(at)) === letterKinds.letter;
  }

  #word(start: number, end: number): number {
    const text = this.#text;
    const isNumber = letterKind(text.charCodeAt(start)) === letterKinds.digit;
    let hash = 0x811c9dc5;
    if (isNumber) hash = Math.imul(hash ^ Math.min(end - start, 4), 0x01000193);
    else {
      const last = Math.min(end, start + LETTERS_PER_WORD_MAX);
      for (let at = start; at < last; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
    this.#push(start, end, hash, isNumber ? 2 : 1);
    return end;
  }

  #mark(code: number, at: number): void {
    const { marks } = this;
    if (code === 0x7c) marks.bars += 1;
    else if (code === 0x7b || code === 0x7d) marks.braces += 1;
    else if (code === 0x22 || code === 0x27) marks.quotes += 1;
    else if (code === 0x3d || code === 0x28 || code === 0x60 || code === 0x5f) marks.code += 1;
    this.#push(at, at + 1, Math.imul(code, 0x9e3779b1) ^ 0x51ed270b, 0);
  }

  #push(start: number, end: number, hash: number, word: number): void {
    this.tokenStarts.push(start);
    this.tokenEnds.push(end);
    this.#hashes.push(hash);
    this.#words.push(word);
  }

  #endsUnit(code: number, at: number, isJson: boolean): boolean {
    const next = at + 1 < this.#text.length ? letterKind(this.#text.charCodeAt(at + 1)) : letterKinds.space;
    return endsUnit(code, next !== letterKinds.letter && next !== letterKinds.digit, isJson);
  }

  #endUnit(): void {
    const first = this.unitStarts.at(this.unitStarts.length - 1);
    const last = this.tokenStarts.length;
    if (first === last) return;
    this.#describeUnit(first, last);
    this.unitStarts.push(last);
  }

  /** Features of the tokens of one unit, and what the unit does. */
  #describeUnit(first: number, last: number): void {
    const languages = this.#languagesOf(first, last);
    let bits = 0;
    let [before, previous, words] = [0, BOUNDARY, 0];
    const near = [-1, -1, -1, -1];
    for (let token = first; token < last; token += 1) {
      this.featureStarts.push(this.features.length);
      const hash = this.#hashes.at(token);
      const word = this.#words.at(token);
      if (word === 0) {
        this.#emit(hash, values.marks);
        if (this.#isQuestionMark(token)) bits |= acts.question;
        continue;
      }
      this.#emit(hash, values.words);
      this.#emit(Math.imul(previous, 0x85ebca6b) ^ hash, values.words);
      if (before !== 0) {
        this.#emit(Math.imul(before, 0xc2b2ae35) ^ Math.imul(previous, 0x27d4eb2f) ^ hash, values.words);
      }
      if (word === 1) this.#letters(token);
      const start = this.tokenStarts.at(token);
      const concept = this.#lexicon.conceptAt(this.#text, start, languages, this.#isWordEnd);
      if (concept >= 0) {
        bits |= this.#actOf(concept, words);
        this.#concepts(concept, token, near, words);
      }
      [before, previous] = [previous, hash];
      words += 1;
    }
    this.unitActs.push(bits);
  }

  #actOf(concept: number, words: number): number {
    // An order has its verb at the start, or after a word or two that ask.
    const order = words < 4 && this.#isOrder[concept] ? acts.order : 0;
    const question = words === 0 && concept === this.#question ? acts.question : 0;
    return order | question | (this.#isAddress[concept] ? acts.address : 0);
  }

  /** The concept alone, at the start of its unit, and with those before it in any order. */
  #concepts(concept: number, token: number, near: number[], words: number): void {
    this.#emit(Math.imul(concept + 1, 0x1b873593), values.concepts);
    if (words < 2) this.#emit(Math.imul(concept + 1, 0x38495ab5), values.concepts);
    const [one, oneAt, two, twoAt] = near as [number, number, number, number];
    const isOneNear = one >= 0 && token - oneAt <= CONCEPT_REACH && one !== concept;
    const isTwoNear = two >= 0 && token - twoAt <= CONCEPT_REACH && two !== concept;
    if (isOneNear) this.#emit(pairHash(one, concept), values.concepts);
    if (isTwoNear && two !== one) this.#emit(pairHash(two, concept), values.concepts);
    if (isOneNear && isTwoNear && two !== one) {
      this.#emit(tripleHash(one, two, concept), values.concepts);
    }
    if (one !== concept) {
      near[2] = one;
      near[3] = oneAt;
    }
    near[0] = concept;
    near[1] = token;
  }

  #isQuestionMark(token: number): boolean {
    const code = this.#text.charCodeAt(this.tokenStarts.at(token));
    return code === 0x3f || code === 0xff1f || code === 0x61f;
  }

  /** Runs of three, four and five letters, so that a word's kin and its misspellings count too. */
  #letters(token: number): void {
    const start = this.tokenStarts.at(token);
    const end = Math.min(this.tokenEnds.at(token), start + LETTERS_PER_WORD_MAX);
    if (end - start < 4) return;
    for (let at = start - 1; at <= end - 2; at += 1) {
      let hash = 0x9747b28c;
      const stop = Math.min(at + 5, end + 1);
      for (let next = at; next < stop; next += 1) {
        const code = next < start ? 0x3c : next === end ? 0x3e : this.#text.charCodeAt(next);
        hash = Math.imul(hash ^ code, 0x01000193);
        if (next - at >= 2) this.#emit(hash, values.letters);
      }
    }
  }

  /** The languages a unit may be in, by its function words; all of them when it has none. */
  #languagesOf(first: number, last: number): number {
    const { languageCount, allLanguages } = this.#lexicon;
    const counts = languageCounts;
    counts.fill(0, 0, languageCount);
    let most = 0;
    for (let token = first; token < last; token += 1) {
      if (this.#words.at(token) !== 1) continue;
      const start = this.tokenStarts.at(token);
      const end = this.tokenEnds.at(token);
      if (end - start > 5) continue;
      let found = this.#lexicon.functionWordOf(this.#text, start, end);
      for (let language = 0; found !== 0; language += 1, found >>>= 1) {
        if ((found & 1) === 0) continue;
        counts[language] = (counts[language] as number) + 1;
        most = Math.max(most, counts[language] as number);
      }
    }
    if (most === 0) return allLanguages;
    let languages = 0;
    for (let language = 0; language < languageCount; language += 1) {
      if (counts[language] === most) languages |= 1 << language;
    }
    return languages;
  }

  #emit(hash: number, value: number): void {
    this.features.push(featureOf(hash));
    this.values.push(value);
  }
}

const languageCounts = new Int32Array(32);

function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019;
}
