import { isUtf8 } from 'node:buffer';
import { Rewrite, type View } from './view.ts';

/** One encoding in which text, or a part of it, may be wrapped. */
interface Encoding {
  readonly name: string;
  /** A literal without which there is nothing to decode. */
  readonly sign: string;
  readonly pattern: RegExp;
  /** The text that a match stands for, or null when it stands for itself. */
  readonly decode: (match: RegExpMatchArray) => string | null;
}

const base64Piece = /(?<![\w+/-])[\w+/-]{16,}(?:\r?\n[\w+/-]{4,})*={0,2}/g;
// Printable ASCII and so nearly every text starts with 2 to 7; without that, half of all words are candidates.
const hexPiece = /(?:(?:0x|\\x)[0-9A-Fa-f]|[2-7])[0-9A-Fa-f](?:[\s:,-]?(?:0x|\\x)?[0-9A-Fa-f]{2}){9,}/g;
const percentRun = /(?:%[0-9A-Fa-f]{2})+/g;
const unicodeEscape = /\\u\{?([0-9A-Fa-f]{4,6})\}?/g;
const entity =
  /&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos|nbsp|colon|comma|period|excl|NewLine|Tab|lpar|rpar|lsqb|rsqb|sol|num|shy|zwnj|zwj));?/g;
const lowerCase = /[a-z]/;
const notLowerCase = /[^a-z]/;

const namedEntities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  colon: ':',
  comma: ',',
  period: '.',
  excl: '!',
  NewLine: '\n',
  Tab: '\t',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  rsqb: ']',
  sol: '/',
  num: '#',
  shy: '\u00ad',
  zwnj: '\u200c',
  zwj: '\u200d',
};

/** In the order in which they are opened; the walls for further encodings. */
const encodings: readonly Encoding[] = [
  { name: 'base64', sign: '', pattern: base64Piece, decode: ([piece]) => fromBase64(piece) },
  { name: 'hex', sign: '', pattern: hexPiece, decode: ([piece]) => fromHex(piece) },
  { name: 'percent', sign: '%', pattern: percentRun, decode: ([run]) => fromPercent(run) },
  { name: 'html-entities', sign: '&', pattern: entity, decode: fromEntity },
  { name: 'unicode-escapes', sign: '\\u', pattern: unicodeEscape, decode: fromEscape },
];

/**
 * The text with one layer of every encoding opened where it stands, so that an instruction of which
 * only a half is encoded is whole again.
 *
 * @returns null when nothing in the text is encoded.
 */
export function decoded(view: View): View | null {
  const open = encodings.reduce((current, encoding) => withoutEncoding(current, encoding) ?? current, view);
  return open === view ? null : open;
}

function withoutEncoding(view: View, { name, sign, pattern, decode }: Encoding): View | null {
  if (!view.text.includes(sign)) return null;
  const rewrite = new Rewrite(view);
  let done = 0;
  for (const match of view.text.matchAll(pattern)) {
    const text = decode(match);
    if (text === null) continue;
    rewrite.copy(done, match.index);
    rewrite.replace(match.index, match.index + match[0].length, text);
    done = match.index + match[0].length;
  }
  if (done === 0) return null;
  rewrite.copy(done, view.text.length);
  return rewrite.view([name]);
}

function fromBase64(piece: string): string | null {
  // A long word or a path is in the alphabet too; mixed case or digits tell an encoding apart.
  if (!lowerCase.test(piece) || !notLowerCase.test(piece)) return null;
  return asText(Buffer.from(piece, 'base64'));
}

function fromHex(piece: string): string | null {
  return asText(Buffer.from(piece.replace(/0x|\\x|[^0-9A-Fa-f]/g, ''), 'hex'));
}

function fromPercent(run: string): string | null {
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

function fromEntity([, decimal, hexadecimal, named]: RegExpMatchArray): string | null {
  if (named !== undefined) return namedEntities[named] ?? null;
  return codePoint(
    decimal === undefined ? Number.parseInt(hexadecimal as string, 16) : Number.parseInt(decimal, 10),
  );
}

function fromEscape([, digits]: RegExpMatchArray): string | null {
  return codePoint(Number.parseInt(digits as string, 16));
}

function codePoint(code: number): string | null {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}

/** Bytes as text, or null when they are not: most runs of these alphabets are keys, hashes and images. */
function asText(bytes: Buffer): string | null {
  if (bytes.length < 8 || !isUtf8(bytes)) return null;
  const text = bytes.toString('utf8');
  const readable = text.match(/[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{S}\p{Cf}\r\n\t]/gu)?.length ?? 0;
  const wordlike = text.match(/[\p{L}\p{M}\p{N}\p{Zs}\p{Cf}+/=]/gu)?.length ?? 0;
  const length = Array.from(text).length;
  return readable >= 0.95 * length && wordlike >= 0.6 * length ? text : null;
}
