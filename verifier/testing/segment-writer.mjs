import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { naiveRoot } from './naive-tree.mjs';
import { testDigest } from './record.mjs';

/**
 * @typedef {object} TestHour
 * @property {number} hour of 2026-11-22
 * @property {string} period
 * @property {number} number in the chain
 * @property {number} firstIndex
 * @property {readonly import('./record.mjs').TestEntry[]} entries
 * @property {readonly Buffer[]} leaves of the period's ledger, at least as many as there are at the end
 * @property {Buffer} checkpoint
 * @property {string | null} previous
 * @property {readonly Buffer[]} [tiles] of level 0
 * @property {number} [entriesPerPart]
 */

/**
 * @param {number} size
 * @param {readonly Buffer[]} leaves
 */
function perfectRoots(size, leaves) {
  const roots = [];
  let from = 0;
  for (let bit = 2 ** 20; bit >= 1; bit /= 2) {
    if (Math.floor(size / bit) % 2 === 0) continue;
    roots.push(naiveRoot(leaves.slice(from, from + bit)).toString('hex'));
    from += bit;
  }
  return roots;
}

/**
 * The lines of the parts, and the index over them.
 * @param {TestHour} hour
 */
function linesOf({ firstIndex, entries, entriesPerPart = 1000 }) {
  /** @type {Record<string, Buffer>} */
  const objects = {};
  /** @type {Map<string, [number, number, number][]>} */
  const places = new Map();
  for (let part = 0; part * entriesPerPart < entries.length; part++) {
    const own = entries.slice(part * entriesPerPart, (part + 1) * entriesPerPart);
    let text = '';
    for (const [i, entry] of own.entries()) {
      const index = firstIndex + part * entriesPerPart + i;
      const payload = entry.ciphertext?.toString('base64') ?? null;
      const line = JSON.stringify({ index, header: entry.header.toString(), payload });
      const known = places.get(entry.decisionId) ?? [];
      places.set(entry.decisionId, [...known, [part, Buffer.byteLength(text), Buffer.byteLength(line)]]);
      text += `${line}\n`;
    }
    const suffix = String(part).padStart(4, '0');
    objects[`entries-${suffix}.ndjson`] = Buffer.from(text);
    objects[`leaves-${suffix}.bin`] = Buffer.concat(own.map(({ leaf }) => leaf));
  }
  const sorted = [...places].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > 0)
    objects['index-0000.json'] = Buffer.from(JSON.stringify(Object.fromEntries(sorted)));
  return objects;
}

/**
 * Writes one hour's segment.
 * @param {string} archive
 * @param {TestHour} hour
 * @returns {{folder: string, digest: string, objects: Record<string, string>}} objects: path by kind and part
 */
export function writeSegment(archive, hour) {
  const { period, number, firstIndex, leaves, checkpoint, previous, tiles = [] } = hour;
  const hh = String(hour.hour).padStart(2, '0');
  const folder = join(archive, 'eu', period, '2026', '11', '22', hh);
  mkdirSync(folder, { recursive: true });
  const contents = { ...linesOf(hour), 'checkpoint-0000.txt': checkpoint };
  if (tiles.length > 0) Object.assign(contents, { 'tiles-0-0000.bin': Buffer.concat(tiles) });
  /** @type {Record<string, string>} */
  const paths = {};
  /** @type {Record<string, {bytes: number, sha256: string}>} */
  const objects = {};
  for (const [name, bytes] of Object.entries(contents)) {
    const sha256 = testDigest(bytes).slice(7);
    const [stem, ending] = name.split('.');
    const full = `${stem}.${sha256.slice(0, 16)}.${ending}`;
    writeFileSync(join(folder, full), bytes);
    objects[full] = { bytes: bytes.length, sha256 };
    paths[String(stem)] = join(folder, full);
  }
  const size = firstIndex + hour.entries.length;
  const manifest = Buffer.from(
    JSON.stringify({
      before: perfectRoots(firstIndex, leaves),
      cell: 'eu',
      firstIndex,
      format: 'countersign-segment@1',
      hour: `2026-11-22T${hh}:00:00Z`,
      lockedUntil: null,
      number,
      objects,
      period,
      previous,
      root: naiveRoot(leaves.slice(0, size)).toString('hex'),
      sealedAt: '2026-11-22T23:00:00.000Z',
      size,
    }),
  );
  writeFileSync(join(folder, 'manifest.json'), manifest);
  return { folder, digest: testDigest(manifest), objects: paths };
}
