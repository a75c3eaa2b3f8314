/** What the classifier takes a UTF-16 unit for. */
export const letterKinds = { space: 0, letter: 1, digit: 2, mark: 3, ideograph: 4, line: 5 } as const;

const { space, letter, digit, mark, ideograph, line } = letterKinds;

/** Scripts that write no spaces between words: each letter is a word of its own. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}]/u;

const kinds = new Uint8Array(65_536).map((_, code) => kindOf(code));

/** The kind of a UTF-16 unit, as in {@link letterKinds}. */
export function letterKind(code: number): number {
  return kinds[code] as number;
}

function kindOf(code: number): number {
  if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) return line;
  if (code >= 0xd800 && code <= 0xdfff) return mark;
  const text = String.fromCharCode(code);
  if (/\s/.test(text)) return space;
  if (/\p{Nd}/u.test(text)) return digit;
  if (unspaced.test(text)) return /[\p{L}\p{M}]/u.test(text) ? ideograph : mark;
  return /[\p{L}\p{M}]/u.test(text) ? letter : mark;
}
