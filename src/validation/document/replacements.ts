import { inflateSync } from 'node:zlib';
import type { ExtractedPiece, ExtractionLimits } from './extraction.ts';

/*
 * Text that stands in for what is drawn (ISO 32000-2, 14.9): ActualText is what copying and screen readers
 * yield, Alt describes a picture. Where it says something else than the page, two readers read two documents.
 */

/** Shorter ones are ligatures, hyphens, bullets and symbols. */
const LETTERS_MIN = 12;

/** Stand-ins in the structure of a page. */
export function standInTexts(tree: unknown): string[] {
  const { alt, children } = (tree ?? {}) as { alt?: unknown; children?: unknown };
  const inner = Array.isArray(children) ? children.flatMap(standInTexts) : [];
  return typeof alt === 'string' ? [alt, ...inner] : inner;
}

/**
 * Descriptions of pictures come as metadata, as every accessible file has them; what replaces text, and is
 * not the text drawn anywhere, as concealed.
 */
export function replacementPieces(
  standIns: readonly string[],
  bytes: Uint8Array,
  pieces: readonly ExtractedPiece[],
  limits: ExtractionLimits,
): ExtractedPiece[] {
  const described = standIns.join('\n').trim();
  const drawn = lettersOf(pieces.map(({ text }) => text).join(''));
  const replacing = actualTexts(bytes, limits).filter((text) => {
    const letters = lettersOf(text);
    return letters.length >= LETTERS_MIN && !drawn.includes(letters);
  });
  const replaced = [...new Set(replacing)].join('\n');
  return [
    ...(described === '' ? [] : [{ page: null, layer: 'metadata' as const, text: described }]),
    ...(replaced === '' ? [] : [{ page: null, layer: 'hidden:replaced' as const, text: replaced }]),
  ];
}

function lettersOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

const INFLATED_MAX_BYTES = 20_000_000;
const STREAM_MAX_BYTES = 4_000_000;
const streams = /stream\r?\n/g;
const KEY = '/ActualText';

/** The parser leaves these out of what it tells, so the file's own streams are looked through. */
function actualTexts(bytes: Uint8Array, { expandedBytesMax }: ExtractionLimits): string[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const found = stringsAfter(file, KEY);
  let budget = Math.min(INFLATED_MAX_BYTES, expandedBytesMax);
  for (const { index, 0: mark } of file.matchAll(streams)) {
    if (budget <= 0) break;
    if (file.slice(index - 3, index) === 'end') continue;
    const start = index + mark.length;
    const end = file.indexOf('endstream', start);
    // Flate data begins with its method; nothing else that holds text is looked into.
    if (end < 0 || (bytes[start] ?? 0) % 16 !== 8) continue;
    const inflated = inflate(bytes.subarray(start, end), Math.min(STREAM_MAX_BYTES, budget));
    budget -= inflated.length;
    if (inflated.includes(KEY)) found.push(...stringsAfter(inflated.toString('latin1'), KEY));
  }
  return found;
}

function inflate(data: Uint8Array, maxOutputLength: number): Buffer {
  try {
    return inflateSync(data, { maxOutputLength });
  } catch {
    // No Flate data after all, or larger than any page program: the parser reads it, this look does not.
    return Buffer.alloc(0);
  }
}

const TEXT_MAX = 20_000;

/** Literal and hexadecimal strings (ISO 32000-2, 7.3.4) that follow a key. */
function stringsAfter(program: string, key: string): string[] {
  const found: string[] = [];
  for (let at = program.indexOf(key); at >= 0; at = program.indexOf(key, at + 1)) {
    const rest = program.slice(at + key.length, at + key.length + TEXT_MAX);
    const hex = /^\s*<([\da-fA-F\s]*)>/.exec(rest)?.[1];
    const literal = /^\s*\(((?:\\[^]|[^\\()])*)\)/.exec(rest)?.[1];
    if (hex !== undefined) found.push(decoded(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')));
    else if (literal !== undefined) found.push(decoded(Buffer.from(unescaped(literal), 'latin1')));
  }
  return found;
}

function unescaped(literal: string): string {
  return literal.replaceAll(/\\([0-7]{1,3}|[^])/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : code,
  );
}

function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return bytes.toString('latin1');
}
