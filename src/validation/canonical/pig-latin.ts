import { isCommonWord } from './common-words.ts';
import { folded } from './folding.ts';
import { isLanguage, pairMean } from './plausibility.ts';
import type { Traits } from './traits.ts';
import { Rewrite, type View } from './view.ts';

const WORDS_MIN = 4;
const word = /(?<![A-Za-z])[A-Za-z]{3,24}(?![A-Za-z])/g;
const moved = /^([a-z]*?)([bcdfghjklmnpqrstvwxyz]*)ay$/i;

/** Words with their first sounds moved behind ("eviouspray") moved back, where most words are so. */
export function withoutPigLatin(view: View, { ayWords }: Traits): View | null {
  if (ayWords < WORDS_MIN) return null;
  const words = [...view.text.matchAll(word)].map(({ 0: text, index }) => ({
    text,
    index,
    plain: plainWord(text),
  }));
  const changed = words.filter(({ text, plain }) => plain !== text);
  if (changed.length * 3 < words.length || !isLanguage(changed.map(({ plain }) => plain).join(' ')))
    return null;
  const rewrite = new Rewrite(view);
  for (const { text, index, plain } of changed) {
    rewrite.copyUntil(index);
    rewrite.replace(index, index + text.length, plain);
    rewrite.skipUntil(index + text.length);
  }
  rewrite.copyRest();
  return rewrite.view(['pig-latin']);
}

function plainWord(text: string): string {
  const [, rest, sounds] = moved.exec(text) ?? [];
  if (rest === undefined || sounds === undefined || sounds === '' || rest === '') return text;
  const candidates = Array.from(sounds, (_, at) => sounds.slice(at) + rest + sounds.slice(0, at));
  // A word that began with a vowel took a "w" or "y" of its own.
  if (/[wy]$/i.test(sounds)) candidates.push(rest + sounds.slice(0, -1));
  const scored = candidates.map((plain) => {
    const lower = folded(plain);
    return { plain: lower, score: pairMean(lower) + (isCommonWord(lower) ? 20 : 0) };
  });
  return scored.reduce((one, other) => (other.score > one.score ? other : one)).plain;
}
