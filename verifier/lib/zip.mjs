import { crc32, inflateRawSync } from 'node:zlib';
import { Problem } from './problem.mjs';
import { utf8 } from './text.mjs';

export const zipBytesMax = 1024 * 1024 * 1024;
const entriesMax = 20_000;
const entryBytesMax = 512 * 1024 * 1024;
const totalBytesMax = 2 * 1024 * 1024 * 1024;

const endSignature = 0x06054b50;
const endBytes = 22;
const centralSignature = 0x02014b50;
const centralBytes = 46;
const localSignature = 0x04034b50;
const localBytes = 30;
const encryptedFlag = 0x0001;
const stored = 0;
const deflated = 8;

/**
 * @typedef {object} ZipEntry
 * @property {string} name
 * @property {number} method
 * @property {number} crc
 * @property {number} packedBytes
 * @property {number} bytes
 * @property {number} offset of its local header
 */

/** @param {string} message */
const malformed = (message) => new Problem('zip', message);

/**
 * A zip's files by name. Read from the central directory alone; whatever the format offers beyond
 * stored and deflated files (encryption, zip64, several disks) is refused.
 */
export class Zip {
  #bytes;
  /** @type {Map<string, ZipEntry>} */
  #entries = new Map();

  /**
   * @param {Buffer} bytes
   * @throws {Problem} `zip`
   */
  constructor(bytes) {
    this.#bytes = bytes;
    const end = findEnd(bytes);
    const entries = readDirectory(bytes, end);
    let total = 0;
    for (const entry of entries) {
      if (this.#entries.has(entry.name)) throw malformed(`the zip holds ${entry.name} twice`);
      total += entry.bytes;
      if (entry.bytes > entryBytesMax || total > totalBytesMax)
        throw malformed('the zip unpacks to too much');
      this.#entries.set(entry.name, entry);
    }
    refuseOverlaps(entries, end.directoryAt);
  }

  get names() {
    return [...this.#entries.keys()];
  }

  /** @param {string} name */
  has(name) {
    return this.#entries.has(name);
  }

  /**
   * @param {string} name
   * @returns {Buffer}
   * @throws {Problem} `missing`, `zip`
   */
  read(name) {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Problem('missing', 'a file of the bundle is missing', { path: name });
    try {
      const content = unpack(entry, this.#packed(entry));
      if (content.length !== entry.bytes || crc32(content) !== entry.crc)
        throw malformed('the checksum is wrong');
      return content;
    } catch (error) {
      throw error instanceof Problem ? error.at({ path: name }) : error;
    }
  }

  /** @param {ZipEntry} entry */
  #packed(entry) {
    const bytes = this.#bytes;
    const at = entry.offset;
    if (bytes.readUInt32LE(at) !== localSignature)
      throw malformed('a local header is not where it should be');
    const nameBytes = bytes.readUInt16LE(at + 26);
    const from = at + localBytes + nameBytes + bytes.readUInt16LE(at + 28);
    const name = bytes.subarray(at + localBytes, at + localBytes + nameBytes);
    // Two readers must not see two files: the local header has to agree with the directory.
    if (!name.equals(Buffer.from(entry.name)) || bytes.readUInt16LE(at + 8) !== entry.method) {
      throw malformed('a local header differs from the directory');
    }
    if (from + entry.packedBytes > bytes.length) throw malformed('a file reaches beyond the end');
    return bytes.subarray(from, from + entry.packedBytes);
  }
}

/**
 * @param {ZipEntry} entry
 * @param {Buffer} packed
 */
function unpack(entry, packed) {
  if (entry.method === stored) return packed;
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(entry.bytes, 1) });
  } catch (cause) {
    throw malformed(`a file does not decompress (${String(cause)})`);
  }
}

/** @param {Buffer} bytes */
function findEnd(bytes) {
  for (let at = bytes.length - endBytes; at >= Math.max(0, bytes.length - endBytes - 0xffff); at--) {
    if (bytes.readUInt32LE(at) !== endSignature) continue;
    if (at + endBytes + bytes.readUInt16LE(at + 20) !== bytes.length) continue;
    const count = bytes.readUInt16LE(at + 10);
    const directoryBytes = bytes.readUInt32LE(at + 12);
    const directoryAt = bytes.readUInt32LE(at + 16);
    const isWhole = bytes.readUInt32LE(at + 4) === 0 && bytes.readUInt16LE(at + 8) === count;
    if (!isWhole || directoryAt + directoryBytes !== at)
      throw malformed('the directory of the zip is not of its form');
    if (count > entriesMax) throw malformed('the zip holds too many files');
    return { at, count, directoryAt };
  }
  throw malformed('this is not a zip, or it was cut off');
}

/**
 * @param {Buffer} bytes
 * @param {{at: number, count: number, directoryAt: number}} end
 */
function readDirectory(bytes, end) {
  /** @type {ZipEntry[]} */
  const entries = [];
  let at = end.directoryAt;
  for (let i = 0; i < end.count; i++) {
    if (at + centralBytes > end.at || bytes.readUInt32LE(at) !== centralSignature) {
      throw malformed('the directory of the zip is not of its form');
    }
    const nameEnd = at + centralBytes + bytes.readUInt16LE(at + 28);
    if (nameEnd > end.at) throw malformed('the directory of the zip is not of its form');
    const entry = {
      name: safeName(bytes.subarray(at + centralBytes, nameEnd)),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packedBytes: bytes.readUInt32LE(at + 20),
      bytes: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    };
    if ((bytes.readUInt16LE(at + 8) & encryptedFlag) !== 0) throw malformed(`${entry.name} is encrypted`);
    if (entry.method !== stored && entry.method !== deflated) {
      throw malformed(`${entry.name} is packed with method ${entry.method}`);
    }
    entries.push(entry);
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  if (at !== end.at) throw malformed('the directory of the zip is not of its form');
  return entries;
}

/**
 * A relative name that stays inside the folder somebody might unpack it into.
 * @param {Buffer} bytes
 */
function safeName(bytes) {
  const name = utf8(bytes, 'a name in the zip');
  const isSafe =
    /^(?![A-Za-z]:)[^\\\p{Cc}]+$/u.test(name) &&
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isSafe) throw malformed(`the zip holds the name ${JSON.stringify(name)}, which leads outside of it`);
  return name;
}

/**
 * Files that share bytes are how a small zip unpacks to a vast one.
 * @param {readonly ZipEntry[]} entries
 * @param {number} directoryAt
 */
function refuseOverlaps(entries, directoryAt) {
  let free = 0;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (entry.offset < free) throw malformed(`${entry.name} overlaps another file`);
    free = entry.offset + localBytes + Buffer.byteLength(entry.name) + entry.packedBytes;
    if (free > directoryAt) throw malformed(`${entry.name} reaches into the directory`);
  }
}
