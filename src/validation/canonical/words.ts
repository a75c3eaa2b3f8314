import type { Span } from './view.ts';

/** A longer one is taken in parts: what has no spaces for so long is no word. */
const word = /\S{1,64}/g;
/** A longer line is a paragraph, which need not be of one kind. */
const LINE_CHARACTERS_MAX = 2000;
const sentenceEnd = /[.:;!?,]$/;
const WORDS_LEFT_OVER = 2;

const WORDS_BESIDE = 40;
/** What may be lost on a word that reads no better before a better one comes. */
const LOSS = 40;

/** Where the words of a text are: whatever stands between spaces. */
export class Words {
  readonly #text: string;
  #spans: Span[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * A span with the words that it cuts, and as many of those beside it, in its line, as raise the sum
   * of what they are worth.
   */
  around(span: Span, worth: (text: string) => number): Span {
    const first = this.#lower(span.start);
    const last = Math.max(first, this.#lower(span.end - 1));
    const { start } = this.#at(this.#reach(first, -1, worth)) ?? span;
    const { end } = this.#at(this.#reach(last, 1, worth)) ?? span;
    return { start, end };
  }

  /** The line of a span that is a good part of it: what reads no worse either way goes with it. */
  line(span: Span): Span {
    const start = span.start === 0 ? 0 : this.#text.lastIndexOf('\n', span.start - 1) + 1;
    const lineBreak = this.#text.indexOf('\n', span.end);
    const end = lineBreak === -1 ? this.#text.length : lineBreak;
    if (end - start > LINE_CHARACTERS_MAX) return span;
    return (span.end - span.start) * 5 < (end - start) * 2 ? span : { start, end };
  }

  #reach(from: number, step: 1 | -1, worth: (text: string) => number): number {
    let sum = 0;
    let best = 0;
    let reached = from;
    for (
      let index = from + step;
      Math.abs(index - from) <= WORDS_BESIDE && sum > best - LOSS;
      index += step
    ) {
      const one = this.#at(index);
      if (one === undefined || this.#isLineBetween(index, index - step)) break;
      sum += worth(this.#text.slice(one.start, one.end));
      if (sum > best) [best, reached] = [sum, index];
    }
    return this.#toSentenceEnd(reached, step);
  }

  /** A word or two more, when a sentence begins or ends with them: the shortest words tell nothing. */
  #toSentenceEnd(from: number, step: 1 | -1): number {
    for (let index = from; Math.abs(index - from) <= WORDS_LEFT_OVER; index += step) {
      const inner = this.#at(step === 1 ? index : index - 1);
      if (inner === undefined) return step === 1 ? index - 1 : index;
      if (this.#isLineBetween(index, index + step)) return index;
      if (sentenceEnd.test(this.#text.slice(inner.start, inner.end))) return index;
    }
    return from;
  }

  #isLineBetween(one: number, other: number): boolean {
    const before = this.#at(Math.min(one, other));
    const after = this.#at(Math.max(one, other));
    return this.#text.slice(before?.end, after?.start).includes('\n');
  }

  #at(index: number): Span | undefined {
    return this.#all()[index];
  }

  #all(): Span[] {
    this.#spans ??= Array.from(this.#text.matchAll(word), ({ 0: { length }, index }) => ({
      start: index,
      end: index + length,
    }));
    return this.#spans;
  }

  /** The first word that ends behind an offset. */
  #lower(offset: number): number {
    const all = this.#all();
    let low = 0;
    let high = all.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle] as Span).end > offset) high = middle;
      else low = middle + 1;
    }
    return Math.max(0, low);
  }
}
