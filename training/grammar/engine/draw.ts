/** A stream of random draws that depends on its seed alone. */
export interface Draw {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** An integer in [low, high], both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `count` different members of the list (or all of them), in the order of the list. */
  some<T>(list: readonly T[], count: number): T[];
  shuffled<T>(list: readonly T[]): T[];
}

/**
 * The finaliser of MurmurHash3 (Appleby, public domain): every bit of the input reaches every bit of the
 * output.
 */
export function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** A seed for one row, so that row n does not depend on how many rows are asked for. */
export function rowSeed(seed: number, split: number, row: number): number {
  return mix(mix(mix(seed) + split) + Math.imul(row + 1, 0x9e3779b1));
}

/**
 * SplitMix (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014) on 32 bits: a
 * counter that grows by the golden ratio, and a finaliser.
 */
export function createDraw(seed: number): Draw {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state) / 0x1_0000_0000;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  const pick = <T>(list: readonly T[]): T => {
    const found = list.at(below(list.length));
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  };
  const keyed = <T>(list: readonly T[]) =>
    list.map((item, index) => ({ item, index, key: next() })).sort((a, b) => a.key - b.key);
  const shuffled = <T>(list: readonly T[]): T[] => keyed(list).map(({ item }) => item);
  const some = <T>(list: readonly T[], count: number): T[] =>
    keyed(list)
      .slice(0, count)
      .sort((a, b) => a.index - b.index)
      .map(({ item }) => item);
  return {
    next,
    below,
    pick,
    some,
    shuffled,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
  };
}
