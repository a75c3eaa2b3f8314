import { hash } from 'node:crypto';
import type { ObjectStore } from '../../storage/object-store/object-store.ts';
import { idBytes } from './hour.ts';
import { IndexBuilder } from './index-parts.ts';
import { type ArchivedEntry, entryLine } from './line.ts';
import { type Manifest, type ObjectKind, objectName } from './manifest.ts';

const entriesPartBytes = 16 * 1024 * 1024;
const tilesPerPart = 2_048;

/** Writes the objects of one segment as they grow, so that an hour of any size needs little memory. */
export class SegmentWriter {
  readonly objects: Manifest['objects'] = {};
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #lockUntil: Date | null;
  readonly #index: IndexBuilder;
  #part = 0;
  #lines: Buffer[] = [];
  #lineBytes = 0;
  #leaves: Buffer[] = [];
  readonly #tiles = new Map<number, { part: number; tiles: Buffer[] }>();

  constructor(options: { store: ObjectStore; prefix: string; lockUntil: Date | null; entries: number }) {
    this.#store = options.store;
    this.#prefix = options.prefix;
    this.#lockUntil = options.lockUntil;
    this.#index = new IndexBuilder(options.entries);
  }

  async addEntry(index: number, entry: ArchivedEntry, leaf: Buffer): Promise<void> {
    const line = entryLine(index, entry);
    if (this.#lineBytes > 0 && this.#lineBytes + line.length + 1 > entriesPartBytes) await this.#endPart();
    this.#index.add(idBytes(entry.header.decisionId), [this.#part, this.#lineBytes, line.length]);
    this.#lines.push(line, lineBreak);
    this.#lineBytes += line.length + 1;
    this.#leaves.push(leaf);
  }

  /** The next full tile of its level. */
  async addTile(level: number, bytes: Buffer): Promise<void> {
    const open = this.#tiles.get(level) ?? { part: 0, tiles: [] };
    open.tiles.push(Buffer.from(bytes));
    this.#tiles.set(level, open);
    if (open.tiles.length === tilesPerPart) await this.#endTiles(level);
  }

  /** Writes what is still open, the index and the checkpoint. */
  async end(checkpoint: string): Promise<void> {
    if (this.#lineBytes > 0) await this.#endPart();
    for (const level of this.#tiles.keys()) await this.#endTiles(level);
    let part = 0;
    for (const bytes of this.#index.parts()) await this.#put('index', part++, bytes);
    await this.#put('checkpoint', 0, Buffer.from(checkpoint));
  }

  async #endPart(): Promise<void> {
    await this.#put('entries', this.#part, Buffer.concat(this.#lines));
    await this.#put('leaves', this.#part, Buffer.concat(this.#leaves));
    this.#part += 1;
    this.#lines = [];
    this.#lineBytes = 0;
    this.#leaves = [];
  }

  async #endTiles(level: number): Promise<void> {
    const open = this.#tiles.get(level);
    if (!open || open.tiles.length === 0) return;
    await this.#put(`tiles-${level}`, open.part, Buffer.concat(open.tiles));
    this.#tiles.set(level, { part: open.part + 1, tiles: [] });
  }

  async #put(kind: ObjectKind, part: number, bytes: Buffer): Promise<void> {
    const sha256 = hash('sha256', bytes, 'hex');
    const name = objectName(kind, part, sha256);
    await this.#store.put(this.#prefix + name, bytes, { lockUntil: this.#lockUntil });
    this.objects[name] = { bytes: bytes.length, sha256 };
  }
}

const lineBreak = Buffer.from('\n');
