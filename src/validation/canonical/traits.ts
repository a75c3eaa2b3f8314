import { BOUNDARY, LATIN_END, LETTERS, letterIndex, pairScores } from './letter-pairs.ts';
import type { Span } from './view.ts';

/** What one pass over a text shows of the encodings that may be in it. Signs, not proof. */
export interface Traits {
  /** Runs of letters, digits and `+ / - _` that are too long for most words. */
  readonly runs: readonly Span[];
  /** Longest sequence of words of one letter. */
  readonly loneLetters: number;
  /** Longest sequence of numbers that may be codes of characters. */
  readonly numbers: number;
  /** Words of letters and digits. */
  readonly mixedWords: readonly Span[];
  /** Words that end in "ay", as all of pig Latin does. */
  readonly ayWords: number;
  /** Dots and dashes in the run of nothing but dots, dashes, slashes and spaces that has most. */
  readonly signals: number;
  /** Has characters above the Latin letters. */
  readonly beyondLatin: boolean;
  /** Where letters follow each other as in no language. */
  readonly scrambled: readonly Stretch[];
  /** Where letters follow each other as they would backwards. */
  readonly backward: readonly Stretch[];
}

/** A part of a text, and how much speaks for it, in the unit of the pair scores. */
export interface Stretch extends Span {
  readonly evidence: number;
}

const DIGIT = 1;
const JOINER = 2;
const SIGNAL = 4;
const GAP = 8;
const LETTER = 16;

/** What each ASCII character may be part of. */
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z]/.test(character)) return LETTER;
  if (/\d/.test(character)) return DIGIT;
  if (character === '-' || character === '_') return JOINER | SIGNAL;
  if (character === '/') return JOINER | GAP;
  if (character === '+') return JOINER;
  if (character === '.') return SIGNAL;
  return character === ' ' || character === '\n' || character === '\r' || character === '|' ? GAP : 0;
});
/** What a pair of letters costs an honest text, and what ends a stretch that has been dishonest. */
const DRIFT = 2;
const DROP = 45;
/** The evidence from which on a stretch is looked at. In a short text little has to do. */
const LEAST = { scrambled: 50, backward: 54 };
const LEAST_IN_SHORT = { scrambled: 24, backward: 32 };
const SHORT_CHARACTERS = 400;
const RUN_MIN = 16;

const scrambledEvidence = Int16Array.from(pairScores, (score) => -score - DRIFT);
const backwardEvidence = Int16Array.from(pairScores, (score, pair) => {
  const turned = (pair % LETTERS) * LETTERS + Math.floor(pair / LETTERS);
  return (pairScores[turned] as number) - score - DRIFT;
});

/** The traits of a text, in one pass over its words and one over its pairs of letters. */
export function traitsOf(text: string): Traits {
  return Object.assign(tallyOf(text), stretchesOf(text));
}

/**
 * Stretches of a text whose pairs of letters are better explained by another reading: where the sum of
 * the evidence since it was last zero is high (the CUSUM procedure; Page, Biometrika 41, 1954). Both
 * sums in one loop, since every text pays for it.
 */
function stretchesOf(text: string): Pick<Traits, 'scrambled' | 'backward'> {
  const least = text.length < SHORT_CHARACTERS ? LEAST_IN_SHORT : LEAST;
  const scrambled: Stretch[] = [];
  const backward: Stretch[] = [];
  let before = BOUNDARY;
  let [sum, peak, start, end] = [0, 0, 0, 0];
  let [turnedSum, turnedPeak, turnedStart, turnedEnd] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const letter = letterIndex(text.charCodeAt(at));
    const pair = before * LETTERS + letter;
    before = letter;
    sum += scrambledEvidence[pair] as number;
    if (sum > peak) {
      peak = sum;
      end = at + 1;
    } else if (sum <= 0 || sum < peak - DROP) {
      if (peak >= least.scrambled) scrambled.push({ start, end, evidence: peak });
      sum = 0;
      peak = 0;
      start = at;
    }
    turnedSum += backwardEvidence[pair] as number;
    if (turnedSum > turnedPeak) {
      turnedPeak = turnedSum;
      turnedEnd = at + 1;
    } else if (turnedSum <= 0 || turnedSum < turnedPeak - DROP) {
      if (turnedPeak >= least.backward) {
        backward.push({ start: turnedStart, end: turnedEnd, evidence: turnedPeak });
      }
      turnedSum = 0;
      turnedPeak = 0;
      turnedStart = at;
    }
  }
  if (peak >= least.scrambled) scrambled.push({ start, end, evidence: peak });
  if (turnedPeak >= least.backward) {
    backward.push({ start: turnedStart, end: turnedEnd, evidence: turnedPeak });
  }
  return { scrambled, backward };
}

type Tally = Omit<Traits, 'scrambled' | 'backward'>;

/** Counts words and runs. */
function tallyOf(text: string): Tally {
  const runs: Span[] = [];
  const mixedWords: Span[] = [];
  const most = { lone: 0, numbers: 0, signals: 0 };
  let [lone, numbers, signals, ayWords] = [0, 0, 0, 0];
  let beyondLatin = false;
  let [runStart, wordStart, wordKinds] = [0, 0, 0];
  // One step further than the text, where its last word and run end.
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : 0;
    const kind = code < 128 ? (kinds[code] as number) : kindBeyond(code);
    if ((kind & (LETTER | DIGIT)) !== 0) {
      if (wordKinds === 0) wordStart = at;
      wordKinds |= kind;
      continue;
    }
    if (wordKinds !== 0) {
      const length = at - wordStart;
      signals = 0;
      numbers = wordKinds === DIGIT && (length === 2 || length === 3 || length >= 7) ? numbers + 1 : 0;
      if (numbers > most.numbers) most.numbers = numbers;
      if (length > 1) lone = 0;
      else if (wordKinds === LETTER && ++lone > most.lone) most.lone = lone;
      if (wordKinds === (LETTER | DIGIT)) mixedWords.push({ start: wordStart, end: at });
      else if (length > 3 && endsInAy(text, at)) ayWords += 1;
      wordKinds = 0;
    }
    if ((kind & JOINER) === 0) {
      if (at - runStart >= RUN_MIN) runs.push({ start: runStart, end: at });
      runStart = at + 1;
    }
    if ((kind & SIGNAL) !== 0) {
      signals += 1;
      if (signals > most.signals) most.signals = signals;
    } else if ((kind & GAP) === 0) signals = 0;
    if (code >= LATIN_END) beyondLatin = true;
  }
  return {
    runs,
    mixedWords,
    ayWords,
    beyondLatin,
    loneLetters: most.lone,
    numbers: most.numbers,
    signals: most.signals,
  };
}

const isSignal = (code: number): boolean =>
  code === 0xb7 ||
  (code >= 0x2010 && code <= 0x2015) ||
  code === 0x2022 ||
  code === 0x2212 ||
  code === 0x2219;

/** Middle dots, bullets, dashes and the minus sign are what Morse is written with too. */
function kindBeyond(code: number): number {
  if (letterIndex(code) !== BOUNDARY) return LETTER;
  return isSignal(code) ? SIGNAL : 0;
}

function endsInAy(text: string, end: number): boolean {
  return (text.charCodeAt(end - 1) | 32) === 121 && (text.charCodeAt(end - 2) | 32) === 97;
}
