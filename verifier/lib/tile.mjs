import { hashBytes } from './merkle.mjs';
import { Problem } from './problem.mjs';

/** Hashes of a full tile, and entries of a full bundle. */
export const tileWidth = 256;
export const tileBytesMax = tileWidth * hashBytes;
/** An entry has at most 65,535 bytes and its length two. */
export const bundleBytesMax = tileWidth * 65_537;

/**
 * @typedef {object} Resource One tile or bundle of a ledger, as C2SP tlog-tiles names it.
 * @property {string} path as the tree's size asks for it
 * @property {string} fullPath the same without the suffix of a partial one
 * @property {number} width
 */

/**
 * @param {number | 'entries'} level
 * @param {number} n
 * @param {number} width
 * @returns {Resource}
 */
function resource(level, n, width) {
  let digits = String(n);
  digits = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = /** @type {string[]} */ (digits.match(/.{3}/g));
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  const fullPath = `tile/${level}/${name}`;
  return { path: width === tileWidth ? fullPath : `${fullPath}.p/${width}`, fullPath, width };
}

/**
 * How many hashes there are at a level of tiles.
 * @param {number} level
 * @param {number} size of the tree
 */
export function levelWidth(level, size) {
  let width = size;
  for (let i = 0; i < level; i++) width = Math.floor(width / tileWidth);
  return width;
}

/**
 * The n-th tile of a level in a tree of this size.
 * @param {number} level
 * @param {number} n
 * @param {number} size
 */
export function tileOf(level, n, size) {
  const width = Math.min(tileWidth, levelWidth(level, size) - n * tileWidth);
  if (width < 1) throw new RangeError(`a tree of ${size} has no tile ${n} at level ${level}`);
  return resource(level, n, width);
}

/**
 * @param {number} n
 * @param {number} size
 */
export function bundleOf(n, size) {
  return resource('entries', n, Math.min(tileWidth, size - n * tileWidth));
}

/** @param {number} size */
export function* bundleNumbers(size) {
  for (let n = 0; n * tileWidth < size; n++) yield n;
}

/**
 * The entries of a bundle, each with its uint16 length before it. A full bundle may stand in for a
 * partial one, which a log may delete.
 * @param {Buffer} bundle
 * @param {Resource} wanted
 * @returns {Buffer[]} `wanted.width` entries
 */
export function bundleEntries(bundle, wanted) {
  const entries = [];
  let at = 0;
  while (at < bundle.length) {
    const end = at + 2 <= bundle.length ? at + 2 + bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY;
    if (end > bundle.length) {
      throw new Problem('entry-bundle', 'an entry bundle ends within an entry', { path: wanted.path });
    }
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  if (entries.length !== wanted.width && entries.length !== tileWidth) {
    const message = `an entry bundle has ${entries.length} entries in place of ${wanted.width}`;
    throw new Problem('entry-bundle', message, { path: wanted.path });
  }
  return entries.slice(0, wanted.width);
}

/**
 * @param {Buffer} tile
 * @param {Resource} wanted
 * @returns {Buffer} `wanted.width` hashes
 */
export function tileHashes(tile, wanted) {
  const bytes = wanted.width * hashBytes;
  if (tile.length !== bytes && tile.length !== tileBytesMax) {
    throw new Problem('tile-length', `a tile has ${tile.length} bytes in place of ${bytes}`, {
      path: wanted.path,
    });
  }
  return tile.subarray(0, bytes);
}
