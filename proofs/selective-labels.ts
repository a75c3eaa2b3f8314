import { horvitzThompson, naiveErrorRate } from '../src/confidence/audit-sample/estimate.ts';
import { joinLabels } from '../src/confidence/audit-sample/label-join.ts';
import { proportion } from '../src/confidence/audit-sample/proportion.ts';
import { strataOf } from '../src/confidence/audit-sample/strata.ts';
import { createRandom } from '../src/confidence/calibration/random.ts';
import { type World, momentOf, periodDays, simulatePortfolio } from './simulation/portfolio.ts';
import {
  type Share,
  percent,
  progressOf,
  shareOf,
  shareText,
  simulationOptions,
} from './simulation/report.ts';

/*
 * Only reviewed and audited cases have labels. The weighted estimate from recorded audit probabilities must cover
 * the true error rate of all decisions as often as it says, where the rate among the labelled does not. The whole
 * way is gone: banding, the keyed draw, labels that come late, the join, the strata. The last world breaks an
 * assumption on purpose and is not held to anything. Run: `npx tsx proofs/selective-labels.ts [--runs N] [--seed N]
 * [--json]`.
 */

const { json, runs, seed } = simulationOptions('selective-labels', 1_000);
const nominal = 0.95;
const sources = ['outcome'] as const;
const usual: World = {
  name: 'scores too sure of themselves',
  decisions: 10_000,
  goodness: 6,
  overconfidence: 1.6,
  pi: { high: 0.02, low: 0.1 },
  delayDays: { bad: 10, good: 10 },
  lost: 0,
  matureDays: 20,
};
const worlds: readonly (World & { readonly isHeld: boolean })[] = [
  { ...usual, isHeld: true },
  { ...usual, goodness: 30, isHeld: true, name: 'errors are rare' },
  { ...usual, decisions: 2_000, isHeld: true, name: 'a small portfolio' },
  { ...usual, isHeld: true, lost: 0.2, name: 'one label in five never comes' },
  {
    ...usual,
    delayDays: { bad: 30, good: 5 },
    isHeld: true,
    matureDays: 60,
    name: 'bad outcomes show later, and one waits for them',
  },
  {
    ...usual,
    delayDays: { bad: 30, good: 5 },
    isHeld: false,
    matureDays: 0,
    name: 'bad outcomes show later, and one does not wait',
  },
];

interface Method {
  readonly covered: Share;
  readonly meanEstimate: number;
  readonly meanWidth: number;
}
interface Row {
  readonly world: string;
  readonly isHeld: boolean;
  readonly meanTruth: number;
  readonly meanLabelled: number;
  readonly meanDecisions: number;
  readonly meanErrorsAudited: number;
  /** Horvitz–Thompson with the interval that is reported. */
  readonly weighted: Method;
  /** The same estimate with the normal interval, for comparison. */
  readonly weightedNormal: Method;
  /** The rate among all labelled. */
  readonly naive: Method;
  /** Inside the high band: exact interval of its audits, against the band’s own truth. */
  readonly highBand: Method;
}

class Tally {
  #covered = 0;
  #estimates = 0;
  #widths = 0;

  add(truth: number, estimate: number, { lower, upper }: { lower: number; upper: number }): void {
    this.#covered += Number(lower <= truth && truth <= upper);
    this.#estimates += estimate;
    this.#widths += upper - lower;
  }

