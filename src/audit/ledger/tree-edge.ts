import { hashBytes, rootOfRow } from './merkle.ts';
import type { TileReader } from './proof.ts';
import { tileWidth, widthOfLevel } from './tile.ts';

const tileBytes = tileWidth * hashBytes;

export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly bytes: Buffer;
}

/**
 * The right edge of a growing tree: of each level, the hashes of the tile that is not full yet. It is all
 * that appending and the root need, some kilobytes however many leaves there are.
 */
export class TreeEdge {
  readonly #rows: Buffer[];
  #size: number;

  private constructor(size: number, rows: Buffer[]) {
    this.#size = size;
    this.#rows = rows;
  }

  /** The edge of a stored tree. */
  static async read(tiles: TileReader, size: number): Promise<TreeEdge> {
    const rows: Buffer[] = [];
    for (let level = 0; widthOfLevel(size, level) > 0; level++) {
      const all = widthOfLevel(size, level);
      const width = all % tileWidth;
      const index = Math.floor(all / tileWidth);
      rows.push(width === 0 ? Buffer.alloc(0) : await tiles.tile(level, index, width));
    }
    return new TreeEdge(size, rows);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends leaf hashes that are written one after the other; returns the tiles that they made full. */
  append(leafHashes: Buffer): FullTile[] {
    const full: FullTile[] = [];
    let hashes = leafHashes;
    for (let level = 0; hashes.length > 0; level++) {
      const row = Buffer.concat([this.#rows[level] ?? Buffer.alloc(0), hashes]);
      const first = Math.floor(widthOfLevel(this.#size, level) / tileWidth);
      const count = Math.floor(row.length / tileBytes);
      const roots: Buffer[] = [];
      for (let i = 0; i < count; i++) {
        const bytes = row.subarray(i * tileBytes, (i + 1) * tileBytes);
        full.push({ level, index: first + i, bytes });
        roots.push(rootOfRow(bytes, null));
      }
      this.#rows[level] = Buffer.from(row.subarray(count * tileBytes));
      hashes = Buffer.concat(roots);
    }
    this.#size += leafHashes.length / hashBytes;
    return full;
  }

  root(): Buffer {
    let root: Buffer | null = null;
    for (const row of this.#rows) {
      if (row.length > 0) root = rootOfRow(row, root);
    }
    return root ?? rootOfRow(Buffer.alloc(0), null);
  }
}
