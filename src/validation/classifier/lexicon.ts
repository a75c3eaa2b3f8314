import { folded } from '../canonical/folding.ts';

/** The words of one language: what they mean to the classifier, whatever the language. */
export interface LexiconLanguage {
  readonly language: string;
  /** Function words by which a sentence in this language is told from one in another; none for a script of its own. */
  readonly functionWords: readonly string[];
  /** A concept's words; a trailing `*` stands for any ending, a space for any white space. */
  readonly concepts: Readonly<Record<string, readonly string[]>>;
}

const SPACE = 32;
const FUNCTION_WORD = -1;

/** Half a million slots for some thirty thousand letters: most look-ups end at the first slot. */
const SLOT_BITS = 17;

interface Meaning {
  readonly languages: number;
  readonly concept: number;
}

/**
 * Words of many languages as one tree of letters. The same concept in Turkish and in English is the
 * same feature, so that what was learned from one language holds in the others.
 */
export class Lexicon {
  readonly conceptCount: number;
  readonly #concepts: readonly string[];
  readonly #keys = new Float64Array(1 << SLOT_BITS).fill(-1);
  readonly #children = new Int32Array(1 << SLOT_BITS);
  /** Meanings of a node, that of the first language first; empty where no word ends. */
  readonly #meanings: Meaning[][] = [[]];
  readonly #endings: boolean[] = [false];
  readonly allLanguages: number;
  readonly languageCount: number;

  constructor(languages: readonly LexiconLanguage[]) {
    this.#concepts = [...new Set(languages.flatMap(({ concepts }) => Object.keys(concepts)))].sort();
    this.conceptCount = this.#concepts.length;
    this.languageCount = languages.length;
    this.allLanguages = 2 ** languages.length - 1;
    for (const [index, { functionWords, concepts }] of languages.entries()) {
      for (const word of functionWords) this.#add(word, { languages: 1 << index, concept: FUNCTION_WORD });
      for (const [concept, words] of Object.entries(concepts)) {
        const meaning = { languages: 1 << index, concept: this.#concepts.indexOf(concept) };
        for (const word of words) this.#add(word, meaning);
      }
    }
  }

  /** @returns the number of a concept; -1 for none of that name */
  conceptOf(name: string): number {
    return this.#concepts.indexOf(name);
  }

  /** The languages that have the word from `start` to `end` for a function word, as a bit set. */
  functionWordOf(text: string, start: number, end: number): number {
    let node = 0;
    for (let at = start; at < end; at += 1) {
      node = this.#child(node, text.charCodeAt(at));
      if (node < 0) return 0;
    }
    let languages = 0;
    for (const meaning of this.#meanings[node] as Meaning[]) {
      if (meaning.concept === FUNCTION_WORD) languages |= meaning.languages;
    }
    return languages;
  }

  /**
   * The concept of the longest entry that starts at `start`.
   * @param isWordEnd whether a word may end before this offset
   * @returns the concept's number, or -1
   */
  conceptAt(text: string, start: number, languages: number, isWordEnd: (at: number) => boolean): number {
    let node = 0;
    let found = -1;
    for (let at = start; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const isSpace = code === SPACE || code === 10 || code === 9 || code === 13;
      if (isSpace && at > start && isWhite(text.charCodeAt(at - 1))) continue;
      node = this.#child(node, isSpace ? SPACE : code);
      if (node < 0) return found;
      for (const { languages: of, concept } of this.#meanings[node] as Meaning[]) {
        if (concept < 0 || (of & languages) === 0) continue;
        if (!this.#endings[node] && !isWordEnd(at + 1)) continue;
        found = concept;
        break;
      }
    }
    return found;
  }

  #add(entry: string, meaning: Meaning): void {
    const text = folded(entry.trim());
    const isStem = text.endsWith('*');
    let node = 0;
    for (const letter of isStem ? text.slice(0, -1) : text) {
      for (let unit = 0; unit < letter.length; unit += 1) node = this.#grow(node, letter.charCodeAt(unit));
    }
    if (isStem) this.#endings[node] = true;
    (this.#meanings[node] as Meaning[]).push(meaning);
  }

  #grow(node: number, code: number): number {
    const known = this.#child(node, code);
    if (known >= 0) return known;
    const made = this.#meanings.length;
    this.#meanings.push([]);
    this.#endings.push(false);
    const key = node * 65_536 + code;
    let slot = slotOf(node, code);
    while (this.#keys[slot] !== -1) slot = (slot + 1) & ((1 << SLOT_BITS) - 1);
    this.#keys[slot] = key;
    this.#children[slot] = made;
    return made;
  }

  #child(node: number, code: number): number {
    const key = node * 65_536 + code;
    let slot = slotOf(node, code);
    for (;;) {
      const there = this.#keys[slot];
      if (there === key) return this.#children[slot] as number;
      if (there === -1) return -1;
      slot = (slot + 1) & ((1 << SLOT_BITS) - 1);
    }
  }
}

function slotOf(node: number, code: number): number {
  return (Math.imul(Math.imul(node, 0x9e3779b1) ^ code, 0x85ebca6b) >>> (32 - SLOT_BITS)) | 0;
}

function isWhite(code: number): boolean {
  return code === SPACE || (code >= 9 && code <= 13);
}
