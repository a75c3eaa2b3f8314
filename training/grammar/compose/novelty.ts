import { mix } from '../engine/draw.ts';

/** Words per shingle: long enough that two texts share one only when they share a phrase. */
const shingleWords = 8;
/** A text may share at most this part of its shingles with all texts before it. */
const sharedMax = 0.85;

/** What has been said so far, so that no text says nothing new. */
interface Novelty {
  admits(shingles: readonly number[]): boolean;
  add(shingles: readonly number[]): void;
}

/** Hashes of the shingles of a text; a text that is shorter than one is one shingle. */
export function shinglesOf(text: string): number[] {
  const words = (text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).map(hash);
  const count = Math.max(1, words.length - shingleWords + 1);
  const shingles: number[] = [];
  for (let at = 0; at < count; at++) {
    let value = 0;
    for (let i = at; i < Math.min(at + shingleWords, words.length); i++)
      value = mix(value * 31 + (words[i] ?? 0));
    shingles.push(value);
  }
  return shingles;
}

/** FNV-1a over UTF-16 code units. */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) value = Math.imul(value ^ word.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** The share of different shingles among all shingles of the texts: 1 when no phrase occurs twice. */
export function distinctShare(texts: readonly string[]): number {
  const seen = new Set<number>();
  let total = 0;
  for (const text of texts) {
    for (const shingle of shinglesOf(text)) {
      seen.add(shingle);
      total++;
    }
  }
  return total === 0 ? 1 : seen.size / total;
}

/** Bits for a few million shingles: 16 MB. Always the same, or rows would depend on how many are asked for. */
const fieldBits = 27;

/** Remembers shingles in a bit field (a Bloom filter of one hash), so that memory stays bounded. */
export function createNovelty(): Novelty {
  const field = new Uint32Array(2 ** (fieldBits - 5));
  const shift = 32 - fieldBits;
  const holds = (shingle: number) => {
    const at = mix(shingle) >>> shift;
    return ((field[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0;
  };
  return {
    admits(shingles) {
      return shingles.filter(holds).length <= sharedMax * shingles.length;
    },
    add(shingles) {
      for (const shingle of shingles) {
        const at = mix(shingle) >>> shift;
        field[at >>> 5] = (field[at >>> 5] ?? 0) | (1 << (at & 31));
      }
    },
  };
}
