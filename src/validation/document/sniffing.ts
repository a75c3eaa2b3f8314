import { isUtf8 } from 'node:buffer';
import { isPlain } from './kinds.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** What the first bytes of a file say it is. Plain text, HTML and e-mail have no such mark. */
const marks: readonly (readonly [kind: string, test: (head: Buffer) => boolean])[] = [
  // ISO 32000 readers look for the header in the first 1,024 bytes.
  ['application/pdf', (head) => head.includes('%PDF-')],
  ['image/png', (head) => head.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))],
  ['image/jpeg', (head) => head.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))],
  ['image/gif', (head) => /^GIF8[79]a/.test(head.toString('latin1', 0, 6))],
  ['image/webp', (head) => /^RIFF[^]{4}WEBP/.test(head.toString('latin1', 0, 12))],
  ['application/zip', (head) => head.subarray(0, 4).equals(Buffer.from('504b0304', 'hex'))],
  ['application/x-cfb', (head) => head.subarray(0, 8).equals(Buffer.from('d0cf11e0a1b11ae1', 'hex'))],
];
const HEAD_BYTES = 1024;
const LOCAL_NAMES_BYTES = 1_000_000;

/** Containers that several kinds of document come in. */
const containers: Readonly<Record<string, readonly string[]>> = {
  'application/zip': [DOCX, XLSX],
  'application/x-cfb': ['application/vnd.ms-outlook'],
};

/** Kinds by their mark; more than one for a file made to be two things. */
function markedKinds(bytes: Uint8Array): string[] {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES));
  return marks.filter(([, test]) => test(head)).map(([kind]) => kind);
}

/**
 * Whether a file is what it is said to be. A file that contradicts its declaration is not read: whoever
 * acts on the declaration would see another document than was inspected.
 */
export function contradicts(declared: string, bytes: Uint8Array): boolean {
  const kinds = markedKinds(bytes);
  // A mark inside text is text: an e-mail or a page may quote one. At its very beginning it is the file's.
  if (isTextual(declared)) return kinds.some((kind) => kind !== 'application/pdf') || startsAsPdf(bytes);
  if (kinds.length !== 1) return true;
  const [kind = ''] = kinds;
  return kind !== declared && containers[kind]?.includes(declared) !== true;
}

/**
 * What an attachment is. Mail programs declare most of them carelessly, so the bytes are believed where
 * they speak, and the declaration where they do not.
 *
 * @returns null for a file made to be two things, and for what is no known kind
 */
export function attachmentKind(declared: string, bytes: Uint8Array): string | null {
  const kinds = markedKinds(bytes);
  if (isTextual(declared) && !contradicts(declared, bytes)) return declared;
  if (kinds.length > 1) return null;
  const [kind] = kinds;
  if (kind === 'application/zip') return openDocument(bytes) ?? kind;
  if (kind === 'application/x-cfb') return 'application/vnd.ms-outlook';
  if (kind !== undefined) return kind;
  return isUtf8(bytes) && !bytes.includes(0) ? 'text/plain' : null;
}

function isTextual(kind: string): boolean {
  return (
    isPlain(kind) || kind === 'text/html' || kind === 'application/xhtml+xml' || kind === 'message/rfc822'
  );
}

function startsAsPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 5)).toString('latin1') === '%PDF-';
}

/** Office documents are archives that hold a folder of their own. */
function openDocument(bytes: Uint8Array): string | null {
  const names = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, LOCAL_NAMES_BYTES));
  if (names.includes('word/document.xml')) return DOCX;
  return names.includes('xl/workbook.xml') ? XLSX : null;
}
