import { open } from 'node:fs/promises';
import { leafBytes } from './leaf.mjs';
import { hashBytes, hashLeafInto, nodeHash, perfectRoot, splitPoint } from './merkle.mjs';
import { perfectRanges } from './perfect-subtrees.mjs';
import { Problem } from './problem.mjs';
import { tileWidth } from './tile.mjs';

/**
 * @typedef {object} LeafSpan A file of leaves.
 * @property {string} path
 * @property {number} first index in the ledger
 * @property {number} count
 */

/**
 * A tree of which the last leaves are at hand, in files, and those before are known by the roots of
 * their perfect subtrees. When it leads to a signed root, the leaves are where they claim to be.
 */
export class LeafTree {
  #spans;
  /** @type {Map<string, Buffer>} roots by range: those told, and those computed that are asked for again */
  #known = new Map();

  /**
   * @param {number} first index of the first leaf at hand
   * @param {readonly string[]} before hex roots of the perfect subtrees of the leaves before, largest first
   * @param {readonly LeafSpan[]} spans in order, without a gap between them
   */
  constructor(first, before, spans) {
    const ranges = perfectRanges(first);
    if (ranges.length !== before.length) {
      const message = `${first} leaves make ${ranges.length} perfect subtrees, not ${before.length}`;
      throw new Problem('manifest', message);
    }
    for (const [i, [from, to]] of ranges.entries()) {
      this.#known.set(`${from}-${to}`, Buffer.from(String(before[i]), 'hex'));
    }
    this.first = first;
    this.#spans = spans;
  }

  /**
   * MTH(D[from:to]) for a range that RFC 6962's splitting of a tree arrives at.
   * @param {number} from
   * @param {number} to
   * @returns {Promise<Buffer>}
   */
  async range(from, to) {
    const key = `${from}-${to}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const count = to - from;
    if (from >= this.first && count <= tileWidth) return subtree(await this.#hashes(from, to));
    if (count === 1) throw new RangeError(`entry ${from} is before the leaves at hand`);
    const middle = from + splitPoint(count);
    const root = nodeHash(await this.range(from, middle), await this.range(middle, to));
    // Whole tiles only: other roots ask for these again, and for nothing smaller.
    if (count % tileWidth === 0 && Number.isInteger(Math.log2(count))) this.#known.set(key, root);
    return root;
  }

  /**
   * Hex roots of the perfect subtrees of a tree, largest first.
   * @param {number} size
   */
  async subtrees(size) {
    const roots = [];
    for (const [from, to] of perfectRanges(size)) roots.push((await this.range(from, to)).toString('hex'));
    return roots;
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  async #hashes(from, to) {
    const hashes = Buffer.alloc((to - from) * hashBytes);
    for (const span of this.#spans) {
      const [begin, end] = [Math.max(from, span.first), Math.min(to, span.first + span.count)];
      if (begin >= end) continue;
      const leaves = await readLeaves(span.path, begin - span.first, end - begin);
      for (let i = 0; i < end - begin; i++) {
        const leaf = leaves.subarray(i * leafBytes, (i + 1) * leafBytes);
        hashLeafInto(leaf, hashes, (begin - from + i) * hashBytes);
      }
    }
    return hashes;
  }
}

/**
 * @param {string} path
 * @param {number} at
 * @param {number} count
 */
async function readLeaves(path, at, count) {
  const file = await open(path);
  try {
    const leaves = Buffer.alloc(count * leafBytes);
    const { bytesRead } = await file.read(leaves, 0, leaves.length, at * leafBytes);
    if (bytesRead !== leaves.length) throw new Problem('leaf', 'the leaves were cut off', { path });
    return leaves;
  } finally {
    await file.close();
  }
}

/**
 * @param {Buffer} hashes of at most one tile
 * @returns {Buffer}
 */
function subtree(hashes) {
  const count = hashes.length / hashBytes;
  if (Number.isInteger(Math.log2(count))) return perfectRoot(hashes);
  const middle = splitPoint(count) * hashBytes;
  return nodeHash(perfectRoot(hashes.subarray(0, middle)), subtree(hashes.subarray(middle)));
}
