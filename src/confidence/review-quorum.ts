import type { Quorum } from './review-policy.ts';

/** One person's answer, as far as it counts towards the outcome. */
export interface CountedAnswer {
  readonly verdict: string;
  readonly reasonCodes: readonly string[];
}

/** What the answers to one task come to, in the order in which they were given. */
export type Tally =
  | { readonly kind: 'reached'; readonly verdict: string; readonly reasonCodes: readonly string[] }
  /** Everybody who was to be asked has answered, and too few agree. */
  | { readonly kind: 'split' }
  | { readonly kind: 'open' };

const principalReasonsMax = 4;

/**
 * Pure, so that a replay comes to the same (I7). An answer more never undoes one that was given: nobody can fill a
 * quorum alone, because each counts once, and nobody can void it, because none is taken away.
 */
export function tally(answers: readonly CountedAnswer[], quorum: Quorum): Tally {
  for (const { verdict } of answers) {
    const same = answers.filter((answer) => answer.verdict === verdict);
    if (same.length >= quorum.agree) return { kind: 'reached', verdict, reasonCodes: principalReasons(same) };
  }
  return { kind: answers.length >= quorum.answers ? 'split' : 'open' };
}

/** Reasons that most persons gave come first, then in the order of their answers. */
function principalReasons(answers: readonly CountedAnswer[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const code of answers.flatMap(({ reasonCodes }) => reasonCodes)) {
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, principalReasonsMax)
    .map(([code]) => code);
}
