import { openCheckpoint } from './checkpoint.mjs';
import { Frontier, edgeRoot } from './frontier.mjs';
import { leafBytes, parseLeaf } from './leaf.mjs';
import { hashBytes, hashLeafInto, perfectRoot } from './merkle.mjs';
import { noteBytesMax } from './note.mjs';
import { Problem, verdictOf } from './problem.mjs';
import { readAhead } from './read-ahead.mjs';
import { readRequired, readResource } from './source.mjs';
import {
  bundleBytesMax,
  bundleEntries,
  bundleNumbers,
  bundleOf,
  levelWidth,
  tileBytesMax,
  tileHashes,
  tileOf,
  tileWidth,
} from './tile.mjs';

/** Bundles and tiles read before they are needed; bounds the memory of a check. */
const readAheadBundles = 16;

/**
 * @typedef {import('./source.mjs').Source} Source
 * @typedef {import('./checkpoint.mjs').SignedCheckpoint} SignedCheckpoint
 * @typedef {(leaf: Buffer, index: number) => void} OnLeaf the bytes are valid during the call only
 * @typedef {(entries: number, of: number) => void} OnProgress
 *
 * @typedef {object} Bundle
 * @property {number} n
 * @property {import('./tile.mjs').Resource} bundle
 * @property {import('./tile.mjs').Resource} tile
 * @property {Buffer} hashes of the level-0 tile
 * @property {Buffer[]} entries
 */

/**
 * Checks a whole ledger: signatures, every leaf against its level-0 tile, every interior tile, partial
 * tiles, and the root. Memory does not grow with the ledger.
 * @param {Source} source
 * @param {import('./checkpoint.mjs').Policy} policy
 * @param {{onLeaf?: OnLeaf, onProgress?: OnProgress}} [hooks]
 */
export function checkLedger(source, policy, hooks = {}) {
  return verdictOf(async () => {
    const checkpoint = await readCheckpoint(source, policy);
    await walkLedger(source, checkpoint, hooks);
    const { origin, size, root, cosignatures } = checkpoint;
    return { origin, size, root: root.toString('base64'), cosignatures };
  });
}

/**
 * @param {Source} source
 * @param {import('./checkpoint.mjs').Policy} policy
 */
export async function readCheckpoint(source, policy) {
  const bytes = await readRequired(source, 'checkpoint', noteBytesMax);
  try {
    return openCheckpoint(bytes, policy);
  } catch (error) {
    throw error instanceof Problem ? error.at({ path: 'checkpoint' }) : error;
  }
}

/**
 * @param {Source} source
 * @param {SignedCheckpoint} checkpoint
 * @param {{onLeaf?: OnLeaf, onProgress?: OnProgress}} hooks
 * @throws {Problem} naming the first difference
 */
export async function walkLedger(source, checkpoint, { onLeaf, onProgress }) {
  const { size, root } = checkpoint;
  /** @type {{level: number, n: number, hashes: Buffer}[]} */
  const completed = [];
  const frontier = new Frontier((level, n, hashes) => {
    if (level > 0) completed.push({ level, n, hashes: Buffer.from(hashes) });
  });
  const hashes = Buffer.alloc(tileBytesMax);
  for await (const part of readAhead(bundleNumbers(size), readAheadBundles, (n) => load(source, n, size))) {
    await checkBundle(source, checkpoint, part, hashes);
    frontier.appendAll(part.hashes);
    for (const tile of completed.splice(0)) await checkTile(source, tile.level, tile.n, tile.hashes, size);
    if (onLeaf) part.entries.forEach((entry, i) => onLeaf(entry, part.n * tileWidth + i));
    onProgress?.(frontier.size, size);
  }
  const edge = frontier.edge();
  for (const [level, partial] of edge.entries()) {
    const n = Math.floor(levelWidth(level, size) / tileWidth);
    if (level > 0 && partial.length > 0) await checkTile(source, level, n, partial, size);
  }
  if (!edgeRoot(edge).equals(root)) {
    throw new Problem('root', `the entries do not hash to the root that was signed for ${size}`, {
      path: 'checkpoint',
    });
  }
}

/**
 * @param {Source} source
 * @param {number} n
 * @param {number} size
 * @returns {Promise<Bundle>}
 */
async function load(source, n, size) {
  const [bundle, tile] = [bundleOf(n, size), tileOf(0, n, size)];
  const [entries, hashes] = await Promise.all([
    readResource(source, bundle, bundleBytesMax),
    readResource(source, tile, tileBytesMax),
  ]);
  await checkOlderPartials(source, bundle, entries);
  await checkOlderPartials(source, tile, hashes);
  return { n, bundle, tile, entries: bundleEntries(entries, bundle), hashes: tileHashes(hashes, tile) };
}

/**
 * A tile's older partial versions, where they were kept, must be its beginning: one that is not was
 * served for another tree.
 * @param {Source} source
 * @param {import('./tile.mjs').Resource} wanted
 * @param {Buffer} bytes
 */
