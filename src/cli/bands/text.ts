import type { SideEvidence } from '../../confidence/certification/certify.ts';
import type { BandError, BandVolume } from '../../confidence/certification/measurement.ts';
import type { Interval } from '../../confidence/calibration/quality.ts';
import type { CertifyReport } from './report.ts';

/** The report as a person reads it. */
export function printReport(report: CertifyReport): void {
  printRows(report);
  const { evidence, raw, tHigh, tLow } = report;
  console.log('');
  printEdge('approve', tHigh, raw.approveAtMost, evidence.high);
  if (evidence.low !== null) printEdge('decline', tLow, raw.declineAtLeast, evidence.low);
  else console.log('decline  no: the low band escalates');
  if (evidence.reviewPays === false) console.log('A review costs more than it saves, whatever the score.');
  printCalibration(report);
  printVolume(report);
  printCosts(report);
}

function printRows({ evidence: { rows, seed } }: CertifyReport): void {
  const of = `${rows.total} rows, seed ${seed}:`;
  if (rows.design === 'split') {
    console.log(
      `${of} ${rows.fit} to fit, ${rows.certify} others to certify, ${rows.measure} others to measure.`,
    );
    return;
  }
  console.log(
    `${of} the bands are fitted and certified on all; each fifth is measured by bands from the other four.`,
  );
}

function printEdge(
  outcome: 'approve' | 'decline',
  t: number | null,
  raw: number | null,
  side: SideEvidence,
): void {
  const { limit, delta, zeroErrorCases, casesMin, certified } = side;
  if (t === null || raw === null || certified === null) {
    const least = Number.isFinite(zeroErrorCases)
      ? `${zeroErrorCases} cases without an error`
      : 'a limit above zero';
    console.log(
      `${outcome}  no band: an error of at most ${percent(limit)} was not certified` +
        ` (it takes ${least}; the smallest band tested has ${casesMin})`,
    );
    return;
  }
  const [q, score] = outcome === 'approve' ? ['from', 'up to'] : ['up to', 'from'];
  console.log(
    `${outcome}  ${q} q = ${t.toFixed(4)}, the file’s score ${score} ${raw.toFixed(4)}; set by ${side.basis ?? '-'}`,
  );
  console.log(
    `         ${certified.k} errors in ${certified.n} certified cases: at most ${percent(certified.upper)}` +
      ` with confidence ${percent(1 - delta)} (limit ${percent(limit)}, p = ${certified.pValue.toPrecision(3)})`,
  );
}

function printCalibration({ evidence: { calibrator, calibration } }: CertifyReport): void {
  console.log(
    `\ncalibration (${calibrator})`.padEnd(28) + 'Brier   log loss  ECE (95 %)              Spiegelhalter Z',
  );
  for (const [name, quality] of [
    ['  raw score', calibration.raw],
    ['  calibrated', calibration.calibrated],
  ] as const) {
    const { brier, logLoss, ece, eceInterval, spiegelhalter } = quality;
    const z =
      spiegelhalter === null
        ? '-'
        : `${spiegelhalter.z.toFixed(2)} (p = ${spiegelhalter.pValue.toPrecision(2)})`;
    console.log(
      `${name.padEnd(27)}${brier.toFixed(4)}  ${logLoss.toFixed(4)}    ${ece.toFixed(4)} ${interval(eceInterval, 4)}  ${z}`,
    );
  }
}

function printVolume({ volume, evidence: { measuredError } }: CertifyReport): void {
  console.log('\nvolume                     share of rows           errors');
  const line = (name: string, { n, share, interval: of }: BandVolume, error: BandError | null) => {
    const errors =
      error === null || error.rate === null ? '' : `${error.k} of ${error.n} = ${percent(error.rate)}`;
    const around = error === null || error.interval === null ? '' : ` ${percentInterval(error.interval)}`;
    console.log(
      `  ${name.padEnd(12)}${String(n).padStart(9)}    ${percent(share).padStart(7)} ${percentInterval(of)}  ${errors}${around}`,
    );
  };
  line('approve', volume.approve, measuredError.high);
  line('review', volume.review, null);
  line('decline', volume.decline, measuredError.low);
}

function printCosts({ expectedCost, expectedCostInterval, difference }: CertifyReport): void {
  console.log('\nexpected cost a case       mean (95 %)                   bands less this (95 %)');
  const line = (
    name: string,
    mean: number,
    of: Interval,
    less: { mean: number; interval: Interval } | null,
  ) => {
    const beside = less === null ? '' : `${less.mean.toFixed(4)} ${interval(less.interval, 4)}`;
    console.log(`  ${name.padEnd(23)}  ${`${mean.toFixed(4)} ${interval(of, 4)}`.padEnd(30)}${beside}`);
  };
  line('bands', expectedCost.bands, expectedCostInterval.bands, null);
  line('review all', expectedCost.reviewAll, expectedCostInterval.reviewAll, difference.reviewAll);
  line(
    'single threshold',
    expectedCost.singleThreshold,
    expectedCostInterval.singleThreshold,
    difference.singleThreshold,
  );
  line('raw model', expectedCost.rawModel, expectedCostInterval.rawModel, difference.rawModel);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function percentInterval([low, high]: Interval): string {
  return `[${percent(low)}, ${percent(high)}]`;
}

function interval([low, high]: Interval, digits: number): string {
  return `[${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}
