import { tooLarge, unreadable } from '../markup/problem.ts';

/* Structures of compound files ([MS-CFB] 2.2 to 2.6). */
const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const HEADER_BYTES = 512;
const HEADER_FATS = 109;
const ENTRY_BYTES = 128;
const MINI_SECTOR_BYTES = 64;
const LAST_REGULAR_SECTOR = 0xfffffffa;
const NO_STREAM = 0xffffffff;
const STORAGE = 1;
const STREAM = 2;
const ROOT = 5;
const ENTRIES_MAX = 20_000;
const DEPTH_MAX = 32;

export interface Storage {
  readonly name: string;
  readonly storages: readonly Storage[];
  /** Contents by name, read when they are asked for. */
  stream(name: string): Uint8Array | null;
  readonly streamNames: readonly string[];
}

interface Entry {
  readonly name: string;
  readonly type: number;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  readonly start: number;
  readonly size: number;
}

/**
 * A file system in a file. Chains of sectors that turn in circles, leave the file or are longer than it
 * are refused.
 *
 * @throws DocumentProblem
 */
export function openCompoundFile(bytes: Uint8Array): Storage {
  return new CompoundFile(bytes).root();
}

class CompoundFile {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #sectorBytes: number;
  readonly #miniCutoff: number;
  readonly #fat: number[];
  readonly #miniFat: number[];
  readonly #entries: Entry[];
  readonly #miniStream: Uint8Array;
  readonly #visited = new Set<number>();

  constructor(bytes: Uint8Array) {
    if (bytes.length < HEADER_BYTES || !Buffer.from(bytes.subarray(0, 8)).equals(SIGNATURE))
      throw unreadable('not-a-compound-file');
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const shift = this.#view.getUint16(30, true);
    if (shift !== 9 && shift !== 12) throw unreadable('compound-header');
    this.#sectorBytes = 1 << shift;
    this.#miniCutoff = this.#view.getUint32(56, true);
    this.#fat = this.#fatSectors().flatMap((sector) => this.#numbers(sector));
    this.#miniFat = this.#chain(this.#view.getUint32(60, true)).flatMap((sector) => this.#numbers(sector));
    this.#entries = this.#directory(this.#view.getUint32(48, true));
    const root = this.#entries[0];
    if (root?.type !== ROOT) throw unreadable('compound-directory');
    this.#miniStream = this.#regular(root.start, null);
  }

  root(): Storage {
    return this.#storage(this.#entries[0] as Entry, 0);
  }

  #fatSectors(): number[] {
    const count = this.#view.getUint32(44, true);
    if (count > this.#bytes.length / this.#sectorBytes) throw unreadable('compound-header');
    const sectors: number[] = [];
    for (let i = 0; i < Math.min(count, HEADER_FATS); i += 1)
      sectors.push(this.#view.getUint32(76 + 4 * i, true));
    let next = this.#view.getUint32(68, true);
    while (sectors.length < count && next < LAST_REGULAR_SECTOR) {
      const numbers = this.#numbers(next);
      sectors.push(...numbers.slice(0, -1).slice(0, count - sectors.length));
      next = numbers.at(-1) ?? NO_STREAM;
    }
    return sectors.filter((sector) => sector < LAST_REGULAR_SECTOR);
  }

  #sector(sector: number): Uint8Array {
    const start = (sector + 1) * this.#sectorBytes;
    if (start >= this.#bytes.length) throw unreadable('compound-sector');
    return this.#bytes.subarray(start, start + this.#sectorBytes);
  }

  #numbers(sector: number): number[] {
    const part = this.#sector(sector);
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    return Array.from({ length: Math.floor(part.length / 4) }, (_, i) => view.getUint32(4 * i, true));
  }

  #chain(start: number, table: readonly number[] = this.#fat): number[] {
    const chain: number[] = [];
    for (let sector = start; sector < LAST_REGULAR_SECTOR; sector = table[sector] ?? NO_STREAM) {
      chain.push(sector);
      // Longer than there are sectors: it turns in a circle.
      if (chain.length > table.length) throw unreadable('compound-chain');
    }
    return chain;
  }

  #directory(start: number): Entry[] {
    const sectors = this.#chain(start);
    if (sectors.length * this.#sectorBytes > ENTRIES_MAX * ENTRY_BYTES) throw tooLarge('entries');
    const bytes = Buffer.concat(sectors.map((sector) => this.#sector(sector)));
    return Array.from({ length: Math.floor(bytes.length / ENTRY_BYTES) }, (_, i) => {
      const entry = bytes.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES);
      const nameBytes = Math.max(0, Math.min(64, entry.readUInt16LE(64)) - 2);
      return {
        name: entry.toString('utf16le', 0, nameBytes),
        type: entry.readUInt8(66),
        left: entry.readUInt32LE(68),
        right: entry.readUInt32LE(72),
        child: entry.readUInt32LE(76),
        start: entry.readUInt32LE(116),
        size: entry.readUInt32LE(120),
      };
    });
  }

  #storage(entry: Entry, depth: number): Storage {
    if (depth > DEPTH_MAX) throw tooLarge('depth');
    const children = this.#children(entry.child);
    const streams = new Map(children.filter(({ type }) => type === STREAM).map((one) => [one.name, one]));
    return {
      name: entry.name,
      storages: children.filter(({ type }) => type === STORAGE).map((one) => this.#storage(one, depth + 1)),
      streamNames: [...streams.keys()],
      stream: (name) => {
        const found = streams.get(name);
        return found === undefined ? null : this.#content(found);
      },
    };
  }

  /** Siblings hang in a tree; each entry of the file may be met once. */
  #children(first: number): Entry[] {
    const found: Entry[] = [];
    const open = [first];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const entry = this.#entries[index];
      if (index === NO_STREAM || entry === undefined) continue;
      if (this.#visited.has(index)) throw unreadable('compound-directory');
      this.#visited.add(index);
      found.push(entry);
      open.push(entry.left, entry.right);
    }
    return found.sort((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
  }

  #content({ start, size }: Entry): Uint8Array {
    if (size > this.#bytes.length) throw unreadable('compound-stream');
    if (size >= this.#miniCutoff) return this.#regular(start, size);
    const content = new Uint8Array(size);
    for (const [i, sector] of this.#chain(start, this.#miniFat).entries()) {
      const from = sector * MINI_SECTOR_BYTES;
      const at = i * MINI_SECTOR_BYTES;
      if (at >= size) break;
      content.set(this.#miniStream.subarray(from, from + Math.min(MINI_SECTOR_BYTES, size - at)), at);
    }
    return content;
  }

  #regular(start: number, size: number | null): Uint8Array {
    const whole = Buffer.concat(this.#chain(start).map((sector) => this.#sector(sector)));
    return new Uint8Array(size === null ? whole : whole.subarray(0, size));
  }
}
