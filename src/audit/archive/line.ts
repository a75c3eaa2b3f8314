import { digestOf } from '../../decision/canonical.ts';
import type { EntryHeader } from '../../decision/entry.ts';
import { leafOf } from '../ledger/leaf.ts';

/** An entry as the store has it and the archive keeps it. */
export interface ArchivedEntry {
  readonly headerBytes: Buffer;
  readonly header: EntryHeader;
  readonly payload: Buffer | null;
}

/** The line of an entry, without its line break. */
export function entryLine(index: number, entry: Omit<ArchivedEntry, 'header'>): Buffer {
  return Buffer.from(
    JSON.stringify({
      index,
      header: entry.headerBytes.toString('utf8'),
      payload: entry.payload?.toString('base64') ?? null,
    }),
  );
}

/** @throws SyntaxError, TypeError when it is no line of an entry */
export function readLine(line: Buffer): ArchivedEntry & { readonly index: number } {
  const { index, header, payload } = JSON.parse(line.toString('utf8')) as {
    index: number;
    header: string;
    payload: string | null;
  };
  return {
    index,
    headerBytes: Buffer.from(header),
    header: JSON.parse(header) as EntryHeader,
    payload: payload === null ? null : Buffer.from(payload, 'base64'),
  };
}

/** What keeps an entry from being the one that its leaf commits to; null when nothing does. */
export function leafProblem(entry: ArchivedEntry, leaf: Buffer): string | null {
  const { decisionId, entryId, payload: seal } = entry.header;
  const headerDigest = digestOf(entry.headerBytes);
  if (!leafOf({ decisionId, entryId, headerDigest }).equals(leaf))
    return 'the header does not match its leaf';
  if (entry.payload === null) return null;
  return digestOf(entry.payload) === seal?.ciphertextDigest
    ? null
    : 'the ciphertext does not match its header';
}
