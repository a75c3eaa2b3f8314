import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { forOrigins } from './cell-key.mjs';
import { openCheckpoint, parseCheckpoint } from './checkpoint.mjs';
import { leafBytes, uuidBytes } from './leaf.mjs';
import { LeafTree } from './leaf-tree.mjs';
import { emptyRoot, hashBytes, perfectRoot } from './merkle.mjs';
import { parseNote } from './note.mjs';
import { Problem, verdictOf } from './problem.mjs';
import { checkChain, partsOf, readSegments } from './segment-manifest.mjs';
import { checkPart } from './segment-part.mjs';
import { tileBytesMax, tileWidth } from './tile.mjs';

const entriesPerIndexPart = 50_000;
const tilesPerPart = 2_048;

/**
 * @typedef {import('./segment-manifest.mjs').Segment} Segment
 * @typedef {import('./segment-manifest.mjs').SegmentObject} SegmentObject
 */

/**
 * Checks archive segments: every object, each entry against its leaf and ciphertext, the index, the
 * leaves and tiles against a signed checkpoint, and how the segments follow one another.
 * @param {string} folder one segment, or any folder above several of one cell
 * @param {import('./checkpoint.mjs').Policy} policy with a key of any period of the cell
 * @param {{onProgress?: (entries: number, of: number) => void}} [options]
 */
export function checkSegments(folder, policy, { onProgress } = {}) {
  return verdictOf(async () => {
    const segments = await readSegments(folder);
    checkChain(segments);
    const total = segments.reduce((sum, { firstIndex, size }) => sum + size - firstIndex, 0);
    /** @type {Map<string, string[]>} */
    const subtrees = new Map();
    let [entries, expired] = [0, 0];
    for (const segment of segments) {
      const expected = subtrees.get(segment.period);
      if (expected && expected.join() !== segment.before.join()) {
        const message = "its leaves do not follow those of the period's segment before";
        throw new Problem('chain', message, { path: segment.path });
      }
      const facts = await checkSegment(segment, policy);
      subtrees.set(segment.period, facts.subtrees);
      entries += segment.size - segment.firstIndex;
      expired += facts.expired;
      onProgress?.(entries, total);
    }
    const [first, last] = [/** @type {Segment} */ (segments[0]), /** @type {Segment} */ (segments.at(-1))];
    return {
      cell: first.cell,
      segments: segments.length,
      from: new Date(first.hourMs).toISOString(),
      to: new Date(last.hourMs).toISOString(),
      firstNumber: first.number,
      entries,
      expired,
      before: first.previous,
      last: last.digest,
    };
  });
}

/**
 * @param {Segment} segment
 * @param {import('./checkpoint.mjs').Policy} policy
 */
async function checkSegment(segment, policy) {
  const { spans, index, expired } = await checkEntries(segment);
  await checkIndex(segment, index);
  const tree = new LeafTree(segment.firstIndex, segment.before, spans);
  await checkRoot(segment, tree, policy);
  await checkTiles(segment, tree);
  return { subtrees: await tree.subtrees(segment.size), expired };
}

/**
 * The bytes of an object, which are those the manifest names.
 * @param {SegmentObject} object
 */
async function readObject({ path, bytes, sha256 }) {
  const content = await readFile(path).catch((/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code === 'ENOENT')
      throw new Problem('missing', 'an object of the segment is missing', { path });
    throw error;
  });
  if (content.length !== bytes || hash('sha256', content, 'hex') !== sha256) {
    throw new Problem('object-digest', 'the object is not the one that the manifest names', { path });
  }
  return content;
}

/** @param {Segment} segment */
async function checkEntries(segment) {
  const leafParts = partsOf(segment, 'leaves');
  const entryParts = partsOf(segment, 'entries');
  if (leafParts.length !== entryParts.length) {
    throw new Problem('manifest', 'the entries and the leaves have not the same parts', {
      path: segment.path,
    });
  }
  /** @type {Map<string, [number, number, number][]>} */
  const index = new Map();
  const spans = [];
  let [first, expired] = [segment.firstIndex, 0];
  for (const [part, object] of entryParts.entries()) {
    const leafPart = /** @type {SegmentObject} */ (leafParts[part]);
    const [entries, leaves] = [await readObject(object), await readObject(leafPart)];
    const facts = checkPart(
      { entries, leaves, path: object.path, first, cell: segment.cell },
      (id, offset, length) => {
        const known = index.get(id);
        if (known) known.push([part, offset, length]);
        else index.set(id, [[part, offset, length]]);
      },
    );
    spans.push({ path: leafPart.path, first, count: leaves.length / leafBytes });
    first += facts.count;
    expired += facts.expired;
  }
  if (first !== segment.size) {
    const message = `there are ${first - segment.firstIndex} entries in place of ${segment.size - segment.firstIndex}`;
    throw new Problem('entries', message, { path: segment.path });
  }
  return { spans, index, expired };
}

