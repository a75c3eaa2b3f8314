import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from './folder.mjs';
import { signCheckpoint } from './test-log.mjs';

/**
 * @param {string} prefix
 * @param {...Buffer} parts
 */
const sha256 = (prefix, ...parts) => {
  const hash = createHash('sha256').update(prefix);
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/**
 * @param {number} n
 * @returns {string}
 */
function indexPath(n) {
  const last = String(n % 1000).padStart(3, '0');
  return n < 1000 ? last : `${indexPath(Math.floor(n / 1000)).replace(/(\d{3})$/, 'x$1')}/${last}`;
}

/**
 * @param {string} folder
 * @param {string} path
 * @param {Buffer} bytes
 */
function put(folder, path, bytes) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

/**
 * The root over the hashes of one level.
 * @param {readonly Buffer[]} hashes
 * @returns {Buffer}
 */
function rootOf(hashes) {
  if (hashes.length === 0) return sha256('');
  if (hashes.length === 1) return /** @type {Buffer} */ (hashes[0]);
  let k = 1;
  while (2 * k < hashes.length) k *= 2;
  return sha256('\x01', rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)));
}

/** @type {WeakMap<Buffer, Buffer>} the tests write the same leaves into many ledgers */
const leafHashesKnown = new WeakMap();

/** @param {Buffer} leaf */
function hashOf(leaf) {
  const known = leafHashesKnown.get(leaf) ?? sha256('\0', leaf);
  leafHashesKnown.set(leaf, known);
  return known;
}

/**
 * Writes a ledger as C2SP tlog-tiles, all levels held in memory: a writer of the tests' own, so that a
 * misunderstanding in the reader is not shared.
 * @param {readonly Buffer[]} leaves
 * @param {import('./test-log.mjs').TestKey} signer
 * @param {{folder?: string, witnesses?: readonly import('./test-log.mjs').TestKey[], time?: number}} [options]
 */
export function writeLedger(leaves, signer, { folder = makeFolder(), witnesses = [], time } = {}) {
  const write = (
    /** @type {string | number} */ level,
    /** @type {number} */ n,
    /** @type {Buffer[]} */ parts,
  ) =>
    put(
      folder,
      `tile/${level}/${indexPath(n)}${parts.length < 256 ? `.p/${parts.length}` : ''}`,
      Buffer.concat(parts),
    );
  const prefixed = leaves.map((leaf) =>
    Buffer.concat([Buffer.from([leaf.length >> 8, leaf.length & 255]), leaf]),
  );
  for (let n = 0; n * 256 < leaves.length; n++) write('entries', n, prefixed.slice(n * 256, n * 256 + 256));
  const leafHashes = leaves.map(hashOf);
  let hashes = leafHashes;
  for (let level = 0; hashes.length > 0; level++) {
    const above = [];
    for (let n = 0; n * 256 < hashes.length; n++) {
      const tile = hashes.slice(n * 256, n * 256 + 256);
      write(level, n, tile);
      if (tile.length === 256) above.push(rootOf(tile));
    }
    hashes = above;
  }
  const root = rootOf(leafHashes);
  const checkpoint = signCheckpoint(signer, leaves.length, root, witnesses, time);
  put(folder, 'checkpoint', checkpoint);
  return { folder, root, checkpoint };
}
