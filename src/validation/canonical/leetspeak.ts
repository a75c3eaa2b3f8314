import { isCommonWord } from './common-words.ts';
import { folded } from './folding.ts';
import { pairMean } from './plausibility.ts';
import type { Traits } from './traits.ts';
import { Rewrite, type View } from './view.ts';

const word = /[\p{L}\d@$!|€]+/gu;
const sign = /[\d@$!|€]/;
const figure = /\d/;
const letter = /\p{L}/u;
const onlyCapitals = /^[^\p{Ll}]*\p{Lu}[^\p{Ll}]*$/u;
/** Ordinals, units, versions, numbered things and identifiers: figures in front or behind, or many of both. */
const ordinary = /^(?:[\d$€@!|]+[a-z]{1,3}|[a-z]+[\d$€@!|]+[a-z]{0,2})$/i;

const ordinal = /^\d+(?:st|nd|rd|th)$/i;

/** The letters that a sign is put for, the likeliest first. */
const readings: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'il',
  '2': 'z',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'gb',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'li',
  '€': 'e',
};
const READINGS_MAX = 16;
/** Mean score of pairs of letters from which on a word is believed; single words vary widely. */
const MEAN_WORD = 1;
const WORD_LETTERS = 4;
const WORD_CHARACTERS_USUAL = 18;
const WORD_CHARACTERS_MAX = 40;

interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What a reader makes of it; the text itself where there is nothing to make of it. */
  readonly plain: string;
  readonly points: number;
}

/** Figures and signs in the place of letters read as letters: where several words do so. */
export function withoutLeetspeak(view: View, { mixedWords }: Traits): View | null {
  if (!isLikely(view.text, mixedWords)) return null;
  const tokens = [...view.text.matchAll(word)].map(({ 0: text, index }) => tokenOf(text, index));
  const rewrite = new Rewrite(view);
  let done = 0;
  for (const [first, last] of stretches(tokens)) {
    for (const { start, end, text, plain } of tokens.slice(first, last + 1)) {
      if (plain === text || start < done) continue;
      done = end;
      rewrite.copyUntil(start);
      if (plain.length === text.length) rewrite.transcribe(start, plain);
      else rewrite.replace(start, end, plain);
    }
  }
  if (done === 0) return null;
  rewrite.copyRest();
  return rewrite.view(['leetspeak']);
}

/** Whether the words of letters and digits alone would make a stretch: without them there is none. */
function isLikely(text: string, mixedWords: Traits['mixedWords']): boolean {
  let points = 0;
  for (const { start, end } of mixedWords) {
    if (end - start > WORD_CHARACTERS_USUAL) continue;
    const found = text.slice(start, end);
    // An identifier is seldom a word; three that might be are looked at again.
    points += ordinary.test(found) && end - start > 6 ? 0 : pointsOf(found, likeliest(found));
    if (points > 1) return true;
  }
  return false;
}

function tokenOf(text: string, start: number): Token {
  const token = { start, end: start + text.length, text };
  if (!sign.test(text)) return { ...token, plain: text, points: 0 };
  if (text.length > WORD_CHARACTERS_MAX) return { ...token, plain: text, points: 0 };
  const plain = likeliest(text);
  if (letter.test(text)) return { ...token, plain, points: pointsOf(text, plain) };
  // Whole words of figures: "537" for "set", beside words that leave no doubt.
  const isWord = isCommonWord(plain) || (text.length > 1 && text.length < 5);
  return { ...token, plain: isWord ? plain : text, points: 0 };
}

/** 2 for a word that is known, 1 for one that may be, 0 for a number or a name of something. */
function pointsOf(text: string, plain: string): number {
  const known = folded(plain).replace(/[^a-z]/g, '');
  if (ordinal.test(text)) return 0;
  if (known.length >= WORD_LETTERS && isCommonWord(known)) return 2;
  if (!figure.test(text) || ordinary.test(text) || known.length < 3)
    return isCommonWord(known) && known.length === 3 ? 1 : 0;
  return pairMean(plain) >= MEAN_WORD ? 1 : 0;
}

function likeliest(text: string): string {
  // An exclamation mark behind a word is one.
  const tail = /[!|]+$/.exec(text)?.[0] ?? '';
  const body = tail === text ? '' : text.slice(0, text.length - tail.length);
  let candidates = [''];
  for (const character of body) {
    const options = Array.from(readings[character] ?? character);
    if (options.length > 1 && candidates.length * options.length <= READINGS_MAX) {
      candidates = candidates.flatMap((start) => options.map((option) => start + option));
    } else candidates = candidates.map((start) => start + (options[0] ?? ''));
  }
  let best = candidates[0] ?? '';
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const score = pairMean(candidate) + (isCommonWord(folded(candidate)) ? 10 : 0);
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return (onlyCapitals.test(body) ? best.toUpperCase() : best) + tail;
}

/** Words, and words without a sign, between two that score, before a stretch ends. */
const WORDS_BETWEEN = 16;
const PLAIN_WORDS_BETWEEN = 6;
const WORDS_BESIDE = 5;
const POINTS_MIN = 3;

/** First and last word of each part of the text that is written so. */
function stretches(tokens: readonly Token[]): [first: number, last: number][] {
  const found: { first: number; last: number; points: number; best: number }[] = [];
  for (const [index, { points }] of tokens.entries()) {
    if (points === 0) continue;
    const open = found.at(-1);
    if (open !== undefined && isNear(tokens, open.last, index)) {
      open.last = index;
      open.points += points;
      open.best = Math.max(open.best, points);
    } else found.push({ first: index, last: index, points, best: points });
  }
  return found
    .filter(({ points, best }) => best > 1 || points >= POINTS_MIN)
    .map(({ first, last }) => around(tokens, first, last));
}

function isNear(tokens: readonly Token[], last: number, index: number): boolean {
  if (index - last > WORDS_BETWEEN) return false;
  return tokens.slice(last + 1, index).filter(({ text }) => !sign.test(text)).length <= PLAIN_WORDS_BETWEEN;
}

/** Words with signs close to a stretch belong to it: "70 b3 4bl3" begins with "to". */
function around(tokens: readonly Token[], first: number, last: number): [number, number] {
  const before = Math.max(0, first - WORDS_BESIDE);
  const earlier = tokens.slice(before, first).findIndex(({ text }) => sign.test(text));
  const later = tokens.slice(last + 1, last + 1 + WORDS_BESIDE).findLastIndex(({ text }) => sign.test(text));
  return [earlier === -1 ? first : before + earlier, last + 1 + later];
}
