import type { Query } from '../../storage/connections.ts';
import { RecordAlteredError } from '../repository.ts';
import { bundleOf, bundlePrefix, leafBytes, leavesOf } from './leaf.ts';
import { hashBytes, leafHashes, rootOfRow } from './merkle.ts';
import type { TileReader } from './proof.ts';
import { bundleLevel, prefixOf, tileWidth } from './tile.ts';
import { findTile, findTiles } from './tile-repository.ts';

/** Tiles read at once to make hashes of the level above. */
const childrenAtOnce = 32;

/**
 * The tiles of one period as the store has them. Only full ones are stored: of the others, level 0 is made
 * from the leaves at the edge, and higher levels from the full tiles below, whose roots are kept here.
 */
export class StoredTiles implements TileReader {
  readonly #query: Query;
  readonly #period: string;
  /** Hashes of tiles that are not full, as far as they were ever needed, by `level/index`. */
  readonly #rows = new Map<string, Buffer>();

  constructor(query: Query, period: string) {
    this.#query = query;
    this.#period = period;
  }

  /** @throws RecordAlteredError when the store has less than the tree must have */
  async tile(level: number, index: number, width: number): Promise<Buffer> {
    const known = this.#rows.get(`${level}/${index}`);
    if (known && known.length >= width * hashBytes) return prefixOf(known, width);
    const { full, edge } = await findTile(this.#query, this.#period, level, index);
    if (full !== null) {
      if (full.length !== tileWidth * hashBytes) throw this.#altered(level, index, 'has another length');
      this.#rows.delete(`${level}/${index}`);
      return prefixOf(full, width);
    }
    if (level > 0) return this.#fromBelow(level, index, width, known ?? Buffer.alloc(0));
    if (edge === null || edge.length < width * leafBytes) throw this.#altered(level, index, 'is missing');
    return leafHashes(edge.subarray(0, width * leafBytes), leafBytes);
  }

  /** The first `width` entries of a bundle; null when there are not so many. */
  async bundle(index: number, width: number): Promise<Buffer | null> {
    const { full, edge } = await findTile(this.#query, this.#period, bundleLevel, index);
    if (full !== null) return bundlePrefix(full, width);
    if (edge === null || edge.length < width * leafBytes) return null;
    return bundleOf(edge.subarray(0, width * leafBytes));
  }

  /**
   * The leaves of a bundle, one after the other.
   * @throws RecordAlteredError when they are not there, or are no leaves
   */
  async leaves(index: number, width: number): Promise<Buffer> {
    const bundle = await this.bundle(index, width);
    const leaves = bundle && leavesOf(bundle);
    if (leaves?.length !== width * leafBytes)
      throw this.#altered(bundleLevel, index, 'is missing or altered');
    return leaves;
  }

  async #fromBelow(level: number, index: number, width: number, known: Buffer): Promise<Buffer> {
    const hashes = [known];
    const first = index * tileWidth;
    for (let have = known.length / hashBytes; have < width; have += childrenAtOnce) {
      const to = Math.min(width, have + childrenAtOnce);
      const range = { from: first + have, to: first + to };
      const children = await findTiles(this.#query, this.#period, level - 1, range);
      children.forEach((child, i) => {
        if (child.index !== range.from + i) throw this.#altered(level - 1, range.from + i, 'is missing');
        hashes.push(rootOfRow(child.bytes, null));
      });
      if (children.length !== to - have)
        throw this.#altered(level - 1, range.from + children.length, 'is missing');
    }
    const row = Buffer.concat(hashes);
    this.#rows.set(`${level}/${index}`, row);
    return row;
  }

  #altered(level: number, index: number, what: string): RecordAlteredError {
    const name = level === bundleLevel ? `bundle ${index}` : `tile ${level}/${index}`;
    return new RecordAlteredError(`${name} of the ledger ${this.#period} ${what}`);
  }
}
