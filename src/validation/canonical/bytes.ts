import { isUtf8 } from 'node:buffer';

const lowerCase = /[a-z]/;
const notLowerCase = /[^a-z]/;
const innerPiece = /[A-Za-z0-9+]{16,}/g;
const readableCharacter = /[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{S}\p{Cf}\r\n\t]/gu;
const wordlikeCharacter = /[\p{L}\p{M}\p{N}\p{Zs}\p{Cf}+/=]/gu;

const plainWord = /^[A-Za-z][a-z]*$/;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What the beginning of a match stands for; the rest of it was no part of the encoding. */
export interface Opened {
  readonly text: string;
  readonly length: number;
}

/** RFC 4648, section 4 and 5, with or without padding and line breaks. */
export function fromBase64(piece: string): Opened | string | null {
  const text = piece.includes('\n') ? (linesText(piece) ?? base64Text(piece)) : base64Text(piece);
  if (text !== null || !/[/_-]/.test(piece)) return text;
  // The piece may stand in a path or behind a dash.
  const opened = piece.replace(innerPiece, (inner) => base64Text(inner) ?? inner);
  return opened === piece ? null : opened;
}

/** Lines of one length and a shorter one, which may as well be a word that comes behind them. */
function linesText(piece: string): Opened | null {
  const lines = piece.split('\n');
  const width = (lines[0] ?? '').trim().length;
  const odd = lines.findIndex((line) => line.trim().length !== width);
  if (odd === -1) return null;
  const last = lines[odd] ?? '';
  const counts = last.trim().length > width || plainWord.test(last.trim()) ? [odd, odd + 1] : [odd + 1, odd];
  for (const count of counts) {
    const taken = lines.slice(0, count).join('\n');
    const text = base64Text(taken);
    if (text !== null) return { text, length: taken.length };
  }
  return null;
}

function base64Text(piece: string): string | null {
  // A long word or a path is in the alphabet too; mixed case or digits tell an encoding apart.
  if (!lowerCase.test(piece) || !notLowerCase.test(piece)) return null;
  return asText(Buffer.from(piece.replace(/[\s>]+/g, ''), 'base64'));
}

/** RFC 4648, section 6, in either case. */
export function fromBase32(piece: string): string | null {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of piece.replace(/[\s=]+/g, '').toUpperCase()) {
    const digit = BASE32.indexOf(character);
    if (digit === -1) return null;
    bits = ((bits << 5) | digit) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes.push((bits >> held) & 0xff);
    }
  }
  return asText(Buffer.from(bytes));
}

export function fromHex(piece: string): string | null {
  return asText(Buffer.from(piece.replace(/0x|\\x|[^0-9A-Fa-f]/g, ''), 'hex'));
}

/** Bytes that are not text of their own accord, as percent signs give them. */
export function fromUtf8(hex: string): string | null {
  const bytes = Buffer.from(hex, 'hex');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** Bytes as text, or null when they are not: most runs of these alphabets are keys, hashes and images. */
export function asText(bytes: Buffer): string | null {
  if (bytes.length < 8) return null;
  const text = utf16(bytes) ?? (isUtf8(bytes) ? bytes.toString('utf8') : null);
  if (text === null) return null;
  const readable = text.match(readableCharacter)?.length ?? 0;
  const wordlike = text.match(wordlikeCharacter)?.length ?? 0;
  const length = Array.from(text).length;
  return readable >= 0.95 * length && wordlike >= 0.6 * length ? text : null;
}

/** Every other byte of Latin text in UTF-16 is zero; no other text holds that many. */
function utf16(bytes: Buffer): string | null {
  const zeros = [0, 0] as [number, number];
  const length = bytes.length & ~1;
  for (let at = 0; at < length; at += 1) if (bytes[at] === 0) zeros[at & 1] = (zeros[at & 1] as number) + 1;
  const [even, odd] = zeros;
  if (Math.max(even, odd) * 4 < length) return null;
  const units = Buffer.from(bytes.subarray(0, length));
  return (even > odd ? units.swap16() : units).toString('utf16le');
}
