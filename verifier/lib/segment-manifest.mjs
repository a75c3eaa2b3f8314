import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOf, isDigest } from './header.mjs';
import { Problem, locate } from './problem.mjs';
import { json, jsonObject, utf8 } from './text.mjs';

const format = 'countersign-segment@1';
const manifestName = 'manifest.json';
const hashForm = /^[0-9a-f]{64}$/;
const hourForm = /^\d{4}-\d\d-\d\dT\d\d:00:00Z$/;
const objectForm = /^(entries|leaves|index|checkpoint|tiles-\d{1,2})-(\d{4,})\.([0-9a-f]{16})\.[a-z]+$/;
const hourMs = 3_600_000;

/**
 * @typedef {object} SegmentObject
 * @property {string} kind
 * @property {number} part
 * @property {string} path
 * @property {number} bytes
 * @property {string} sha256 hexadecimal
 *
 * @typedef {object} Segment
 * @property {string} path of the manifest
 * @property {string} digest of the manifest's bytes
 * @property {string} cell
 * @property {string} period
 * @property {number} hourMs the beginning of the hour, in milliseconds since the epoch
 * @property {number} number in the chain of the cell
 * @property {number} firstIndex
 * @property {number} size of the period's ledger at the end of the segment
 * @property {string[]} before hex roots of the perfect subtrees before `firstIndex`, largest first
 * @property {string} root hex
 * @property {string | null} previous digest of the manifest before
 * @property {SegmentObject[]} objects
 */

/**
 * The segments in a folder, which is one of them or holds them anywhere below, in the order of the
 * cell's chain.
 * @param {string} folder
 * @returns {Promise<Segment[]>}
 */
export async function readSegments(folder) {
  const names = await readdir(folder, { recursive: true });
  const segments = [];
  for (const name of names) {
    const path = join(folder, name);
    if (!path.endsWith(join('/', manifestName))) continue;
    const bytes = await readFile(path);
    segments.push(locate({ path }, () => parseManifest(bytes, path)));
  }
  if (segments.length === 0)
    throw new Problem('missing', 'there is no manifest of a segment', { path: folder });
  return segments.toSorted((a, b) => a.number - b.number);
}

/**
 * @param {Buffer} bytes
 * @param {string} path
 * @returns {Segment}
 */
function parseManifest(bytes, path) {
  const what = 'the manifest of a segment';
  const fields = jsonObject(json(utf8(bytes, what), what), what);
  if (fields['format'] !== format)
    throw new Problem('manifest', `the manifest is not of the format ${format}`);
  const { cell, period, hour, number, firstIndex, size, before, root, previous } = fields;
  const isWhole =
    typeof cell === 'string' &&
    typeof period === 'string' &&
    hourForm.test(String(hour)) &&
    [number, firstIndex, size].every((count) => Number.isSafeInteger(count) && Number(count) >= 0) &&
    Number(size) >= Number(firstIndex) &&
    Array.isArray(before) &&
    before.every((each) => hashForm.test(String(each))) &&
    hashForm.test(String(root)) &&
    (previous === null || isDigest(previous));
  if (!isWhole) throw new Problem('manifest', 'a field of the manifest is not of its form');
  return {
    path,
    digest: digestOf(bytes),
    cell,
    period,
    hourMs: Date.parse(String(hour)),
    number: Number(number),
    firstIndex: Number(firstIndex),
    size: Number(size),
    before,
    root: String(root),
    previous: /** @type {string | null} */ (previous),
    objects: readObjects(fields['objects'], dirname(path)),
  };
}

/**
 * @param {unknown} value
 * @param {string} folder
 * @returns {SegmentObject[]}
 */
function readObjects(value, folder) {
  return Object.entries(jsonObject(value, 'the objects of the manifest')).map(([name, object]) => {
    const { bytes, sha256 } = jsonObject(object, 'an object of the manifest');
    const match = objectForm.exec(name);
    if (match === null || !hashForm.test(String(sha256)) || match[3] !== String(sha256).slice(0, 16)) {
      throw new Problem('manifest', `the object ${JSON.stringify(name)} is not named as it should be`);
    }
    return {
      kind: String(match[1]),
      part: Number(match[2]),
      path: join(folder, name),
      bytes: Number(bytes),
      sha256: String(sha256),
    };
  });
}

/**
 * The parts of a kind, from 0 without a gap.
 * @param {Segment} segment
 * @param {string} kind
 */
export function partsOf({ path, objects }, kind) {
  const parts = objects.filter((object) => object.kind === kind).toSorted((a, b) => a.part - b.part);
  if (parts.some(({ part }, i) => part !== i)) {
    throw new Problem('manifest', `a part of the ${kind} is missing or there twice`, { path });
  }
  return parts;
}

/**
 * Every segment names the one before it, and begins where its period's last one ended; no number and no
 * hour is missing. How the trees follow one another is checked with the leaves.
 * @param {readonly Segment[]} segments in the order of their numbers
 */
export function checkChain(segments) {
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const [i, segment] of segments.entries()) {
    const problem = linkProblem(segment, segments[i - 1] ?? null) ?? sizeProblem(segment, sizes);
    if (problem !== null) throw new Problem('chain', problem, { path: segment.path });
    sizes.set(segment.period, segment.size);
  }
}

/**
 * @param {Segment} segment
 * @param {Segment | null} last
 */
function linkProblem(segment, last) {
  if ((segment.previous === null) !== (segment.number === 0))
    return 'only the first segment has none before it';
  if (last === null) return null;
  if (segment.cell !== last.cell) return 'the segments are of more than one cell';
  if (segment.number !== last.number + 1) return `the segment ${last.number + 1} is missing, or there twice`;
  if (segment.hourMs < last.hourMs || segment.hourMs > last.hourMs + hourMs) {
    return 'it is not of the hour after the segment before it';
  }
  return segment.previous === last.digest ? null : 'it does not name the manifest before it';
}

/**
 * @param {Segment} segment
 * @param {ReadonlyMap<string, number>} sizes of the periods so far
 */
function sizeProblem({ period, number, firstIndex }, sizes) {
  const size = sizes.get(period);
  // Of a chain given from its middle on, the first segment's beginning is shown by its subtrees alone.
  const expected = size ?? (sizes.size > 0 || number === 0 ? 0 : firstIndex);
  return firstIndex === expected ? null : `it begins at entry ${firstIndex}, and should at ${expected}`;
}
