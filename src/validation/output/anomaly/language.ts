import { languageWords } from './language-words.ts';

/** Scripts that say a language, or a family of them, by themselves. */
const scripts: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['ja', /[\u3040-\u30ff]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['devanagari', /\p{Script=Devanagari}/gu],
];

const languagesOf = new Map<string, string[]>();
for (const [language, words] of Object.entries(languageWords))
  for (const word of words.split(' ')) languagesOf.set(word, [...(languagesOf.get(word) ?? []), language]);

/** The beginning tells the language as well as the whole. */
const READ_CHARACTERS = 4_000;
const LETTERS_MIN = 40;
const FOREIGN_SHARE_MIN = 0.2;
const WORDS_MIN = 4;
/** How far the likeliest must be ahead of the next. */
const LEAD = 1.4;

/** The language of a text, or its script; null where it is too short or too mixed to tell. */
export function languageOf(text: string): string | null {
  const read = text.slice(0, READ_CHARACTERS);
  // eslint-disable-next-line no-control-regex -- the whole range is meant
  const foreign = /[^\u0000-\u036f\u2000-\u2bff]/.test(read) ? scriptOf(read) : null;
  if (foreign !== null) return foreign;
  const words = read.toLowerCase().match(/\p{L}+/gu) ?? [];
  if (words.reduce((sum, word) => sum + word.length, 0) < LETTERS_MIN) return null;
  const hits = new Map<string, number>();
  for (const word of words)
    for (const language of languagesOf.get(word) ?? []) hits.set(language, (hits.get(language) ?? 0) + 1);
  const [first, second] = [...hits].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  if (first === undefined || first[1] < WORDS_MIN) return null;
  return first[1] >= LEAD * (second?.[1] ?? 0) ? first[0] : null;
}

function scriptOf(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const found = scripts.find(([, pattern]) => {
    const count = text.match(pattern)?.length ?? 0;
    return count >= LETTERS_MIN / 4 && count / letters >= FOREIGN_SHARE_MIN;
  });
  return found?.[0] ?? null;
}
