import type { KeyedHash } from './keyed-hash.ts';

/**
 * What monitors keep of an input: keyed hashes only, from which nothing of it can be read without the key, and which
 * are equal or near for inputs that are.
 */
export interface Sketch {
  /** One for each short value, by its place; references and other ids that look like one are left out. */
  readonly fields: readonly SketchedField[];
  /** Sum of the hashes of its words, for texts that are repeated as they are. */
  readonly text: number;
  /** MinHash of the words of its long texts; null where it has too few of them. */
  readonly words: Uint32Array | null;
}

export interface SketchedField {
  readonly place: number;
  readonly isNumber: boolean;
  readonly exact: number;
  /** On two grids that lie half a step apart: what differs by much less than a step is equal on one of them. */
  readonly near: readonly [number, number];
  /** On the grid that distributions are counted on. */
  readonly coarse: number;
}

/** Input beyond this is not sketched; what is near in the first of it is near enough. */
const fieldsMax = 64;
const wordsMax = 2_000;
const wordsMin = 8;
/** UTF-16 units of one text. */
const textMax = 20_000;
/** A string of so many words is text; a shorter one is a value. */
const textWordsMin = 6;
/** Letters and at least three digits, or seven digits and more: a reference, a number of a contract, a date. */
const idPattern = /^(?=(?:.*\d){3})(?:.*[^\d.,+-]|\+?\d{7,}$|.*\d-\d)/s;
/** Steps in the logarithm of one plus the value: a tenth and a half. */
const nearStep = 0.2;
const coarseStep = 0.5;
const minhashes = 32;

/** Multipliers and addends of the permutations: odd, fixed; the words are hashed under the key before. */
const permutations = Array.from({ length: minhashes }, (_, i) => [
  Math.imul(0x9e3779b1, 2 * i + 1) | 1,
  Math.imul(0x85ebca6b, i + 1),
]);

/** @param input the case, or the texts of a request, as JSON */
export function sketchOf(input: unknown, hash: KeyedHash): Sketch {
  const found: Found = { fields: [], words: [] };
  collect(input, '', found);
  const fields = found.fields
    .map(([place, value]) => sketchField(hash.text(place), value, hash))
    .sort((one, other) => one.place - other.place);
  const shingles = shinglesOf(found.words, hash);
  let text = 0;
  for (const shingle of shingles) text = (text + shingle) >>> 0;
  return { fields, text, words: found.words.length < wordsMin ? null : minhash(shingles) };
}

interface Found {
  readonly fields: [place: string, value: string | number | boolean | null][];
  readonly words: string[];
}

function collect(value: unknown, place: string, found: Found): void {
  if (found.fields.length >= fieldsMax && found.words.length >= wordsMax) return;
  if (Array.isArray(value)) {
    value.forEach((item, i) => collect(item, `${place}/${i}`, found));
    return;
  }
  if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) collect(item, `${place}/${name}`, found);
    return;
  }
  if (typeof value === 'string') {
    const words =
      value
        .slice(0, textMax)
        .toLowerCase()
        .match(/\p{L}+/gu) ?? [];
    if (words.length >= textWordsMin) {
      found.words.push(...words.slice(0, wordsMax - found.words.length));
      return;
    }
    if (idPattern.test(value)) return;
  }
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (found.fields.length < fieldsMax) found.fields.push([place, isPlain ? value : null]);
}

function sketchField(place: number, value: string | number | boolean | null, hash: KeyedHash): SketchedField {
  const exact = hash.text(`${typeof value}:${String(value)}`);
  const number = numberIn(value);
  if (number === null) return { place, isNumber: false, exact, near: [exact, exact], coarse: exact };
  const size = Math.sign(number) * Math.log1p(Math.abs(number));
  const step = (width: number, offset: number) => Math.floor(size / width + offset) | 0;
  return {
    place,
    isNumber: true,
    exact,
    near: [hash.pair(1, step(nearStep, 0)), hash.pair(2, step(nearStep, 0.5))],
    coarse: hash.pair(3, step(coarseStep, 0)),
  };
}

function numberIn(value: string | number | boolean | null): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d{1,12}(?:\.\d{1,6})?$/.test(value)) return null;
  return Number(value);
}

/** Words and neighbouring pairs of them: a paraphrase keeps many of the first, an altered word two of the second. */
function shinglesOf(words: readonly string[], hash: KeyedHash): Set<number> {
  const hashes = words.map((word) => hash.text(word));
  const shingles = new Set(hashes);
  for (let i = 1; i < hashes.length; i++) shingles.add(hash.pair(hashes[i - 1] ?? 0, hashes[i] ?? 0));
  return shingles;
}

function minhash(shingles: ReadonlySet<number>): Uint32Array {
  const least = new Uint32Array(minhashes).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < minhashes; i++) {
      const [times = 1, plus = 0] = permutations[i] ?? [];
      let word = (Math.imul(shingle, times) + plus) | 0;
      word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
      word = (word ^ (word >>> 15)) >>> 0;
      if (word < (least[i] ?? 0)) least[i] = word;
    }
  }
  return least;
}

/** Estimated share of words and pairs that two texts have in common (Jaccard). */
export function likeness(one: Uint32Array, other: Uint32Array): number {
  let equal = 0;
  for (let i = 0; i < minhashes; i++) if (one[i] === other[i]) equal += 1;
  return equal / minhashes;
}

const groupsMax = 12;
/** Two rows each: likely to meet from a likeness of about a half. */
const bandRows = 2;
/** With fewer fields too much is near by chance. */
const nearFieldsMin = 5;

/** Where near inputs meet, and what is equal only for the same input. */
export interface NearKeys {
  readonly exact: number;
  /** Everything but one group of fields, on each grid. */
  readonly fields: readonly number[];
  /** Bands of the MinHash. */
  readonly words: readonly number[];
}

/** @param isIdentity whether a place holds something new in every request, which says nothing about nearness */
export function nearKeys(
  { fields, text, words }: Sketch,
  hash: KeyedHash,
  isIdentity: (place: number) => boolean,
): NearKeys {
  const told = fields.filter(({ place }) => !isIdentity(place));
  const exact = told.reduce((sum, field) => (sum + hash.pair(field.place, field.exact)) >>> 0, text);
  const bands: number[] = [];
  if (words !== null) {
    for (let row = 0; row < minhashes; row += bandRows)
      bands.push(hash.pair(0x10000 + row, hash.pair(words[row] ?? 0, words[row + 1] ?? 0)));
  }
  return { exact, fields: told.length < nearFieldsMin ? [] : allButOne(told, hash), words: bands };
}

function allButOne(fields: readonly SketchedField[], hash: KeyedHash): number[] {
  const groups = Math.min(fields.length, groupsMax);
  return ([0, 1] as const).flatMap((grid) => {
    const sums = new Uint32Array(groups);
    fields.forEach(({ place, near }, i) => {
      sums[i % groups] = (sums[i % groups] ?? 0) + hash.pair(place, near[grid]);
    });
    const all = sums.reduce((sum, part) => (sum + part) >>> 0, 0);
    return Array.from(sums, (part, group) => hash.pair(grid * groupsMax + group, (all - part) >>> 0));
  });
}
