import { Inflate } from 'fflate';
import { tooLarge, unreadable } from '../markup/problem.ts';

/* Structures of the ZIP format (APPNOTE 6.3.10, 4.3). */
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
const DIRECTORY_SIGNATURE = 0x02014b50;
const DIRECTORY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

const ENTRIES_MAX = 5000;
/** One part is held in memory as a whole, as text and as a tree. */
const ENTRY_BYTES_MAX = 64 * 1024 * 1024;
/** Spreadsheets of one repeated row come to about 100; nothing honest comes near deflate's own limit of 1,032. */
const RATIO_MAX = 250;
const RATIO_FROM_BYTES = 1024 * 1024;
/** So that little is inflated before it is counted. */
const CHUNK_BYTES = 16 * 1024;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly compressedBytes: number;
  readonly originalBytes: number;
  readonly start: number;
}

/** The files of a ZIP archive. Nothing is inflated before the whole directory has been found within bounds. */
export interface Archive {
  readonly names: readonly string[];
  /** @returns null where there is no such file; names are compared without regard to case (ECMA-376-2, 6.2.2.3) */
  read(name: string): Uint8Array | null;
}

/** @throws DocumentProblem when the archive is broken, ambiguous or beyond the bounds */
export function openArchive(bytes: Uint8Array, expandedBytesMax: number): Archive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = directoryOf(bytes, view);
  checkSizes(entries, expandedBytesMax);
  checkOverlaps(entries);
  const byName = new Map(entries.map((entry) => [entry.name.toLowerCase(), entry]));
  // Two files of one name: which one is read would depend on the reader.
  if (byName.size !== entries.length) throw unreadable('duplicate-part');
  return {
    names: entries.map(({ name }) => name),
    read(name) {
      const entry = byName.get(name.toLowerCase());
      return entry === undefined ? null : contentOf(bytes, entry);
    },
  };
}

function directoryOf(bytes: Uint8Array, view: DataView): Entry[] {
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) throw unreadable('zip64');
  if (count > ENTRIES_MAX) throw tooLarge('parts');
  if (view.getUint16(end + 8, true) !== count || at + size > end) throw unreadable('zip-directory');
  const entries: Entry[] = [];
  for (let i = 0; i < count; i += 1) {
    if (at + DIRECTORY_BYTES > end || view.getUint32(at, true) !== DIRECTORY_SIGNATURE)
      throw unreadable('zip-directory');
    const nameBytes = view.getUint16(at + 28, true);
    const name = nameAt(bytes, at + DIRECTORY_BYTES, nameBytes);
    if (!name.endsWith('/')) entries.push(entryAt(bytes, view, at, name));
    at += DIRECTORY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** The record at the end, which must be the very end: a second one in a comment would be another archive. */
function endOf(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - COMMENT_BYTES_MAX); at -= 1) {
    if (view.getUint32(at, true) === END_SIGNATURE && view.getUint16(at + 20, true) === last - at) return at;
  }
  throw unreadable('not-a-zip');
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, name: string): Entry {
  const method = view.getUint16(at + 10, true);
  if ((view.getUint16(at + 8, true) & 1) === 1) throw unreadable('encrypted');
  if (method !== STORED && method !== DEFLATED) throw unreadable('zip-method');
  const compressedBytes = view.getUint32(at + 20, true);
  const originalBytes = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE)
    throw unreadable('zip-entry');
  const nameBytes = view.getUint16(local + 26, true);
  // Readers that stream go by the local header: it must tell the same story.
  if (nameAt(bytes, local + LOCAL_BYTES, nameBytes) !== name) throw unreadable('zip-entry');
  const start = local + LOCAL_BYTES + nameBytes + view.getUint16(local + 28, true);
  if (start + compressedBytes > bytes.length) throw unreadable('zip-entry');
  if (method === STORED && compressedBytes !== originalBytes) throw unreadable('zip-entry');
  return { name, method, compressedBytes, originalBytes, start };
}

function nameAt(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
}

function checkSizes(entries: readonly Entry[], expandedBytesMax: number): void {
  let total = 0;
  for (const { originalBytes, compressedBytes } of entries) {
    total += originalBytes;
    if (originalBytes > ENTRY_BYTES_MAX || total > expandedBytesMax) throw tooLarge('expanded-bytes');
    if (originalBytes > RATIO_FROM_BYTES && originalBytes > RATIO_MAX * compressedBytes)
      throw tooLarge('compression-ratio');
  }
}

/** Entries that share their bytes are how a small file comes to expand without end. */
function checkOverlaps(entries: readonly Entry[]): void {
  let end = 0;
  for (const { start, compressedBytes } of entries.toSorted((one, other) => one.start - other.start)) {
    if (start < end) throw unreadable('zip-overlap');
    end = start + compressedBytes;
  }
}

function contentOf(bytes: Uint8Array, { method, start, compressedBytes, originalBytes }: Entry): Uint8Array {
  const packed = bytes.subarray(start, start + compressedBytes);
  if (method === STORED) return packed;
  const content = new Uint8Array(originalBytes);
  let length = 0;
  const inflate = new Inflate((chunk) => {
    // The directory's word about the size is not believed.
    if (length + chunk.length > originalBytes) throw unreadable('zip-size');
    content.set(chunk, length);
    length += chunk.length;
  });
  for (let at = 0; at < packed.length; at += CHUNK_BYTES) {
    inflate.push(packed.subarray(at, at + CHUNK_BYTES), at + CHUNK_BYTES >= packed.length);
  }
  if (length !== originalBytes) throw unreadable('zip-size');
  return content;
}
