import type { Thresholds } from '../policy.ts';
import type { OperatorModelSettings } from './settings.ts';
import { OperatorModelError } from './problem.ts';

/**
 * Probability of a label: of two or more, they are alternatives; a single one stands by itself.
 * @throws OperatorModelError
 */
export function probabilityOf(logits: readonly number[], label: number): number {
  const own = logits[label];
  if (own === undefined || !logits.every(Number.isFinite))
    throw new OperatorModelError(`the model gave ${logits.length} labels and no number for label ${label}`);
  const others = logits.length === 1 ? [0] : logits.filter((_, i) => i !== label);
  return 1 / (1 + others.reduce((sum, other) => sum + Math.exp(other - own), 0));
}

/** Score in thousandths on a surface. It never rises over a threshold by rounding. */
export function scoreOf(
  probability: number,
  meets: OperatorModelSettings['probabilities'],
  { review, refuse }: Thresholds,
): number {
  if (meets === undefined) return Math.floor(probability * 1000);
  const between = (low: number, high: number, from: number, to: number) =>
    Math.floor(from + ((probability - low) / (high - low)) * (to - from));
  if (probability >= meets.refuse) return Math.min(1000, between(meets.refuse, 1, refuse, 1000));
  if (probability < meets.review)
    return Math.min(review, refuse) <= 1 ? 0 : between(0, meets.review, 0, Math.min(review, refuse) - 1);
  return Math.min(1000, refuse - 1, between(meets.review, meets.refuse, review, refuse - 1));
}
