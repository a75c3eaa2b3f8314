import { type Opened, fromBase32, fromBase64, fromHex, fromUtf8 } from './bytes.ts';
import { fromBits, fromNumbers } from './codes.ts';
import { namedCharacter } from './entities.ts';
import { isLanguage } from './plausibility.ts';
import { fromBraille, fromMorse, fromSpellingAlphabet } from './signals.ts';
import { type Traits, traitsOf } from './traits.ts';
import { Rewrite, type Span, type View } from './view.ts';

/** One encoding in which text, or a part of it, may be wrapped. */
interface Encoding {
  readonly name: string;
  /** Whether the text shows a sign of it: spares honest text the search. */
  readonly signs: (text: string, traits: Traits) => boolean;
  readonly pattern: RegExp;
  /** Where alone a match can begin; everywhere, when it is left out. */
  readonly places?: (traits: Traits) => readonly Span[];
  /** The text that a match stands for, or null when it stands for itself. */
  readonly decode: (match: RegExpMatchArray) => Opened | string | null;
}

const base64Piece = /[\w+/-]{16,}(?:\r?\n[ \t>]*[\w+/-]{2,})*={0,2}/y;
const base32Piece =
  /(?<![A-Za-z0-9])(?:[A-Z2-7]{16,}(?:\r?\n[A-Z2-7]{4,})*|[a-z2-7]{24,})(?![A-Za-z0-9])={0,6}/y;
// Text starts with printable ASCII or a letter of two bytes; without that, half of all words are candidates.
const hexPiece =
  /(?:(?:0x|\\x)[0-9A-Fa-f]|[2-7c-e])[0-9A-Fa-f](?:[\s:,;-]{0,2}(?:0x|\\x)?[0-9A-Fa-f]{2}){9,}/gi;
const bitsPiece = /(?<!\w)(?:(?:0b)?[01]{7,8}(?:[\s,;]{1,2}(?:0b)?[01]{7,8}){3,}|[01]{32,})(?!\w)/g;
const numbersPiece = /(?<![\w.])\\?\d{2,3}(?:(?:[\s,;]{1,2}|\\)\d{2,3}){4,}(?![\w.])/g;
const percentRun = /(?:%[0-9A-Fa-f]{2})+/g;
const quotedRun = /(?:=[0-9A-F]{2}){2,}/g;
const unicodeEscape =
  /(?:\\u\{?|%u|\\U0{0,4}|U\+)([0-9A-Fa-f]{4,6})\}?|\\x\{?([0-9A-Fa-f]{2})\}?|\\([0-3][0-7]{2})/g;
