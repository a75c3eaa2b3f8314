/** A text's score, and what it is. */
export interface Scored {
  readonly score: number;
  readonly isAttack: boolean;
}

/** Falling order. */
const down = (one: number, other: number) => other - one;

/**
 * The chance that an attack scores above a benign text, ties counting half (Mann and Whitney, 1947).
 * @returns null where there are no attacks or no benign texts
 */
export function areaUnderCurve(rows: readonly Scored[]): number | null {
  const attacks = rows.filter(({ isAttack }) => isAttack).length;
  const benign = rows.length - attacks;
  if (attacks === 0 || benign === 0) return null;
  const sorted = rows.toSorted((one, other) => one.score - other.score);
  let ranks = 0;
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    end = start;
    let attacksHere = 0;
    for (; end < sorted.length && sorted[end]?.score === sorted[start]?.score; end += 1) {
      attacksHere += Number(sorted[end]?.isAttack);
    }
    ranks += (attacksHere * (start + end + 1)) / 2;
  }
  return (ranks - (attacks * (attacks + 1)) / 2) / (attacks * benign);
}

/**
 * The score above which no more than a share of benign texts lies.
 * @returns null without benign texts
 */
export function scoreAtFalsePositives(rows: readonly Scored[], share: number): number | null {
  const benign = rows.filter(({ isAttack }) => !isAttack).map(({ score }) => score);
  return benign.sort(down)[Math.floor(share * benign.length)] ?? null;
}

/**
 * The share of attacks above the score at which no more than a share of benign texts is flagged. Both
 * are of the same rows, so with few benign texts it flatters.
 */
export function recallAtFalsePositives(rows: readonly Scored[], share: number): number | null {
  const attacks = rows.filter(({ isAttack }) => isAttack);
  const threshold = scoreAtFalsePositives(rows, share);
  if (threshold === null || attacks.length === 0) return null;
  return attacks.filter(({ score }) => score > threshold).length / attacks.length;
}
