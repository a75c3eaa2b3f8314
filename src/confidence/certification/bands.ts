import { type Static, Type } from 'typebox';
import { type Calibrator, CalibratorSchema, createCalibration } from '../calibration/calibrator.ts';
import type { Observation } from '../calibration/observation.ts';
import type { Band } from '../../decision/entry.ts';
import { type ReviewerErrors, cheapest, chowPoints } from './chow.ts';
import { AmountCostsSchema, costsAt, dependOnAmount } from './costs.ts';

const closed = { additionalProperties: false } as const;
const share = Type.Number({ minimum: 0, maximum: 1 });

const EdgeSchema = Type.Object(
  {
    q: Type.Number({ description: 'calibrated probability of the case nearest to the edge, inside of it' }),
    score: Type.Number({
      description: 'raw score at the edge, which decides: the calibration may be flat there',
    }),
  },
  closed,
);
export type Edge = Static<typeof EdgeSchema>;

/** Certified bands as a release holds them; the edges belong to the outer bands. */
export const CertifiedBandsSchema = Type.Object(
  {
    calibrator: CalibratorSchema,
    costs: AmountCostsSchema,
    high: Type.Union([EdgeSchema, Type.Null()], { description: 'from here on approved; null: nothing is' }),
    low: Type.Union([EdgeSchema, Type.Null()], {
      description: 'up to here in the low band; null: nothing is',
    }),
    reviewerErrors: Type.Object({ falseApprove: share, falseDecline: share }, closed),
  },
  closed,
);
export type CertifiedBands = Static<typeof CertifiedBandsSchema>;

/** A labelled case; the amount is 0 where no cost depends on one. */
export interface LabelledCase extends Observation {
  readonly amount: number;
}

export interface Placed {
  /** Calibrated probability that the favourable outcome is right. */
  readonly q: number;
  readonly band: Band;
}

/**
 * Puts cases into bands: beyond a certified edge of the raw score, and where costs depend on the amount, only if
 * the outcome is the cheapest treatment of this very case. Everything else is in the middle (I5).
 */
export function createPlacement(bands: CertifiedBands): (score: number, amount: number) => Placed {
  const calibration = createCalibration(bands.calibrator);
  const pointsAt = createPoints(bands);
  const byAmount = dependOnAmount(bands.costs);
  return (score, amount) => {
    const q = calibration(score);
    // With fixed costs the edges have them in already.
    const points = byAmount ? pointsAt(amount) : { high: 0, low: 1 };
    if (bands.high !== null && score >= bands.high.score && q >= points.high) return { q, band: 'high' };
    if (bands.low !== null && score <= bands.low.score && q <= points.low) return { q, band: 'low' };
    return { q, band: 'middle' };
  };
}

/** The points between which a review is the cheapest, for a case of an amount. */
export function createPoints(costed: {
  readonly costs: CertifiedBands['costs'];
  readonly reviewerErrors: ReviewerErrors;
}): (amount: number) => { readonly high: number; readonly low: number } {
  const known = new Map<number, { readonly high: number; readonly low: number }>();
  return (amount) => {
    let points = known.get(amount);
    if (points === undefined) {
      points = cheapest(chowPoints(costsAt(costed.costs, amount), costed.reviewerErrors));
      known.set(amount, points);
    }
    return points;
  };
}

/** Bands that decide nothing. */
export function closedBands(of: {
  readonly calibrator: Calibrator;
  readonly costs: CertifiedBands['costs'];
  readonly reviewerErrors: ReviewerErrors;
}): CertifiedBands {
  return {
    calibrator: of.calibrator,
    costs: of.costs,
    high: null,
    low: null,
    reviewerErrors: of.reviewerErrors,
  };
}
