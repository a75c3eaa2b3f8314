import { type CalibratorKind, createCalibration } from '../calibration/calibrator.ts';
import { type CalibratorChoice, chooseCalibrator } from '../calibration/choice.ts';
import { firstAtLeast } from '../calibration/isotonic.ts';
import { clopperPearsonUpper, leastCases } from './binomial.ts';
import { type CertifiedBands, type Edge, type LabelledCase, closedBands, createPoints } from './bands.ts';
import { type ReviewerErrors, chowPoints } from './chow.ts';
import { type AmountCosts, costsAt, dependOnAmount } from './costs.ts';
import { edgeGrid } from './grid.ts';
import { type BandCount, type Walk, walk } from './learn-then-test.ts';

export interface RiskSettings {
  readonly costs: AmountCosts;
  readonly reviewerErrors: ReviewerErrors;
  /** Greatest share of wrong approvals among the approved. */
  readonly alphaHigh: number;
  /** Greatest share of wrong declines among the declined. */
  readonly alphaLow: number;
  /** Greatest chance that either certified band errs more than its alpha. */
  readonly delta: number;
  /** Whether the low band decides; where it only escalates, the high band has the whole of delta. */
  readonly lowBand: 'decline' | 'escalate';
  readonly seed: number;
}

/** `chow`: the costs set the edge; `ltt`: the certification did, being the stricter. */
export type EdgeBasis = 'chow' | 'ltt';

export interface SideEvidence {
  readonly basis: EdgeBasis | null;
  /** The edge that the costs alone would set, as calibrated probability; null where it differs by amount. */
  readonly chow: number | null;
  /** What was tested: alpha, or the share of errors up to which the band costs no more than reviewing it. */
  readonly limit: number;
  /** This band's part of delta. */
  readonly delta: number;
  /** Fewest cases that could certify the limit, with no error among them. */
  readonly zeroErrorCases: number;
  /** Fewest cases of a band that was tested. */
  readonly casesMin: number;
  readonly tested: number;
  /** Cases in the certified band, errors among them, and the bound of its error rate; null when there is none. */
  readonly certified: {
    readonly n: number;
    readonly k: number;
    readonly pValue: number;
    readonly upper: number;
  } | null;
}

export interface Certification {
  readonly bands: CertifiedBands;
  /** `max` when one edge is set by the costs and the other by the certification, null without any band. */
  readonly basis: EdgeBasis | 'max' | null;
  readonly high: SideEvidence;
  /** Null when the low band decides nothing. */
  readonly low: SideEvidence | null;
  readonly crossValidatedLogLoss: Readonly<Record<CalibratorKind, number>> | null;
}

export interface Cases {
  readonly fit: readonly LabelledCase[];
  readonly certify: readonly LabelledCase[];
}

/**
 * Fits a calibration on some cases, certifies band edges on others, and takes the stricter of the costs and the
 * certification. With fixed costs both may be the same cases: edges are scores of a fixed grid, tested in a fixed
 * order, so the guarantee holds for all the certified ones at once, whichever of them the calibration then picks.
 */
export function certifyBands(cases: Cases, settings: RiskSettings): Certification {
  if (cases.fit === cases.certify && dependOnAmount(settings.costs)) {
    throw new RangeError('costs that depend on the amount need a calibration fitted on other cases');
  }
  const choice = chooseCalibrator(cases.fit, settings.seed);
  // Cases that all came out the same show no difference between the scores, and most often a wrong column.
  const certify = haveBothOutcomes(cases) ? cases.certify : [];
  const high = certifySide('high', { fit: cases.fit, certify }, choice, settings);
  const low =
    settings.lowBand === 'decline' ? certifySide('low', { fit: cases.fit, certify }, choice, settings) : null;
  const lowEdge = belowHigh(low?.edge ?? null, high.edge);
  const lowEvidence = low === null || lowEdge !== null ? low?.evidence : withoutBand(low.evidence);
  return {
    bands: { ...closedBands({ ...settings, calibrator: choice.calibrator }), high: high.edge, low: lowEdge },
    basis: basisOf([high.evidence.basis, lowEvidence?.basis ?? null]),
    high: high.evidence,
    low: lowEvidence ?? null,
    crossValidatedLogLoss: choice.crossValidatedLogLoss,
  };
}

function haveBothOutcomes({ fit, certify }: Cases): boolean {
  const outcomes = new Set([...fit, ...certify].map(({ favourable }) => favourable));
  return outcomes.size === 2;
}

/** Where reviewing never pays, both bands may meet; a case has to be in one of them. */
function belowHigh(low: Edge | null, high: Edge | null): Edge | null {
  return low !== null && high !== null && (low.score >= high.score || low.q >= high.q) ? null : low;
}

function withoutBand(evidence: SideEvidence): SideEvidence {
  return { ...evidence, basis: null, certified: null };
}

function basisOf(sides: readonly (EdgeBasis | null)[]): Certification['basis'] {
  const given = new Set(sides.filter((side) => side !== null));
  if (given.size === 2) return 'max';
  const [only] = given;
  return only ?? null;
}

interface Side {
  readonly edge: Edge | null;
  readonly evidence: SideEvidence;
}

