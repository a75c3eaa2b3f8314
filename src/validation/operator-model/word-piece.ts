/** What of a tokenizer.json decides how a text is cut. */
export interface WordPieceRules {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unknown: number;
  /** Stands before every piece of a word but the first. */
  readonly continuing: string;
  /** A longer word is unknown as a whole, in code points. */
  readonly wordMax: number;
  readonly cleansText: boolean;
  readonly splitsChinese: boolean;
  readonly stripsAccents: boolean;
  readonly lowercases: boolean;
  /** Ids of the special tokens around every window. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** A token with the place of its word in the text: UTF-16 offsets, end exclusive. */
export interface Token {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

interface Word {
  letters: string[];
  start: number;
  end: number;
}

const whitespace = /\p{White_Space}/u;
const control = /[\p{C}\u{FFFD}]/u;
const punctuation = /[\p{P}$+<=>^`|~]/u;
const chinese =
  /[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{F900}-\u{FAFF}\u{2F800}-\u{2FA1F}]/u;

/**
 * The tokens of a text, as BERT's cutting of words and WordPiece make them. A special token that is
 * written out in a text stays text: nobody outside is to end a window by naming its end.
 */
export function tokenise(text: string, rules: WordPieceRules): Token[] {
  return wordsOf(text, rules).flatMap((word) => piecesOf(word, rules));
}

function wordsOf(text: string, rules: WordPieceRules): Word[] {
  const words: Word[] = [];
  let open: Word | null = null;
  let start = 0;
  for (const letter of text) {
    const end = start + letter.length;
    if (rules.cleansText && control.test(letter) && !/[\t\n\r]/.test(letter)) {
      start = end;
      continue;
    }
    const alone = rules.splitsChinese && chinese.test(letter);
    for (const unit of normalised(letter, rules)) {
      if (whitespace.test(unit)) open = null;
      else if (alone || punctuation.test(unit)) {
        words.push({ letters: [unit], start, end });
        open = null;
      } else if (open === null) {
        open = { letters: [unit], start, end };
        words.push(open);
      } else {
        open.letters.push(unit);
        open.end = end;
      }
    }
    start = end;
  }
  return words;
}

/** Letter by letter, as the original does: no letter's case depends on its neighbours. */
function normalised(letter: string, { stripsAccents, lowercases }: WordPieceRules): string {
  const bare = stripsAccents ? letter.normalize('NFD').replaceAll(/\p{Mn}/gu, '') : letter;
  return lowercases ? bare.toLowerCase() : bare;
}

/** The longest piece that the vocabulary has, again and again; a rest without one makes the word unknown. */
function piecesOf({ letters, start, end }: Word, rules: WordPieceRules): Token[] {
  const unknown = [{ id: rules.unknown, start, end }];
  if (letters.length > rules.wordMax) return unknown;
  const tokens: Token[] = [];
  let from = 0;
  while (from < letters.length) {
    let to = letters.length;
    let id: number | undefined;
    for (; to > from; to -= 1) {
      const piece = letters.slice(from, to).join('');
      id = rules.vocabulary.get(from === 0 ? piece : rules.continuing + piece);
      if (id !== undefined) break;
    }
    if (id === undefined) return unknown;
    tokens.push({ id, start, end });
    from = to;
  }
  return tokens;
}
