/**
 * Every subset of some endpoints, one after another, as the positions that go out or come back between a
 * subset and the next. The first subset is the empty one.
 */
export type OutageWalk = Iterable<readonly number[]>;

const nothing: readonly number[] = [];

/**
 * All subsets, in the order of the reflected Gray code: one endpoint changes at each step. (`i` steps on at
 * the lowest set bit of `i`.)
 */
export function* everySubset(positions: readonly number[]): Generator<readonly number[], void, undefined> {
  const steps = positions.map((position) => [position]);
  yield nothing;
  for (let i = 1; i < 2 ** positions.length; i++) yield steps[31 - Math.clz32(i & -i)] ?? nothing;
}

/** The subsets with at most `few` out, and those with at most `few` left. */
export function* edgeSubsets(
  positions: readonly number[],
  few: number,
): Generator<readonly number[], void, undefined> {
  let before: readonly number[] = [];
  for (let size = 0; size <= positions.length; size++) {
    if (size > few && size < positions.length - few) continue;
    for (const subset of choose(positions, size)) {
      yield difference(before, subset);
      before = subset;
    }
  }
}

/** Whether all subsets are at most so many; otherwise how few may be out or left to keep near that. */
export function fewFor(count: number, subsetsMax: number): number | 'all' {
  if (count < 31 && 2 ** count <= subsetsMax) return 'all';
  let few = 0;
  for (let total = 2; few < count; few++) {
    total += 2 * binomial(count, few + 1);
    if (total > subsetsMax) break;
  }
  return few;
}

function* choose(positions: readonly number[], size: number): Generator<readonly number[], void, undefined> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let first = 0; first <= positions.length - size; first++) {
    const head = positions.slice(first, first + 1);
    for (const tail of choose(positions.slice(first + 1), size - 1)) yield [...head, ...tail];
  }
}

function difference(a: readonly number[], b: readonly number[]): readonly number[] {
  return [...a.filter((one) => !b.includes(one)), ...b.filter((one) => !a.includes(one))];
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return Math.round(value);
}
