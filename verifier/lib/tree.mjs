import { hashBytes, nodeHash, perfectRoot, splitPoint } from './merkle.mjs';
import { readResource } from './source.mjs';
import { tileBytesMax, tileHashes, tileOf, tileWidth } from './tile.mjs';

const tilesKept = 64;

/**
 * The tree of one size, read from tiles. Nothing it says is believed: what is made from it is compared
 * with a root that somebody signed.
 */
export class TileTree {
  #source;
  #size;
  /** @type {Map<string, Buffer>} */
  #tiles = new Map();

  /**
   * @param {import('./source.mjs').Source} source
   * @param {number} size
   */
  constructor(source, size) {
    this.#source = source;
    this.#size = size;
  }

  /**
   * Hash of the complete subtree over [index·2^height, (index+1)·2^height).
   * @param {number} height
   * @param {number} index
   */
  async #node(height, index) {
    const level = Math.floor(height / 8);
    const width = 2 ** (height % 8);
    const first = index * width;
    const n = Math.floor(first / tileWidth);
    const tile = await this.#tile(level, n);
    const at = (first - n * tileWidth) * hashBytes;
    return perfectRoot(tile.subarray(at, at + width * hashBytes));
  }

  /**
   * @param {number} level
   * @param {number} n
   */
  async #tile(level, n) {
    const wanted = tileOf(level, n, this.#size);
    let hashes = this.#tiles.get(wanted.path);
    if (hashes === undefined) {
      hashes = tileHashes(await readResource(this.#source, wanted, tileBytesMax), wanted);
      if (this.#tiles.size >= tilesKept)
        this.#tiles.delete(/** @type {string} */ (this.#tiles.keys().next().value));
      this.#tiles.set(wanted.path, hashes);
    }
    return hashes;
  }

  /**
   * MTH(D[from:to]) for a range that RFC 6962's splitting of a tree arrives at.
   * @param {number} from
   * @param {number} to
   * @returns {Promise<Buffer>}
   */
  async range(from, to) {
    const count = to - from;
    const height = Math.log2(count);
    if (Number.isInteger(height) && 2 ** height === count) return this.#node(height, from / count);
    const middle = from + splitPoint(count);
    return nodeHash(await this.range(from, middle), await this.range(middle, to));
  }

  /**
   * PATH(index, D[size]) of RFC 6962, section 2.1.1.
   * @param {number} index
   * @returns {Promise<Buffer[]>} from the leaf's sibling upwards
   */
  async inclusionProof(index) {
    if (index < 0 || index >= this.#size) throw new RangeError(`no leaf ${index} in a tree of ${this.#size}`);
    const path = [];
    let [from, to] = [0, this.#size];
    while (to - from > 1) {
      const middle = from + splitPoint(to - from);
      if (index < middle) {
        path.push(await this.range(middle, to));
        to = middle;
      } else {
        path.push(await this.range(from, middle));
        from = middle;
      }
    }
    return path.toReversed();
  }

  /**
   * PROOF(oldSize, D[size]) of RFC 6962, section 2.1.2.
   * @param {number} oldSize
   * @returns {Promise<Buffer[]>}
   */
  async consistencyProof(oldSize) {
    if (oldSize > this.#size) throw new RangeError(`no tree of ${oldSize} in one of ${this.#size}`);
    if (oldSize === 0 || oldSize === this.#size) return [];
    const path = [];
    let [from, to] = [0, this.#size];
    while (oldSize !== to) {
      const middle = from + splitPoint(to - from);
      if (oldSize <= middle) {
        path.push(await this.range(middle, to));
        to = middle;
      } else {
        path.push(await this.range(from, middle));
        from = middle;
      }
    }
    // Where the whole left edge was followed, the verifier knows this subtree: it is the old tree.
    if (from > 0) path.push(await this.range(from, to));
    return path.toReversed();
  }
}
