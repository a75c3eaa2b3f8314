import { emptyRoot, hashBytes, nodeHash, perfectRoot } from './merkle.mjs';
import { tileWidth } from './tile.mjs';

/**
 * The right edge of a growing tree: at each level of tiles the hashes of the tile not yet full. All of
 * a ledger that has to be kept in memory to know its root.
 */
export class Frontier {
  /** @type {{hashes: Buffer, count: number, tiles: number}[]} */
  #levels = [];
  #size = 0;
  #onTile;

  /** @param {(level: number, n: number, hashes: Buffer) => void} onTile called for each tile that is full; `hashes` is reused */
  constructor(onTile = () => {}) {
    this.#onTile = onTile;
  }

  get size() {
    return this.#size;
  }

  /** @param {Buffer} hash of the next leaf */
  append(hash) {
    this.#size += 1;
    this.#push(0, hash);
  }

  /** @param {Buffer} hashes of the next leaves, one after the other */
  appendAll(hashes) {
    for (let at = 0; at < hashes.length; at += hashBytes) this.append(hashes.subarray(at, at + hashBytes));
  }

  /** The hashes of the partial tiles from level 0 upwards. */
  edge() {
    return this.#levels.map((level) => level.hashes.subarray(0, level.count * hashBytes));
  }

  root() {
    return edgeRoot(this.edge());
  }

  /**
   * @param {number} level
   * @param {Buffer} hash
   */
  #push(level, hash) {
    const tile = (this.#levels[level] ??= {
      hashes: Buffer.alloc(tileWidth * hashBytes),
      count: 0,
      tiles: 0,
    });
    hash.copy(tile.hashes, tile.count * hashBytes);
    tile.count += 1;
    if (tile.count < tileWidth) return;
    this.#onTile(level, tile.tiles, tile.hashes);
    tile.tiles += 1;
    tile.count = 0;
    this.#push(level + 1, perfectRoot(tile.hashes));
  }
}

/**
 * Root of the tree whose partial tiles, from level 0 upwards, these are.
 * @param {readonly Buffer[]} edge
 */
export function edgeRoot(edge) {
  /** @type {Buffer | null} */
  let root = null;
  for (const hashes of edge) {
    let end = hashes.length / hashBytes;
    // Right to left, one complete subtree for each binary digit of the width.
    for (let width = 1; end > 0; width *= 2) {
      if (end % (width * 2) === 0) continue;
      const peak = perfectRoot(hashes.subarray((end - width) * hashBytes, end * hashBytes));
      root = root === null ? peak : nodeHash(peak, root);
      end -= width;
    }
  }
  return root ?? emptyRoot;
}
