import { type Static, Type } from 'typebox';
import { type Observation, toTenDigits } from './observation.ts';

export const IsotonicSchema = Type.Object(
  {
    kind: Type.Literal('isotonic'),
    scores: Type.Array(Type.Number(), { description: 'raw scores between which is interpolated, rising' }),
    values: Type.Array(Type.Number(), {
      description: 'calibrated probability at each of them, never falling',
    }),
  },
  { additionalProperties: false },
);
export type Isotonic = Static<typeof IsotonicSchema>;

/**
 * The never falling sequence nearest to the values in weighted squares, by pooling adjacent violators.
 * @param weights one above zero for each value; all one when left out
 */
export function poolAdjacent(values: readonly number[], weights?: readonly number[]): number[] {
  // Blocks as a stack in three columns: this is the inner loop of every Venn-Abers pair.
  const means = new Float64Array(values.length);
  const masses = new Float64Array(values.length);
  const ends = new Int32Array(values.length);
  let top = -1;
  for (let index = 0; index < values.length; index += 1) {
    let mean = values[index] as number;
    let mass = weights?.[index] ?? 1;
    while (top >= 0 && (means[top] as number) >= mean) {
      const before = masses[top] as number;
      mean = ((means[top] as number) * before + mean * mass) / (before + mass);
      mass += before;
      top -= 1;
    }
    top += 1;
    means[top] = mean;
    masses[top] = mass;
    ends[top] = index + 1;
  }
  const pooled = Array.from({ length: values.length }, () => 0);
  for (let block = 0, at = 0; block <= top; block += 1) {
    for (; at < (ends[block] as number); at += 1) pooled[at] = means[block] as number;
  }
  return pooled;
}

/** All cases of one score as one: what comes first among equals must not matter. */
export interface Tied {
  readonly score: number;
  readonly weight: number;
  readonly favourable: number;
}

/** In rising order of the score. */
export function tied(observations: readonly Observation[]): Tied[] {
  const sorted = [...observations].sort((one, other) => one.score - other.score);
  const groups: { score: number; weight: number; favourable: number }[] = [];
  for (const { score, favourable } of sorted) {
    let group = groups.at(-1);
    if (group?.score !== score) {
      group = { score, weight: 0, favourable: 0 };
      groups.push(group);
    }
    group.weight += 1;
    group.favourable += favourable ? 1 : 0;
  }
  return groups;
}

/** @param observations at least one */
export function fitIsotonic(observations: readonly Observation[]): Isotonic {
  const groups = tied(observations);
  const fitted = poolAdjacent(
    groups.map(({ favourable, weight }) => favourable / weight),
    groups.map(({ weight }) => weight),
  );
  // Inside a block the value is the same: its two ends say all.
  const corners = groups.flatMap(({ score }, index) => {
    const value = fitted[index] as number;
    const isInside = fitted[index - 1] === value && fitted[index + 1] === value;
    return isInside ? [] : [{ score, value: toTenDigits(value) }];
  });
  return {
    kind: 'isotonic',
    scores: corners.map(({ score }) => score),
    values: corners.map(({ value }) => value),
  };
}

/** Linear between two scores, and flat outside of them. */
export function applyIsotonic({ scores, values }: Isotonic, score: number): number {
  const above = firstAtLeast(scores, score);
  if (above === scores.length) return values.at(-1) as number;
  const high = scores[above] as number;
  if (above === 0 || high === score) return values[above] as number;
  const low = scores[above - 1] as number;
  const share = (score - low) / (high - low);
  const from = values[above - 1] as number;
  return from + share * ((values[above] as number) - from);
}

/** Where the first of the rising scores is that is not below the given one; their number when all are. */
export function firstAtLeast(scores: readonly number[], score: number): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((scores[middle] as number) < score) low = middle + 1;
    else high = middle;
  }
  return low;
}
