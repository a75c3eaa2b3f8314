import { hash } from 'node:crypto';
import { Problem } from './problem.mjs';

/** Bytes of SHA-256. */
export const hashBytes = 32;

// One scratch for each shape: a ledger of ten million leaves hashes twenty million of these. A one-shot
// hash into a string is twice as fast here as one that makes a Buffer.
const leafScratch = Buffer.alloc(1 + 64);
const nodeScratch = Buffer.alloc(1 + 2 * hashBytes);
nodeScratch[0] = 1;

/** Root of the empty tree (RFC 6962, section 2.1). */
export const emptyRoot = hash('sha256', Buffer.alloc(0), 'buffer');

/**
 * SHA-256(0x00 ‖ entry), written into `out` at `at` (RFC 6962, section 2.1).
 * @param {Buffer} entry
 * @param {Buffer} out
 * @param {number} at
 */
export function hashLeafInto(entry, out, at) {
  let message = leafScratch;
  if (entry.length !== 64) message = Buffer.alloc(1 + entry.length);
  entry.copy(message, 1);
  out.write(hash('sha256', message, 'binary'), at, 'binary');
}

/**
 * SHA-256(0x01 ‖ left ‖ right), the two read at `from` of `pairs`, written into `out` at `at`.
 * @param {Buffer} pairs
 * @param {number} from
 * @param {Buffer} out
 * @param {number} at
 */
function hashPairInto(pairs, from, out, at) {
  pairs.copy(nodeScratch, 1, from, from + 2 * hashBytes);
  out.write(hash('sha256', nodeScratch, 'binary'), at, 'binary');
}

/** @param {Buffer} entry */
export function leafHash(entry) {
  const out = Buffer.alloc(hashBytes);
  hashLeafInto(entry, out, 0);
  return out;
}

/**
 * @param {Buffer} left
 * @param {Buffer} right
 */
export function nodeHash(left, right) {
  const out = Buffer.alloc(hashBytes);
  hashPairInto(Buffer.concat([left, right]), 0, out, 0);
  return out;
}

/**
 * Root of a complete subtree from its hashes, written one after the other.
 * @param {Buffer} hashes a power of two of them
 */
export function perfectRoot(hashes) {
  let width = hashes.length / hashBytes;
  if (width === 1) return Buffer.from(hashes);
  const work = Buffer.allocUnsafe((width / 2) * hashBytes);
  let from = hashes;
  for (; width > 1; width /= 2) {
    for (let i = 0; i < width / 2; i++) hashPairInto(from, 2 * i * hashBytes, work, i * hashBytes);
    from = work;
  }
  return Buffer.from(work.subarray(0, hashBytes));
}

/**
 * The largest power of two below `count`, where RFC 6962 splits a tree.
 * @param {number} count at least 2
 */
export function splitPoint(count) {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** @param {number} value */
const half = (value) => Math.floor(value / 2);
/** @param {number} value */
const isOdd = (value) => value % 2 === 1;

/**
 * Checks that the leaf is at `index` of the tree (RFC 9162, section 2.1.3.2, for RFC 6962's trees).
 * @param {{index: number, size: number, leaf: Buffer, proof: readonly Buffer[], root: Buffer}} claim
 * @throws {Problem} `inclusion`
 */
export function verifyInclusion({ index, size, leaf, proof, root }) {
  if (index >= size) throw new Problem('inclusion', `index ${index} is outside a tree of ${size} entries`);
  let node = index;
  let last = size - 1;
  let computed = leaf;
  for (const sibling of proof) {
    if (last === 0) throw new Problem('inclusion', 'the inclusion proof has too many hashes');
    if (isOdd(node) || node === last) {
      computed = nodeHash(sibling, computed);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      computed = nodeHash(computed, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw new Problem('inclusion', 'the inclusion proof has too few hashes');
  if (!computed.equals(root)) {
    throw new Problem('inclusion', `the inclusion proof does not lead from the leaf at ${index} to the root`);
  }
}

/**
 * Checks that the tree of `oldSize` is a prefix of the other (RFC 9162, section 2.1.4.2).
 * @param {{oldSize: number, oldRoot: Buffer, newSize: number, newRoot: Buffer, proof: readonly Buffer[]}} claim
 * @throws {Problem} `consistency`
 */
export function verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof }) {
  if (oldSize > newSize) throw new Problem('consistency', 'the older tree is larger than the newer one');
  if (oldSize === 0 || oldSize === newSize) {
    if (proof.length > 0) throw new Problem('consistency', 'the consistency proof must be empty here');
    if (!oldRoot.equals(oldSize === newSize ? newRoot : emptyRoot)) {
      throw new Problem('consistency', `two roots for one tree of ${oldSize} entries`);
    }
    return;
  }
  const roots = climb(oldSize, newSize, oldRoot, proof);
  if (!roots.old.equals(oldRoot)) {
    throw new Problem('consistency', `the consistency proof does not lead to the root at ${oldSize}`);
  }
  if (!roots.new.equals(newRoot)) {
    throw new Problem('consistency', `the consistency proof does not lead to the root at ${newSize}`);
  }
}

/**
 * The two roots that a consistency proof leads to.
 * @param {number} oldSize
 * @param {number} newSize
 * @param {Buffer} oldRoot
 * @param {readonly Buffer[]} proof
 */
function climb(oldSize, newSize, oldRoot, proof) {
  let node = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  // A complete old tree is a node of the new one, and its root the proof's unwritten first hash.
  const hashes = node === 0 ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = hashes;
  if (first === undefined) throw new Problem('consistency', 'the consistency proof has too few hashes');
  const roots = { old: first, new: first };
  for (const sibling of rest) {
    if (last === 0) throw new Problem('consistency', 'the consistency proof has too many hashes');
    if (isOdd(node) || node === last) {
      roots.old = nodeHash(sibling, roots.old);
      roots.new = nodeHash(sibling, roots.new);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      roots.new = nodeHash(roots.new, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw new Problem('consistency', 'the consistency proof has too few hashes');
  return roots;
}
