import { BOUNDARY, LETTERS, letterIndex, pairScores } from './letter-pairs.ts';
import { isBetterLanguage, MEAN_LANGUAGE, pairMean } from './plausibility.ts';
import type { Stretch, Traits } from './traits.ts';
import { Rewrite, type Span, type View } from './view.ts';
import { Words } from './words.ts';

/** A substitution of letters: 13 is ROT13, the others the alphabets of Caesar; the last is its mirror. */
interface Substitution {
  readonly name: string;
  readonly plain: Uint8Array;
}

const ALPHABET = 26;
const substitutions: readonly Substitution[] = [
  ...Array.from({ length: ALPHABET - 1 }, (_, index) => {
    const shift = index + 1;
    return substitutionOf(shift === 13 ? 'rot13' : 'caesar', (letter) => (letter + shift) % ALPHABET);
  }),
  substitutionOf('atbash', (letter) => ALPHABET - 1 - letter),
];

function substitutionOf(name: string, plainOf: (letter: number) => number): Substitution {
  const plain = Uint8Array.from({ length: LETTERS }, (_, letter) =>
    letter === BOUNDARY ? BOUNDARY : plainOf(letter),
  );
  return { name, plain };
}

/** What little evidence is tried with; to try all takes time and finds something by chance. */
const usual = substitutions.filter(({ name }) => name !== 'caesar');
const EVIDENCE_FOR_ALL = 42;
const rot13 = substitutions[12] as Substitution;
const cue = /\brot-?13\b/i;

/** Letters with accents are in no such alphabet and stay what they are. */
const ASCII_END = 128;
const DRIFT = 2;
const DROP = 60;
/** Evidence for a substitution, in the unit of the pair scores: some ten letters. */
const GAIN_MIN = 40;
/** An image or a key, not a text: no spaces, many figures. */
const blob = /^(?=(?:\D*\d){6})[\w+/=\r\n-]{80,}$/;
/** A stretch is looked at in parts of this length, so that the work grows with it and no faster. */
const PART_CHARACTERS = 2000;

/** Scrambled parts of a text read by the substitution that makes language of them, if there is one. */
export function deciphered(view: View, { scrambled }: Traits): View | null {
  if (scrambled.length === 0) return null;
  const words = new Words(view.text);
  const solutions = scrambled.flatMap((stretch) => solutionsOf(view.text, stretch, words));
  if (solutions.length === 0) return turnedWhole(view);
  const rewrite = new Rewrite(view);
  let done = 0;
  for (const { start, end, by } of solutions) {
    if (end <= done) continue;
    const from = Math.max(start, done);
    rewrite.copyUntil(from);
    rewrite.transcribe(from, substituted(view.text.slice(from, end), by));
    done = end;
  }
  rewrite.copyRest();
  return rewrite.view([...new Set(solutions.map(({ by }) => by.name))]);
}

/** Of a short text even ROT13 shows in no part of it; as a whole it still reads better one way. */
const SHORT_CHARACTERS = 400;
const MEAN_GAIN = 2;
const LETTERS_MIN = 8;

function turnedWhole(view: View): View | null {
  const { text } = view;
  if (text.length < LETTERS_MIN || (text.length > SHORT_CHARACTERS && !cue.test(text))) return null;
  const reading = substituted(text, rot13);
  if (pairMean(reading) < Math.max(MEAN_LANGUAGE, pairMean(text) + MEAN_GAIN)) return null;
  const rewrite = new Rewrite(view);
  rewrite.transcribe(0, reading);
  return rewrite.view([rot13.name]);
}

interface Solution extends Span {
  readonly by: Substitution;
}

/** The solutions of a stretch, in the order of the text. */
function solutionsOf(text: string, { start, end, evidence }: Stretch, words: Words): Solution[] {
  if (blob.test(text.slice(start, end))) return [];
  const tried = evidence < EVIDENCE_FOR_ALL ? usual : substitutions;
  const found: Solution[] = [];
  for (let from = start; from < end; from += PART_CHARACTERS) {
    const to = Math.min(end, from + PART_CHARACTERS);
    const solution = solutionOf(text, { start: from, end: to }, words, tried);
    if (solution === null) continue;
    found.push(solution);
    if (solution.end >= to) continue;
    const next = solutionOf(text, { start: solution.end, end: to }, words, tried);
    if (next !== null) found.push(next);
  }
  return found;
}

function solutionOf(text: string, part: Span, words: Words, tried: readonly Substitution[]): Solution | null {
  let best = { gain: 0, span: part };
  let by: Substitution | undefined;
  for (const substitution of tried) {
    const explained = gain(text, part, substitution.plain);
    if (explained.gain > best.gain) [best, by] = [explained, substitution];
  }
  if (by === undefined || best.gain < GAIN_MIN) return null;
  const { plain } = by;
  const { start, end } = words.line(words.around(best.span, (word) => difference(word, plain)));
  const written = text.slice(start, end);
  return isBetterLanguage(substituted(written, by), written) ? { start, end, by } : null;
}

/** The part of a stretch that a substitution explains best, and how much better than it stands. */
function gain(text: string, { start, end }: Span, plain: Uint8Array): { gain: number; span: Span } {
  let best = 0;
  let span = { start, end: start };
  let sum = 0;
  let from = start;
  let peak = 0;
  let before = BOUNDARY;
  let beforeRead = BOUNDARY;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    const letter = letterIndex(code);
    if (letter === BOUNDARY && before === BOUNDARY) continue;
    const read = code < ASCII_END ? (plain[letter] as number) : letter;
    sum += (pairScores[beforeRead * LETTERS + read] as number) - DRIFT;
    sum -= pairScores[before * LETTERS + letter] as number;
    before = letter;
    beforeRead = read;
    if (sum <= 0 || sum < peak - DROP) [sum, peak, from] = [0, 0, at + 1];
    else peak = Math.max(peak, sum);
    if (sum > best) [best, span] = [sum, { start: from, end: at + 1 }];
  }
  return { gain: best, span };
}

/** How much likelier a word is after a substitution. */
function difference(found: string, plain: Uint8Array): number {
  let before = BOUNDARY;
  let beforeRead = BOUNDARY;
  let sum = 0;
  for (let at = 0; at <= found.length; at += 1) {
    const code = at < found.length ? found.charCodeAt(at) : 0;
    const letter = letterIndex(code);
    const read = code < ASCII_END ? (plain[letter] as number) : letter;
    sum += pairScores[beforeRead * LETTERS + read] as number;
    sum -= pairScores[before * LETTERS + letter] as number;
    before = letter;
    beforeRead = read;
  }
  return sum;
}

/** Letters without accents substituted, in their case; everything else as it is. */
function substituted(text: string, { plain }: Substitution): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const code = letter.charCodeAt(0);
    const first = code < 97 ? 65 : 97;
    return String.fromCharCode(first + (plain[code - first] as number));
  });
}