  method(): Method {
    return {
      covered: shareOf(this.#covered, runs),
      meanEstimate: this.#estimates / runs,
      meanWidth: this.#widths / runs,
    };
  }
}

const rows = worlds.map((world, index) => simulate(world, index));
const isCovered = rows.every(({ isHeld, weighted }) => !isHeld || weighted.covered.upper >= nominal);
const isNaiveWrong = rows.every(({ isHeld, naive }) => !isHeld || naive.covered.upper < nominal);
const ok = isCovered && isNaiveWrong;
if (json) {
  process.stdout.write(
    `${JSON.stringify({ isCovered, isNaiveWrong, nominal, ok, rows, runs, seed }, null, 2)}\n`,
  );
} else print();
process.exitCode = ok ? 0 : 1;

function simulate(world: World & { readonly isHeld: boolean }, index: number): Row {
  const tallies = {
    highBand: new Tally(),
    naive: new Tally(),
    weighted: new Tally(),
    weightedNormal: new Tally(),
  };
  let [truths, labelledSum, decisionSum, errorSum] = [0, 0, 0, 0];
  const progress = progressOf(world.name, runs);
  for (let run = 1; run <= runs; run++) {
    const random = createRandom((seed * 64 + index) * 1_000_003 + run);
    const { decisions, labels, wrong } = simulatePortfolio(world, run, random);
    const known = new Set(decisions.map(({ decisionId }) => decisionId));
    const { ruling } = joinLabels(known, labels, momentOf(periodDays));
    const decidedUntil = momentOf(periodDays - world.matureDays);
    const strata = strataOf(decisions, ruling, { decidedUntil, sources });
    const mature = decisions.filter(({ decidedAt }) => decidedAt <= decidedUntil);
    const rateOf = (those: typeof mature) =>
      those.filter(({ decisionId }) => wrong.has(decisionId)).length / those.length;
    const truth = rateOf(mature);
    const estimate = horvitzThompson(strata);
    const half = 1.959963984540054 * estimate.standardError;
    const naive = naiveErrorRate(strata);
    tallies.weighted.add(truth, estimate.rate, estimate);
    tallies.weightedNormal.add(truth, estimate.rate, {
      lower: estimate.rate - half,
      upper: estimate.rate + half,
    });
    tallies.naive.add(truth, naive.rate ?? 0, naive);
    const high = strata.find(({ band }) => band === 'high');
    const share = proportion(high?.errors ?? 0, high?.audited ?? 0);
    tallies.highBand.add(rateOf(mature.filter(({ band }) => band === 'high')), share.rate ?? 0, share);
    truths += truth;
    labelledSum += naive.count;
    decisionSum += mature.length;
    errorSum += strata.filter(({ band }) => band !== 'middle').reduce((sum, { errors }) => sum + errors, 0);
    progress(run);
  }
  return {
    highBand: tallies.highBand.method(),
    isHeld: world.isHeld,
    meanDecisions: decisionSum / runs,
    meanErrorsAudited: errorSum / runs,
    meanLabelled: labelledSum / runs,
    meanTruth: truths / runs,
    naive: tallies.naive.method(),
    weighted: tallies.weighted.method(),
    weightedNormal: tallies.weightedNormal.method(),
    world: world.name,
  };
}

function print(): void {
  for (const row of rows) {
    process.stdout.write(
      `\n${row.world}${row.isHeld ? '' : ' (assumption broken: nothing promised)'}\n` +
        `  true error ${percent(row.meanTruth)} of ${row.meanDecisions.toFixed(0)} decisions; ${row.meanLabelled.toFixed(0)} labelled, ` +
        `${row.meanErrorsAudited.toFixed(1)} errors found by audits (means)\n`,
    );
    for (const [name, method] of [
      ['weighted', row.weighted],
      ['weighted, normal interval', row.weightedNormal],
      ['naive, among the labelled', row.naive],
      ['high band alone, exact', row.highBand],
    ] as const) {
      process.stdout.write(
        `  ${name}: covers in ${shareText(method.covered)}; mean estimate ${percent(method.meanEstimate)}, mean width ${percent(method.meanWidth)}\n`,
      );
    }
  }
  process.stdout.write(
    `\nweighted ${isCovered ? 'covers' : 'DOES NOT COVER'} at ${percent(nominal, 0)}; naive ${isNaiveWrong ? 'does not' : 'DOES TOO'}; seed ${seed}\n`,
  );
}
