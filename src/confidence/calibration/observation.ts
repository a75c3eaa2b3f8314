/** A scored case whose right answer is known. */
export interface Observation {
  /** What the model stated as the probability that the favourable outcome is right, 0 to 1. */
  readonly score: number;
  /** Whether the favourable outcome was right. */
  readonly favourable: boolean;
}

/**
 * Probabilities are kept in millionths, as scores are: engines may differ in the last bits of exp and log,
 * and a replay must find the same band (I7).
 */
export function toMillionths(probability: number): number {
  return Math.round(probability * 1e6) / 1e6;
}

/** Parameters of a calibrator, to ten significant digits, for the same reason. */
export function toTenDigits(parameter: number): number {
  return Number(parameter.toPrecision(10));
}

/** A score of exactly 0 or 1 has no logarithm of its odds; a score within a millionth counts as that near. */
const nearest = 1e-6;

export function logOdds(probability: number): number {
  const inside = Math.min(1 - nearest, Math.max(nearest, probability));
  return Math.log(inside) - Math.log1p(-inside);
}

export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + Math.exp(-logit));
  const odds = Math.exp(logit);
  return odds / (1 + odds);
}

/** ln p and −ln(1 − p), the features of beta calibration. */
export function logarithms(probability: number): readonly [number, number] {
  const inside = Math.min(1 - nearest, Math.max(nearest, probability));
  return [Math.log(inside), -Math.log1p(-inside)];
}
