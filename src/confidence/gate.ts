import type { Band, DecisionStatus } from '../decision/entry.ts';
import type { ReasonCode } from '../decision/reason.ts';
import { type Verdict, pass, stop } from '../decision/verdict.ts';
import { band as bandOf } from './band.ts';
import { type OutcomePolicy, type ScorePolicy, areThresholds } from './policy.ts';
import { type Answer, type Recommendation, type Score, recommendation, score as scoreOf } from './score.ts';

/** The active band set of a release: certified, or typed in and then with its own say on deciding. */
export type BandSet = { readonly id: string; readonly tLow: number; readonly tHigh: number } & (
  | { readonly basis: 'certified' }
  | { readonly basis: 'configured'; readonly autoDecide: boolean }
);

export interface ConfidenceInput {
  readonly answer: Answer;
  readonly outcome: OutcomePolicy;
  readonly score: ScorePolicy;
  /** Null when the release has no active band set. */
  readonly bands: BandSet | null;
}

export interface ConfidenceResult {
  readonly verdict: Verdict;
  readonly status: Exclude<DecisionStatus, 'refused'>;
  readonly score: Score | null;
  readonly band: Band | null;
  /** Why a review task is opened; null when the decision is made. */
  readonly origin: 'middle' | 'low' | 'no_band' | null;
}

/**
 * Gate 4. Passes only an answer whose score lies in the high band of a set that may decide, and whose
 * recommendation the score supports; everything else goes to a person (I5). Pure: the same record
 * gives the same result (I7).
 */
export function decide(input: ConfidenceInput): ConfidenceResult {
  const score = scoreOf(input.answer, input.score, input.outcome);
  const side = recommendation(input.answer, input.outcome);
  const { bands } = input;
  if (bands === null) return review({ score, band: null, origin: 'no_band' }, 'NO_BAND_SET');
  if (!areThresholds(bands)) {
    return review({ score, band: null, origin: 'no_band' }, 'NO_BAND_SET', 'thresholds out of order');
  }
  if (score === null) return review({ score, band: null, origin: 'no_band' }, 'NO_SCORE');
  const band = bandOf(score.value, bands);
  switch (band) {
    case 'high':
      return high(score, side, bands);
    case 'low':
      return review({ score, band, origin: 'low' }, 'BAND_LOW', contradiction(side, 'unfavourable'));
    case 'middle':
    default:
      return review({ score, band: 'middle', origin: 'middle' }, 'BAND_MIDDLE');
  }
}

function high(score: Score, side: Recommendation | null, bands: BandSet): ConfidenceResult {
  const judged = { score, band: 'high', origin: 'no_band' } as const;
  // A model that is sure of one outcome and recommends another has no confidence that can be used.
  if (side !== 'favourable') return review(judged, 'SCORE_CONTRADICTS', contradiction(side, 'favourable'));
  if (!mayDecide(bands)) return review(judged, 'BANDS_NOT_CERTIFIED');
  return { verdict: pass('confidence'), status: 'decided', score, band: 'high', origin: null };
}

function mayDecide(bands: BandSet): boolean {
  return bands.basis === 'certified' || (bands.basis === 'configured' && bands.autoDecide);
}

function review(
  judged: Pick<ConfidenceResult, 'score' | 'band' | 'origin'>,
  reason: ReasonCode,
  detail?: string,
): ConfidenceResult {
  const verdict = stop('review', 'confidence', reason, detail === undefined ? {} : { detail });
  return { verdict, status: 'in_review', ...judged };
}

function contradiction(side: Recommendation | null, expected: Recommendation): string | undefined {
  return side === expected
    ? undefined
    : `the recommendation is ${side ?? 'on neither side'}, against the score`;
}
