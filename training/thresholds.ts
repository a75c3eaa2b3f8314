import { type SurfaceKind, surfaceKinds } from '../src/decision/surface.ts';
import type { Calibration } from '../src/validation/classifier/weights.ts';
import { scoreAtFalsePositives } from '../src/validation/evaluation/ranking.ts';
import { defaultValidationPolicy } from '../src/validation/policy.ts';
import type { LoggedRow } from './leave-one-out.ts';

/** Shares of honest texts that may be flagged. */
export const budgets = {
  review: { financial: 0.01, other: 0.04 },
  refuse: { financial: 0.002, other: 0.01 },
} as const;

/** Honest texts of the trade; all others are general, and many of them hard. */
export function isFinancial({ row }: LoggedRow): boolean {
  return /^(?:banking77|tatqa_dev|tau_trajectories|grammar-)/.test(row.source);
}

/** Honest texts of one source on one surface below which they set no threshold: one of them would be several per cent. */
export const sourceTextsMin = 40;

/** Logits on either side of which a score only says that it is low, or high. */
const reach = 12;
const scoreMax = 1000;
const LOGIT_STEP_MIN = 0.05;

/** Where no data has a surface of its own, the one that is most like it stands in. */
const standIns: Readonly<Record<SurfaceKind, SurfaceKind>> = {
  chat: 'chat',
  document: 'document',
  retrieved: 'retrieved',
  tool_result: 'tool_result',
  tool_call: 'tool_result',
  output: 'retrieved',
};

/** Lays the scores so that the thresholds that ship are met at the budgets, by texts of unseen sources. */
export function calibrate(benign: readonly LoggedRow[]): Record<SurfaceKind, Calibration> {
  return Object.fromEntries(
    surfaceKinds.map((surface) => {
      const here = benign.filter(({ row }) => row.surface === standIns[surface]);
      const review = logitAt(here, budgets.review);
      const refuse = Math.max(review + LOGIT_STEP_MIN, logitAt(here, budgets.refuse));
      const { thresholds } = defaultValidationPolicy;
      const knots: Calibration = [
        [review - reach, 0],
        [review, thresholds[surface].review],
        [refuse, thresholds[surface].refuse],
        [refuse + reach, scoreMax],
      ];
      return [surface, knots];
    }),
  ) as Record<SurfaceKind, Calibration>;
}

function logitAt(rows: readonly LoggedRow[], budget: { financial: number; other: number }): number {
  const financial = scoreAtFalsePositives(
    rows.filter(isFinancial).map(({ logit }) => ({ score: logit, isAttack: false })),
    budget.financial,
  );
  const logit = Math.max(
    financial ?? -Infinity,
    logitAtMean(
      rows.filter((row) => !isFinancial(row)),
      budget.other,
    ),
  );
  if (!Number.isFinite(logit)) throw new RangeError('a surface has no honest texts to set its thresholds by');
  // Above the honest text that is still within the budget, not at it.
  return logit + LOGIT_STEP_MIN;
}

/** The logit above which no more than a share lies on average over the sources: none outvotes the others by its size. */
function logitAtMean(rows: readonly LoggedRow[], share: number): number {
  const sizes = new Map<string, number>();
  for (const { row } of rows) sizes.set(row.source, (sizes.get(row.source) ?? 0) + 1);
  const counted = rows.filter(({ row }) => (sizes.get(row.source) ?? 0) >= sourceTextsMin);
  const sources = new Set(counted.map(({ row }) => row.source)).size;
  let mean = 0;
  for (const { row, logit } of counted.toSorted((one, other) => other.logit - one.logit)) {
    mean += 1 / ((sizes.get(row.source) ?? 1) * sources);
    if (mean > share) return logit;
  }
  return -Infinity;
}
