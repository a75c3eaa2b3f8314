import { type Static, Type } from 'typebox';
import { type Tied, firstAtLeast, poolAdjacent, tied } from './isotonic.ts';
import { type Observation, toTenDigits } from './observation.ts';

export const VennAbersSchema = Type.Object(
  {
    favourable: Type.Array(Type.Number(), {
      description: 'at each score: cases whose favourable outcome was right',
    }),
    kind: Type.Literal('venn-abers'),
    scores: Type.Array(Type.Number(), { description: 'raw scores of the cases it compares with, rising' }),
    weights: Type.Array(Type.Number(), { description: 'cases at each score' }),
  },
  { additionalProperties: false },
);
export type VennAbers = Static<typeof VennAbersSchema>;

/** What the case would be given if its own label were 0, and if it were 1. */
export interface VennAbersPair {
  readonly p0: number;
  readonly p1: number;
}

/** More different scores than this are pooled with their neighbours, so that one pair costs little. */
const scoresMax = 200;

export function fitVennAbers(observations: readonly Observation[]): VennAbers {
  const groups = pooled(tied(observations));
  return {
    favourable: groups.map(({ favourable }) => favourable),
    kind: 'venn-abers',
    scores: groups.map(({ score }) => score),
    weights: groups.map(({ weight }) => weight),
  };
}

/** Neighbours of about the same number of cases each, at their mean score. */
function pooled(groups: readonly Tied[]): Tied[] {
  if (groups.length <= scoresMax) return [...groups];
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  const pools: { sum: number; weight: number; favourable: number }[] = [];
  let seen = 0;
  for (const { score, weight, favourable } of groups) {
    const at = Math.floor((seen * scoresMax) / total);
    seen += weight;
    const pool = (pools[at] ??= { sum: 0, weight: 0, favourable: 0 });
    pool.sum += score * weight;
    pool.weight += weight;
    pool.favourable += favourable;
  }
  return Object.values(pools).map(({ sum, weight, favourable }) => ({
    score: toTenDigits(sum / weight),
    weight,
    favourable,
  }));
}

/** Two isotonic fits, each with the case itself added under one of the two labels (Vovk and Petej 2014). */
export function vennAbersPair(calibrator: VennAbers, score: number): VennAbersPair {
  return { p0: fittedWith(calibrator, score, 0), p1: fittedWith(calibrator, score, 1) };
}

function fittedWith({ scores, weights, favourable }: VennAbers, score: number, label: 0 | 1): number {
  const at = firstAtLeast(scores, score);
  const isKnown = scores[at] === score;
  const counts = [...weights];
  const sums = [...favourable];
  if (isKnown) {
    (counts[at] as number) += 1;
    (sums[at] as number) += label;
  } else {
    counts.splice(at, 0, 1);
    sums.splice(at, 0, label);
  }
  const means = sums.map((sum, index) => sum / (counts[index] as number));
  return poolAdjacent(means, counts)[at] as number;
}

/** The pair as one probability: the one of least regret under log loss. */
export function applyVennAbers(calibrator: VennAbers, score: number): number {
  const { p0, p1 } = vennAbersPair(calibrator, score);
  return p1 / (1 - p0 + p1);
}

/** Scores of one cell, a known score or the gap between two, have one pair; cells are numbered in rising order. */
export function vennAbersCell({ scores }: VennAbers, score: number): number {
  const at = firstAtLeast(scores, score);
  return scores[at] === score ? 2 * at + 1 : 2 * at;
}
