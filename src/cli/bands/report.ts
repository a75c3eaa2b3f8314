import type { Certification, RiskSettings } from '../../confidence/certification/certify.ts';
import type { Measurement, Strategy } from '../../confidence/certification/measurement.ts';
import type { Proposal } from '../../confidence/certification/proposal.ts';
import { chowPoints } from '../../confidence/certification/chow.ts';
import { costsAt, dependOnAmount } from '../../confidence/certification/costs.ts';

/** What `bands certify` prints as JSON. */
export interface CertifyReport {
  /** Calibrated probability that the good outcome is right, up to which cases are declined; null: none are. */
  readonly tLow: number | null;
  /** The same from which cases are approved; null: none are. */
  readonly tHigh: number | null;
  readonly basis: Certification['basis'];
  /** The edges in the file's own score, the probability of the bad outcome. */
  readonly raw: { readonly approveAtMost: number | null; readonly declineAtLeast: number | null };
  readonly evidence: {
    readonly high: Certification['high'];
    readonly low: Certification['low'];
    readonly alpha: { readonly high: number; readonly low: number };
    readonly delta: number;
    readonly rows: Proposal['rows'];
    readonly seed: number;
    readonly reviewPays: boolean | null;
    readonly calibrator: string;
    readonly crossValidatedLogLoss: Certification['crossValidatedLogLoss'];
    readonly calibration: Measurement['calibration'];
    /** Errors in the bands among the measured rows. */
    readonly measuredError: Measurement['error'];
  };
  readonly volume: Measurement['volume'];
  /** Mean cost of a case, on rows that were not used for fitting or certifying. */
  readonly expectedCost: Readonly<Record<Strategy, number>>;
  /** 95 %, by bootstrap over the measured rows. */
  readonly expectedCostInterval: Measurement['expectedCostInterval'];
  readonly difference: Measurement['difference'];
  /** What a release holds. */
  readonly bands: Certification['bands'];
}

export function reportOf(
  { certification, measurement, rows }: Proposal,
  settings: RiskSettings,
): CertifyReport {
  const { bands, basis, high, low, crossValidatedLogLoss } = certification;
  const points = chowPoints(costsAt(settings.costs, 0), settings.reviewerErrors);
  return {
    tLow: bands.low?.q ?? null,
    tHigh: bands.high?.q ?? null,
    basis,
    raw: { approveAtMost: turned(bands.high?.score), declineAtLeast: turned(bands.low?.score) },
    evidence: {
      high,
      low,
      alpha: { high: settings.alphaHigh, low: settings.alphaLow },
      delta: settings.delta,
      rows,
      seed: settings.seed,
      reviewPays: dependOnAmount(settings.costs) ? null : points.reviewPays,
      calibrator: bands.calibrator.kind,
      crossValidatedLogLoss,
      calibration: measurement.calibration,
      measuredError: measurement.error,
    },
    volume: measurement.volume,
    expectedCost: measurement.expectedCost,
    expectedCostInterval: measurement.expectedCostInterval,
    difference: measurement.difference,
    bands,
  };
}

/** To nine digits, as the edges have. */
function turned(score: number | undefined): number | null {
  return score === undefined ? null : Number((1 - score).toFixed(9));
}
