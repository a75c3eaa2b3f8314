import { isCommonWord } from './common-words.ts';
import { folded } from './folding.ts';
import { BOUNDARY, LETTERS, letterIndex, pairScores } from './letter-pairs.ts';

const latinLetter = /[A-Za-z]/g;
const latinWord = /[a-z]+/g;

/** Text of which all is looked at; of a longer one the beginning tells. */
const SAMPLE_CHARACTERS = 4096;
/** Mean score of a pair of letters: honest text has 3 to 8, letters at random -8. */
export const MEAN_LANGUAGE = 1;
const MEAN_CERTAIN = 3;
/** A text of this mean and length is language though not a word of it is known. */
const MEAN_WITHOUT_WORDS = 4;
const LETTERS_WITHOUT_WORDS = 30;
/** How much better the pairs of letters of a reading are, when neither has a word that is known. */
const MEAN_BETTER = 4;
/** Words of a text that has to have a common one among them. */
const WORDS_PER_COMMON = 9;
const COMMON_LETTERS_MIN = 3;

/** The mean score of the pairs of letters of a text, word boundaries included. */
export function pairMean(text: string): number {
  let before = BOUNDARY;
  let sum = 0;
  let pairs = 0;
  const end = Math.min(text.length, SAMPLE_CHARACTERS);
  for (let at = 0; at <= end; at += 1) {
    const letter = at < end ? letterIndex(text.charCodeAt(at)) : BOUNDARY;
    if (letter === BOUNDARY && before === BOUNDARY) continue;
    sum += pairScores[before * LETTERS + letter] as number;
    pairs += 1;
    before = letter;
  }
  return pairs === 0 ? 0 : sum / pairs;
}

/** Whether a decoded text reads as language: by its pairs of letters and by common words. */
export function isLanguage(text: string): boolean {
  const mean = pairMean(text);
  if (mean < MEAN_LANGUAGE) return false;
  if (mean >= MEAN_WITHOUT_WORDS && isVaried(text)) return true;
  const { common, letters, words } = commonWords(text);
  if (letters < 4 || common * WORDS_PER_COMMON < words) return false;
  return mean >= MEAN_CERTAIN || common >= 2 || letters >= 6;
}

function isVaried(text: string): boolean {
  const letters = text.slice(0, SAMPLE_CHARACTERS).match(latinLetter) ?? [];
  return letters.length >= LETTERS_WITHOUT_WORDS && new Set(letters).size >= LETTERS_WITHOUT_WORDS / 3;
}

/** Whether a reading is language and the text as it stands is not, as far as common words tell. */
export function isBetterLanguage(reading: string, text: string): boolean {
  if (!isLanguage(reading)) return false;
  const [known, knownBefore] = [commonWords(reading).letters, commonWords(text).letters];
  return known > 2 * knownBefore || (knownBefore === 0 && pairMean(reading) >= pairMean(text) + MEAN_BETTER);
}

/** Whether a decoded word or name may be language, where the form already says that it was encoded. */
export function isWordlike(text: string): boolean {
  return pairMean(text) >= MEAN_LANGUAGE;
}

/** Whether a common word is among the words: the cheapest look at a reading. */
export function hasCommonWord(text: string): boolean {
  return commonWords(text).common > 0;
}

/** Common words of a text, and their letters; shorter words are words in too many languages. */
function commonWords(text: string): { common: number; letters: number; words: number } {
  const words = folded(text.slice(0, SAMPLE_CHARACTERS)).match(latinWord) ?? [];
  let common = 0;
  let letters = 0;
  for (const word of words) {
    if (word.length < COMMON_LETTERS_MIN || !isCommonWord(word)) continue;
    common += 1;
    letters += word.length;
  }
  return { common, letters, words: words.length };
}
