import { isUtf8 } from 'node:buffer';
import type { Extraction } from './extraction.ts';

const byteOrderMarks: readonly (readonly [encoding: string, mark: string])[] = [
  ['utf-16le', 'fffe'],
  ['utf-16be', 'feff'],
];

/** A text file: UTF-8, UTF-16 with its mark, or otherwise the encoding of old Windows files. */
export function readPlainText(bytes: Uint8Array, charactersMax: number): Extraction {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('hex');
  const marked = byteOrderMarks.find(([, known]) => known === mark)?.[0];
  const isUnicode = marked !== undefined || isUtf8(bytes);
  const text = isUnicode ? new TextDecoder(marked ?? 'utf-8').decode(bytes) : fromWindows1252(bytes);
  if (text.includes('\0')) return { kind: 'unreadable', detail: 'binary' };
  if (text.length > charactersMax) return { kind: 'too-large', detail: 'characters' };
  return { kind: 'read', pieces: text.trim() === '' ? [] : [{ page: null, layer: 'visible', text }] };
}

/** Bytes 0x80 to 0x9f of Windows-1252; the decoder of some Node versions leaves them as controls. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function fromWindows1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return text.replace(/[\u0080-\u009f]/g, (control) => windows1252.charAt(control.charCodeAt(0) - 0x80));
}
