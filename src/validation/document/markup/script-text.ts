import { isPhrase } from './prose.ts';

/** Scripts are full of names and codes; four words make a sentence. */
const WORDS = 4;
const closings: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '/*': '*/',
  '//': '\n',
  '<!--': '\n',
};
const opening = /["'`]|\/\*|\/\/|<!--/g;

/** The sentences in a script: in its strings and comments. One pass, whatever is left unclosed. */
export function scriptSentences(source: string): string[] {
  const sentences: string[] = [];
  opening.lastIndex = 0;
  for (let match = opening.exec(source); match !== null; match = opening.exec(source)) {
    const start = match.index + match[0].length;
    const end = closingOf(source, start, closings[match[0]] ?? '\n', match[0].length === 1);
    const text = source.slice(start, end);
    if (isPhrase(text, WORDS)) sentences.push(text.trim());
    opening.lastIndex = end + 1;
  }
  return sentences;
}

function closingOf(source: string, start: number, closing: string, isString: boolean): number {
  if (!isString) {
    const end = source.indexOf(closing, start);
    return end === -1 ? source.length : end + closing.length - 1;
  }
  for (let at = start; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === closing || (source[at] === '\n' && closing !== '`')) return at;
  }
  return source.length;
}
