/** Scripts that set no spaces between words: about two characters make one. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;
const word = /\p{L}[\p{L}\p{M}\p{N}'’]*/gu;

/** The words of a text in lower case; numbers are none. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(word) ?? [];
}

/** How many words a text has, in any script. */
export function wordCount(text: string): number {
  const ideographs = text.match(unspaced)?.length ?? 0;
  if (ideographs === 0) return text.match(word)?.length ?? 0;
  return (text.replace(unspaced, ' ').match(word)?.length ?? 0) + Math.ceil(ideographs / 2);
}

/** A phrase that says something, rather than a label, a code or a number. */
export function isPhrase(text: string, wordsMin: number): boolean {
  return text.length >= 2 * wordsMin && wordCount(text) >= wordsMin;
}