async function checkOlderPartials(source, wanted, bytes) {
  for (const width of await source.list(`${wanted.fullPath}.p`)) {
    const path = `${wanted.fullPath}.p/${width}`;
    if (path === wanted.path || !/^[1-9][0-9]{0,2}$/.test(width)) continue;
    const older = await source.read(path, bundleBytesMax);
    // A log may delete it at any moment.
    if (older === null) continue;
    const common = Math.min(older.length, bytes.length);
    if (!older.subarray(0, common).equals(bytes.subarray(0, common))) {
      throw new Problem('partial-tile', 'an older partial tile differs from what it grew into', { path });
    }
  }
}

/**
 * @param {Source} source
 * @param {SignedCheckpoint} checkpoint
 * @param {Bundle} part
 * @param {Buffer} scratch for 256 hashes
 */
async function checkBundle(source, checkpoint, part, scratch) {
  const { n, entries, hashes } = part;
  for (const [i, entry] of entries.entries()) {
    if (entry.length !== leafBytes) {
      const message = `a leaf has ${entry.length} bytes in place of ${leafBytes}`;
      throw new Problem('leaf', message, { path: part.bundle.path, index: n * tileWidth + i });
    }
    hashLeafInto(entry, scratch, i * hashBytes);
  }
  const computed = scratch.subarray(0, hashes.length);
  if (computed.equals(hashes)) return;
  const i = firstDifference(computed, hashes);
  const { decisionId, entryId } = parseLeaf(/** @type {Buffer} */ (entries[i]));
  const culprit = await blame(source, checkpoint, part, computed);
  const index = n * tileWidth + i;
  throw new Problem(
    'leaf-hash',
    `entry ${index} (${part.bundle.path}) does not hash to position ${i} of ${part.tile.path}; ${culprit}`,
    {
      path: culprit === tileAltered ? part.tile.path : part.bundle.path,
      index,
      decisionId,
      entryId,
    },
  );
}

const tileAltered = 'the tree above agrees with the entries, so the tile was altered';
const entryAltered = 'the tree above agrees with the tile, so the entry was altered';

/**
 * Which of the two that differ the rest of the tree agrees with.
 * @param {Source} source
 * @param {SignedCheckpoint} checkpoint
 * @param {Bundle} part
 * @param {Buffer} computed
 */
async function blame(source, { size, root }, part, computed) {
  const accepts = await acceptedBy(source, size, root, part);
  if (accepts(part.hashes)) return entryAltered;
  return accepts(computed) ? tileAltered : 'the tree above agrees with neither';
}

/**
 * @param {Source} source
 * @param {number} size
 * @param {Buffer} root
 * @param {Bundle} part
 * @returns {Promise<(hashes: Buffer) => boolean>}
 */
async function acceptedBy(source, size, root, { n, tile }) {
  const stored = async (/** @type {number} */ level, /** @type {number} */ of) => {
    const wanted = tileOf(level, of, size);
    return tileHashes(await readResource(source, wanted, tileBytesMax), wanted);
  };
  try {
    if (tile.width === tileWidth) {
      const parent = await stored(1, Math.floor(n / tileWidth));
      const at = (n % tileWidth) * hashBytes;
      return (hashes) => perfectRoot(hashes).equals(parent.subarray(at, at + hashBytes));
    }
    /** @type {Buffer[]} */
    const above = [];
    for (let level = 1; levelWidth(level, size) > 0; level++) {
      const width = levelWidth(level, size);
      above.push(
        width % tileWidth === 0 ? Buffer.alloc(0) : await stored(level, Math.floor(width / tileWidth)),
      );
    }
    return (hashes) => edgeRoot([hashes, ...above]).equals(root);
  } catch (error) {
    // The first difference is named already; that what is above it is broken too adds nothing.
    if (error instanceof Problem) return () => false;
    throw error;
  }
}

/**
 * @param {Source} source
 * @param {number} level
 * @param {number} n
 * @param {Buffer} computed
 * @param {number} size
 */
async function checkTile(source, level, n, computed, size) {
  const wanted = tileOf(level, n, size);
  const bytes = await readResource(source, wanted, tileBytesMax);
  await checkOlderPartials(source, wanted, bytes);
  const hashes = tileHashes(bytes, wanted);
  if (hashes.equals(computed)) return;
  const i = firstDifference(hashes, computed);
  const first = (n * tileWidth + i) * tileWidth ** level;
  throw new Problem(
    'tile-hash',
    `position ${i} of ${wanted.path} is not the hash of the ${tileWidth ** level} entries from ${first} on`,
    { path: wanted.path, index: first },
  );
}

/**
 * @param {Buffer} a
 * @param {Buffer} b
 * @returns {number} position of the first hash that differs
 */
function firstDifference(a, b) {
  let i = 0;
  while (a.compare(b, i, i + hashBytes, i, i + hashBytes) === 0) i += hashBytes;
  return i / hashBytes;
}