/**
 * The index is made again from the entries: one that leads elsewhere would hide a decision.
 * @param {Segment} segment
 * @param {ReadonlyMap<string, [number, number, number][]>} index
 */
async function checkIndex(segment, index) {
  const objects = partsOf(segment, 'index');
  const count = Math.ceil((segment.size - segment.firstIndex) / entriesPerIndexPart);
  if (objects.length !== count) {
    const message = `the index has ${objects.length} parts in place of ${count}`;
    throw new Problem('index', message, { path: segment.path });
  }
  const expected = objects.map(() => /** @type {[string, [number, number, number][]][]} */ ([]));
  for (const [decisionId, places] of index) {
    expected[uuidBytes(decisionId).readUInt32BE(12) % count]?.push([decisionId, places]);
  }
  for (const [part, object] of objects.entries()) {
    const sorted = (expected[part] ?? []).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const content = await readObject(object);
    if (content.toString('utf8') !== JSON.stringify(Object.fromEntries(sorted))) {
      throw new Problem('index', 'the index does not lead to the entries', { path: object.path });
    }
  }
}

/**
 * @param {Segment} segment
 * @param {LeafTree} tree
 * @param {import('./checkpoint.mjs').Policy} policy
 */
async function checkRoot(segment, tree, policy) {
  const { cell, period, size, firstIndex } = segment;
  const root = size === 0 ? emptyRoot : await tree.range(0, size);
  if (root.toString('hex') !== segment.root) {
    throw new Problem('root', 'the leaves do not make the root of the manifest', {
      path: segment.path,
      index: firstIndex,
    });
  }
  const [object] = partsOf(segment, 'checkpoint');
  if (object === undefined)
    throw new Problem('manifest', 'the segment has no checkpoint', { path: segment.path });
  const bytes = await readObject(object);
  try {
    const { origin } = parseCheckpoint(parseNote(bytes).text);
    if (!origin.endsWith(`/${cell}/${period}`)) throw new Problem('origin', `the checkpoint is of ${origin}`);
    const checkpoint = openCheckpoint(bytes, forOrigins(policy, [origin]));
    if (checkpoint.size !== size) {
      throw new Problem(
        'checkpoint',
        `the checkpoint is of ${checkpoint.size} entries, the segment of ${size}`,
      );
    }
    if (!checkpoint.root.equals(root)) {
      throw new Problem('root', 'the leaves do not make the root that was signed', { index: firstIndex });
    }
  } catch (error) {
    throw error instanceof Problem ? error.at({ path: object.path }) : error;
  }
}

/**
 * The tiles of each level that the segment filled.
 * @param {Segment} segment
 * @param {LeafTree} tree
 */
async function checkTiles(segment, tree) {
  const told = new Set(segment.objects.map(({ kind }) => kind).filter((kind) => kind.startsWith('tiles-')));
  for (let level = 0; tileWidth ** (level + 1) <= segment.size; level++) {
    const span = tileWidth ** (level + 1);
    const [first, end] = [Math.floor(segment.firstIndex / span), Math.floor(segment.size / span)];
    const parts = partsOf(segment, `tiles-${level}`);
    told.delete(`tiles-${level}`);
    if (parts.reduce((sum, { bytes }) => sum + bytes, 0) !== (end - first) * tileBytesMax) {
      throw new Problem('tiles', `the tiles of level ${level} are not ${end - first}`, {
        path: segment.path,
      });
    }
    for (const object of parts) {
      const content = await readObject(object);
      for (let at = 0; at < content.length; at += tileBytesMax) {
        const n = first + object.part * tilesPerPart + at / tileBytesMax;
        await checkTile(content.subarray(at, at + tileBytesMax), n, level, tree, object.path);
      }
    }
  }
  const [stranger] = told;
  if (stranger !== undefined)
    throw new Problem('tiles', `no tile can be in ${stranger}`, { path: segment.path });
}

/**
 * @param {Buffer} tile
 * @param {number} n
 * @param {number} level
 * @param {LeafTree} tree
 * @param {string} path
 */
async function checkTile(tile, n, level, tree, path) {
  const span = tileWidth ** level;
  const from = n * tileWidth * span;
  const unlike = () => {
    const message = `tile ${n} of level ${level} is not that of its entries`;
    return new Problem('tile-hash', message, { path, index: from });
  };
  if (tile.length !== tileBytesMax) throw unlike();
  if (perfectRoot(tile).equals(await tree.range(from, from + tileWidth * span))) return;
  for (let i = 0; i < tileWidth; i++) {
    const index = from + i * span;
    if (index < tree.first) continue;
    const stored = tile.subarray(i * hashBytes, (i + 1) * hashBytes);
    if (!stored.equals(await tree.range(index, index + span))) {
      const message = `position ${i} of tile ${n} of level ${level} is not the hash of its entries`;
      throw new Problem('tile-hash', message, { path, index });
    }
  }
  throw unlike();
}
