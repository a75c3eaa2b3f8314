/** What mistakes and a review of one case cost, in one unit. */
export interface CaseCosts {
  /** A favourable outcome that was wrong. */
  readonly falseApprove: number;
  /** An unfavourable outcome that was wrong. */
  readonly falseDecline: number;
  readonly review: number;
}

/** How often a reviewer errs, 0 to 1. */
export interface ReviewerErrors {
  /** Share of the wrong cases that a reviewer approves. */
  readonly falseApprove: number;
  /** Share of the right cases that a reviewer declines. */
  readonly falseDecline: number;
}

/** Probabilities q that the favourable outcome is right, where two ways of treating a case cost the same. */
export interface ChowPoints {
  /** Approving costs no more than a review from here on. May lie outside of 0 to 1. */
  readonly high: number;
  /** Declining costs no more than a review up to here. May lie outside of 0 to 1. */
  readonly low: number;
  /** Approving costs no more than declining from here on. */
  readonly single: number;
  /** Whether there is any q for which a review is the cheapest. */
  readonly reviewPays: boolean;
  /** With reviewers who never err, a review pays below this cost. */
  readonly reviewPaysBelow: number;
}

export const noReviewerErrors: ReviewerErrors = { falseApprove: 0, falseDecline: 0 };

/** Chow's rule (1970) with costs, a price of abstaining, and reviewers who err. */
export function chowPoints(costs: CaseCosts, errors: ReviewerErrors = noReviewerErrors): ChowPoints {
  const { falseApprove, falseDecline, review } = costs;
  const savedApproves = falseApprove * (1 - errors.falseApprove);
  const savedDeclines = falseDecline * (1 - errors.falseDecline);
  const high = (savedApproves - review) / (savedApproves + errors.falseDecline * falseDecline);
  const low =
    (review + errors.falseApprove * falseApprove) / (savedDeclines + errors.falseApprove * falseApprove);
  const single = falseApprove / (falseApprove + falseDecline);
  return {
    high,
    low,
    single,
    reviewPays: low < high,
    reviewPaysBelow: (falseApprove * falseDecline) / (falseApprove + falseDecline),
  };
}

/** From where on to approve and up to where to decline: one point for both where a review never pays. */
export function cheapest(points: ChowPoints): { readonly high: number; readonly low: number } {
  return points.reviewPays ? points : { high: points.single, low: points.single };
}

export type Treatment = 'approve' | 'review' | 'decline';

/** What a treatment costs on average when it is known whether the favourable outcome is right. */
export function costOf(
  treatment: Treatment,
  isFavourable: boolean,
  costs: CaseCosts,
  errors: ReviewerErrors,
): number {
  const { falseApprove, falseDecline, review } = costs;
  if (treatment === 'approve') return isFavourable ? 0 : falseApprove;
  if (treatment === 'decline') return isFavourable ? falseDecline : 0;
  return review + (isFavourable ? errors.falseDecline * falseDecline : errors.falseApprove * falseApprove);
}
