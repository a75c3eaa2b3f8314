import { BOUNDARY, LETTERS, letterIndex, pairScores } from './letter-pairs.ts';
import { hasCommonWord, isBetterLanguage } from './plausibility.ts';
import type { Traits } from './traits.ts';
import { Rewrite, type View } from './view.ts';
import { Words } from './words.ts';

const gapOrWord = /\s+|\S+/g;
const marksAndLetters = /\P{M}\p{M}*|\p{M}+/gu;
/** So that the words that a stretch cuts are whole. */
const BESIDE = 12;
/** Signs that open something when they stand at the end, and close it when at the beginning. */
const mirrored: Readonly<Record<string, string>> = {
  '(': ')',
  ')': '(',
  '[': ']',
  ']': '[',
  '{': '}',
  '}': '{',
};

/**
 * Parts of a text whose letters run backwards, turned round: as a whole, and word by word, since both
 * are in use and either may be meant.
 */
export function turned(view: View, { backward }: Traits): View[] {
  if (backward.length === 0) return [];
  const words = new Words(view.text);
  const stretches = backward
    .filter(({ start, end }) =>
      hasCommonWord(reversed(view.text.slice(Math.max(0, start - BESIDE), end + BESIDE))),
    )
    .map((stretch) => words.line(words.around(stretch, worth)))
    .filter(({ start, end }) => {
      const written = view.text.slice(start, end);
      return isBetterLanguage(reversed(written), written);
    });
  if (stretches.length === 0) return [];
  const whole = new Rewrite(view);
  const wordwise = new Rewrite(view);
  let done = 0;
  for (const { start, end } of stretches) {
    if (start < done) continue;
    whole.copyUntil(start);
    wordwise.copyUntil(start);
    const parts = [...view.text.slice(start, end).matchAll(gapOrWord)].map(({ 0: text, index }) => {
      return { from: start + index, to: start + index + text.length, text: reversed(text) };
    });
    for (const { from, to, text } of parts.toReversed()) whole.replace(from, to, text);
    for (const { from, to, text } of parts) wordwise.replace(from, to, text);
    done = end;
  }
  whole.copyRest();
  wordwise.copyRest();
  return [whole.view(['reversed']), wordwise.view(['reversed-words'])];
}

function reversed(text: string): string {
  const characters = text.match(marksAndLetters) ?? [];
  return characters
    .toReversed()
    .map((one) => mirrored[one] ?? one)
    .join('');
}

/** How much likelier a word is backwards; a sign alone goes with its neighbours. */
function worth(text: string): number {
  let before = BOUNDARY;
  let sum = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const letter = at < text.length ? letterIndex(text.charCodeAt(at)) : BOUNDARY;
    sum += pairScores[letter * LETTERS + before] as number;
    sum -= pairScores[before * LETTERS + letter] as number;
    before = letter;
  }
  return sum === 0 ? 1 : sum;
}