function certifySide(
  side: 'high' | 'low',
  { fit, certify }: Cases,
  { calibrator }: CalibratorChoice,
  settings: RiskSettings,
): Side {
  const calibration = createCalibration(calibrator);
  const pays = paysIn(side, settings);
  const byAmount = dependOnAmount(settings.costs);
  const nearest = nearestInside(side, fit);
  // The costs' own edge, moved to its stricter neighbour on the grid; by amount every case has its own.
  const candidates = (side === 'high' ? edgeGrid.toReversed() : edgeGrid).filter(
    (edge) => byAmount || pays(calibration(nearest(edge)), 0),
  );
  const inBand = byAmount ? certify.filter(({ score, amount }) => pays(calibration(score), amount)) : certify;
  const counts = countAt(side, candidates, inBand);
  const limits = limitsOf(side, settings, inBand.length);
  const found = walk(counts, limits);
  const evidence = {
    chow: byAmount ? null : pointOf(side, settings),
    delta: limits.delta,
    limit: limits.alpha,
    zeroErrorCases: leastCases(0, limits.alpha, limits.delta),
    casesMin: limits.casesMin,
  };
  if (found === null) {
    return {
      edge: null,
      evidence: { ...evidence, basis: null, tested: testedOf(counts, limits), certified: null },
    };
  }
  // All up to the found one are certified: of those with the same cases the strictest takes in nothing unseen.
  const score = candidates[counts.findIndex(({ n }) => n === counts[found.at]?.n)] as number;
  return {
    edge: { q: calibration(nearest(score)), score },
    evidence: {
      ...evidence,
      basis: isLast(found, counts) ? 'chow' : 'ltt',
      tested: found.tested,
      certified: certifiedOf(counts[found.at] as BandCount, found, limits.delta),
    },
  };
}

/**
 * The score nearest to an edge that was seen inside of its band; the edge where there is none. Between the scores
 * it has seen, a calibration may only say that it does not know, and no case is there.
 */
function nearestInside(side: 'high' | 'low', fit: readonly LabelledCase[]): (edge: number) => number {
  const sorted = fit.map(({ score }) => score).sort((one, other) => one - other);
  if (side === 'high') return (edge) => sorted[firstAtLeast(sorted, edge)] ?? edge;
  return (edge) => {
    const at = firstAtLeast(sorted, edge);
    return sorted[at] === edge ? edge : (sorted[at - 1] ?? edge);
  };
}

function paysIn(side: 'high' | 'low', settings: RiskSettings): (q: number, amount: number) => boolean {
  const points = createPoints(settings);
  return side === 'high' ? (q, amount) => q >= points(amount).high : (q, amount) => q <= points(amount).low;
}

function pointOf(side: 'high' | 'low', settings: RiskSettings): number {
  return createPoints(settings)(0)[side];
}

/** A case is never approved where the costs say review: the walk's last band is as wide as theirs. */
function isLast({ at }: Walk, counts: readonly BandCount[]): boolean {
  const [found, widest] = [counts[at], counts.at(-1)];
  return found?.n === widest?.n;
}

function testedOf(counts: readonly BandCount[], { casesMin }: { casesMin: number }): number {
  return counts.some(({ n }) => n >= casesMin) ? 1 : 0;
}

function certifiedOf({ n, k }: BandCount, { pValue }: Walk, delta: number): SideEvidence['certified'] {
  return { n, k, pValue, upper: clopperPearsonUpper(k, n, delta) };
}

/** A walk that starts where no error is allowed ends there more often than not. */
const startErrorsMax = 4;
/** Where alpha is large, so few cases certify it that chance decides; this many are asked for if there are as many. */
const startCasesMin = 200;
const startShareMin = 1 / 20;
/** Few cases are better spent on a strict start than on one that leaves little to walk. */
const startShareMax = 1 / 4;

/** Smallest band to test: a rule on numbers of cases alone, so that it leaves the test exact. */
function startOf(cases: number, alpha: number, delta: number): number {
  let start = leastCases(0, alpha, delta);
  for (let errors = 1; errors <= startErrorsMax; errors += 1) {
    const next = leastCases(errors, alpha, delta);
    if (next > startShareMax * cases) break;
    start = next;
  }
  return Math.max(start, Math.min(startCasesMin, Math.floor(startShareMin * cases)));
}

/**
 * The limit on errors is the stricter of alpha and the share at which the whole band costs as much as reviewing
 * it: then certified bands cost no more than reviewing everything, however wrong the calibration is.
 */
function limitsOf(side: 'high' | 'low', settings: RiskSettings, cases: number) {
  const alpha = side === 'high' ? settings.alphaHigh : settings.alphaLow;
  const points = chowPoints(costsAt(settings.costs, 0), settings.reviewerErrors);
  const breakEven = side === 'high' ? 1 - points.high : points.low;
  const limit = dependOnAmount(settings.costs) ? alpha : Math.min(alpha, breakEven);
  const delta = settings.lowBand === 'decline' ? settings.delta / 2 : settings.delta;
  return { alpha: limit, delta, casesMin: startOf(cases, limit, delta) };
}

/** Cases beyond each candidate edge, and the errors among them. */
function countAt(
  side: 'high' | 'low',
  candidates: readonly number[],
  certify: readonly LabelledCase[],
): BandCount[] {
  const direction = side === 'high' ? -1 : 1;
  const sorted = [...certify].sort((one, other) => direction * (one.score - other.score));
  const counts: BandCount[] = [];
  let n = 0;
  let k = 0;
  for (const edge of candidates) {
    for (let next = sorted[n]; next !== undefined && direction * (next.score - edge) <= 0; next = sorted[n]) {
      n += 1;
      if (next.favourable !== (side === 'high')) k += 1;
    }
    counts.push({ n, k });
  }
  return counts;
}