// HTML asks for the semicolon after all but the oldest names; names of parameters in a URL have none.
const entity = /&(?:#(\d{1,7});?|#[xX]([0-9A-Fa-f]{1,6});?|([A-Za-z]{2,14});|(amp|lt|gt|quot|nbsp))/g;
const braillePiece = /[\u2800-\u28ff]{2,}(?:[ \n][\u2800-\u28ff]+)*/g;
const morsePiece =
  /(?<![^\s/|"'`(:])[.·•∙‐-―−_-]{1,8}(?:(?:[ \t]{0,8}[/|\n]\s{0,8}| {1,7})[.·•∙‐-―−_-]{1,8}){3,}(?![^\s/|"'`)])/g;
const spelled =
  /\b(?:alfa|alpha|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliett?|kilo|lima|mike|november|oscar|papa|quebec|romeo|sierra|tango|uniform|victor|whiske?y|x-?ray|yankee|zulu)\b/;
const spellingPiece = new RegExp(
  String.raw`${spelled.source}(?:[\s,.;-]{1,3}(?:${spelled.source}|\bspace\b)){3,}`,
  'gi',
);

/** In the order in which they are opened; the walls for further encodings. */
const encodings: readonly Encoding[] = [
  {
    name: 'base64',
    signs: (_, { runs }) => runs.length > 0,
    pattern: base64Piece,
    places: ({ runs }) => runs,
    decode: ([piece]) => fromBase64(piece),
  },
  {
    name: 'base32',
    signs: (_, { runs }) => runs.length > 0,
    pattern: base32Piece,
    places: ({ runs }) => runs,
    decode: ([piece]) => fromBase32(piece),
  },
  {
    name: 'binary',
    signs: (_, { runs, numbers }) => numbers >= 4 || runs.some((run) => run.end - run.start >= 32),
    pattern: bitsPiece,
    decode: ([piece]) => fromBits(piece),
  },
  {
    name: 'character-codes',
    signs: (_, { numbers }) => numbers >= 5,
    pattern: numbersPiece,
    decode: ([piece]) => fromNumbers(piece),
  },
  {
    name: 'hex',
    signs: (text, { runs, numbers, mixedWords }) =>
      runs.some((run) => run.end - run.start >= 20) ||
      numbers + mixedWords.length >= 6 ||
      text.includes('\\x'),
    pattern: hexPiece,
    decode: ([piece]) => fromHexPiece(piece),
  },
  {
    name: 'percent',
    signs: (text) => text.includes('%'),
    pattern: percentRun,
    decode: ([run]) => fromUtf8(run.replaceAll('%', '')),
  },
  {
    name: 'quoted-printable',
    signs: (text) => text.includes('='),
    pattern: quotedRun,
    decode: ([run]) => fromUtf8(run.replaceAll('=', '')),
  },
  {
    name: 'html-entities',
    signs: (text) => text.includes('&'),
    pattern: entity,
    decode: fromEntity,
  },
  {
    name: 'unicode-escapes',
    signs: (text) => text.includes('\\') || text.includes('%u') || text.includes('U+'),
    pattern: unicodeEscape,
    decode: fromEscape,
  },
  {
    name: 'braille',
    signs: (_, { beyondLatin }) => beyondLatin,
    pattern: braillePiece,
    decode: ([piece]) => fromBraille(piece),
  },
  {
    name: 'morse',
    signs: (_, { signals }) => signals >= 7,
    pattern: morsePiece,
    decode: ([piece]) => fromMorse(piece),
  },
  {
    name: 'spelling-alphabet',
    // Hardly a sentence has neither e nor i, which these spell.
    signs: (text) => ['cho', 'CHO', 'ndia', 'NDIA'].some((sign) => text.includes(sign)),
    pattern: spellingPiece,
    decode: ([piece]) => fromSpellingAlphabet(piece),
  },
];

/**
 * The text with one layer of every encoding opened where it stands, so that an instruction of which
 * only a half is encoded is whole again.
 *
 * @returns null when nothing in the text is encoded.
 */
export function decoded(view: View, traits: Traits): View | null {
  let current = view;
  let shown = traits;
  for (const encoding of encodings) {
    if (!encoding.signs(current.text, shown)) continue;
    const open = withoutEncoding(current, encoding, shown);
    if (open === null) continue;
    current = open;
    shown = traitsOf(open.text);
  }
  return current === view ? null : current;
}

function withoutEncoding(view: View, encoding: Encoding, traits: Traits): View | null {
  const { name, decode } = encoding;
  const rewrite = new Rewrite(view);
  let found = false;
  for (const match of matchesOf(view.text, encoding, traits)) {
    const opened = decode(match);
    if (opened === null) continue;
    const { text, length } = typeof opened === 'string' ? { text: opened, length: match[0].length } : opened;
    found = true;
    rewrite.copyUntil(match.index);
    rewrite.replace(match.index, match.index + length, text);
    rewrite.skipUntil(match.index + length);
  }
  if (!found) return null;
  rewrite.copyRest();
  return rewrite.view([name]);
}

function* matchesOf(
  text: string,
  { pattern, places }: Encoding,
  traits: Traits,
): Generator<RegExpMatchArray & { index: number }> {
  if (places === undefined) {
    yield* text.matchAll(pattern);
    return;
  }
  let done = 0;
  for (const { start } of places(traits)) {
    if (start < done) continue;
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (match === null) continue;
    done = pattern.lastIndex;
    yield match;
  }
}

function fromHexPiece(piece: string): string | null {
  const text = fromHex(piece);
  // Columns of numbers look the same; only language tells them apart.
  const isTable = text !== null && /^[\d\s,;:-]+$/.test(piece) && /[\s,;:]/.test(piece);
  return isTable && !isLanguage(text) ? null : text;
}

function fromEntity([, decimal, hexadecimal, closed, open]: RegExpMatchArray): string | null {
  const named = closed ?? open;
  if (named !== undefined) return namedCharacter(named);
  return codePoint(
    decimal === undefined ? Number.parseInt(hexadecimal as string, 16) : Number.parseInt(decimal, 10),
  );
}

function fromEscape([, unicode, byte, octal]: RegExpMatchArray): string | null {
  if (octal !== undefined) return codePoint(Number.parseInt(octal, 8));
  return codePoint(Number.parseInt((unicode ?? byte) as string, 16));
}

function codePoint(code: number): string | null {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}
