import { parseArgs } from 'node:util';
import { createRandom } from '../src/confidence/calibration/random.ts';
import {
  type CertifiedBands,
  type LabelledCase,
  createPlacement,
} from '../src/confidence/certification/bands.ts';
import { clopperPearson } from '../src/confidence/certification/binomial.ts';
import { type RiskSettings, certifyBands } from '../src/confidence/certification/certify.ts';
import { type CaseCosts, costOf, noReviewerErrors } from '../src/confidence/certification/chow.ts';
import { fixedCosts } from '../src/confidence/certification/costs.ts';
import { splitInOrder } from '../src/confidence/certification/split.ts';

/*
 * Draws portfolios whose truth is known, certifies bands on each, and counts how often the true error of a
 * certified band is above alpha. Scores are mis-calibrated by temperature, by shift and by noise that breaks
 * their order, some are rounded to a few values, and most samples are small. Beside it the usual way: the widest
 * band whose error among the same cases is at most alpha. Fails when the lower bound of the share of broken
 * bands lies above delta, or when the bands cost more than reviewing everything on average.
 */

const { values } = parseArgs({
  options: {
    portfolios: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const delta = 0.05;
/** With the dearer review the costs allow more errors than any alpha, and certification alone holds them back. */
const reviewCosts = [0.3, 0.6] as const;
const costsWith = (review: number): CaseCosts => ({ falseApprove: 5, falseDecline: 1, review });
const sizes = [100, 300, 1_000, 3_000] as const;
const alphas = [0.02, 0.05, 0.1] as const;
const roundings = [null, 2, 1] as const;
const distortions = ['none', 'sharpened', 'flattened', 'shifted', 'noisy'] as const;

/** One of equally many kinds of cases that a portfolio is drawn from. */
interface Kind {
  readonly score: number;
  /** True probability that the favourable outcome is right. */
  readonly truth: number;
}

interface Portfolio {
  readonly kinds: readonly Kind[];
  readonly cases: readonly LabelledCase[];
}

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));

function draw(random: () => number, size: number): Portfolio {
  const one = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)] as T;
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  // From portfolios that are mostly bad to almost all good, and from scores that tell nothing to ones that tell all.
  const [centre, spread] = [8 * random() - 3, 2.5 * random()];
  const [distortion, digits] = [one(distortions), one(roundings)];
  const distorted = (logit: number): number => {
    if (distortion === 'sharpened') return 2.5 * logit;
    if (distortion === 'flattened') return 0.4 * logit;
    if (distortion === 'shifted') return logit + 1.5;
    return distortion === 'noisy' ? logit + 1.5 * normal() : logit;
  };
  const kinds = Array.from({ length: 2_000 }, () => {
    const logit = centre + spread * normal();
    const score = sigmoid(distorted(logit));
    return { score: digits === null ? score : Number(score.toFixed(digits)), truth: sigmoid(logit) };
  });
  const cases = Array.from({ length: size }, () => {
    const { score, truth } = one(kinds);
    return { score, favourable: random() < truth, amount: 0 };
  });
  return { kinds, cases };
}

/** The hardest to certify rightly: scores tell nothing, and every band errs a fiftieth more than alpha. */
function drawOnTheEdge(random: () => number, size: number, alpha: number): Portfolio {
  const truth = 1 - 1.02 * alpha;
  const kinds = Array.from({ length: 2_000 }, () => ({ score: random(), truth }));
  const cases = Array.from({ length: size }, () => ({
    score: random(),
    favourable: random() < truth,
    amount: 0,
  }));
  return { kinds, cases };
}

/** Error rates of the bands, and mean costs, over the whole portfolio; no rate where a band is empty. */
function truthOf(kinds: readonly Kind[], bands: CertifiedBands, costs: CaseCosts) {
  const place = createPlacement(bands);
  const wrong = { high: 0, low: 0 };
  const count = { high: 0, low: 0 };
  let cost = 0;
  for (const { score, truth } of kinds) {
    const { band } = place(score, 0);
    const treatment = band === 'high' ? 'approve' : band === 'low' ? 'decline' : 'review';
    cost += truth * costOf(treatment, true, costs, noReviewerErrors);
    cost += (1 - truth) * costOf(treatment, false, costs, noReviewerErrors);
    if (band === 'middle') continue;
    count[band] += 1;
    wrong[band] += band === 'high' ? 1 - truth : truth;
  }
  return {
    high: count.high === 0 ? null : wrong.high / count.high,
    low: count.low === 0 ? null : wrong.low / count.low,
    decided: (count.high + count.low) / kinds.length,
    cost: cost / kinds.length,
  };
}

/** The widest band from the top whose error among the cases is at most alpha: its true error, or null. */
function byEmpiricalError({ kinds, cases }: Portfolio, alpha: number): number | null {
  const sorted = [...cases].sort((one, other) => other.score - one.score);
  let edge: number | null = null;
  let errors = 0;
  for (const [at, { score, favourable }] of sorted.entries()) {
    errors += favourable ? 0 : 1;
    if (sorted[at + 1]?.score !== score && errors <= alpha * (at + 1)) edge = score;
  }
  if (edge === null) return null;
  const approved = kinds.filter(({ score }) => score >= edge);
  return approved.reduce((sum, { truth }) => sum + 1 - truth, 0) / approved.length;
}

interface Tally {
  portfolios: number;
  certified: number;
  broken: number;
  /** Of the high band alone, to be set beside the usual way. */
  brokenHigh: number;
  empirical: number;
  brokenEmpirical: number;
  dearer: number;
  decided: number;
  saved: number;
}

const designs = ['split', 'cross-fit'] as const;
const tallies = new Map<string, Tally>();

function tallyOf(name: string): Tally {
  let tally = tallies.get(name);
  if (tally === undefined) {
    tally = {
      portfolios: 0,
      certified: 0,
      broken: 0,
      brokenHigh: 0,
      empirical: 0,
      brokenEmpirical: 0,
      dearer: 0,
      decided: 0,
      saved: 0,
    };
    tallies.set(name, tally);
  }
  return tally;
}

interface Trial {
  readonly portfolio: Portfolio;
  readonly alpha: number;
  readonly costs: CaseCosts;
  readonly design: (typeof designs)[number];
}

function run({ portfolio, alpha, costs, design }: Trial, names: readonly string[]): void {
  const settings: RiskSettings = {
    costs: fixedCosts(costs),
    reviewerErrors: noReviewerErrors,
    alphaHigh: alpha,
    alphaLow: alpha,
    delta,
    lowBand: 'decline',
    seed: 1,
  };
  const { kinds, cases } = portfolio;
  const parts = design === 'split' ? splitInOrder(cases) : { fit: cases, certify: cases };
  const { bands } = certifyBands(parts, settings);
  const truth = truthOf(kinds, bands, costs);
  const empirical = byEmpiricalError({ kinds, cases: parts.certify }, alpha);
  const isBrokenHigh = truth.high !== null && truth.high > alpha;
  for (const name of names) {
    const tally = tallyOf(name);
    tally.portfolios += 1;
    tally.certified += bands.high !== null || bands.low !== null ? 1 : 0;
    tally.broken += isBrokenHigh || (truth.low !== null && truth.low > alpha) ? 1 : 0;
    tally.brokenHigh += isBrokenHigh ? 1 : 0;
    tally.empirical += empirical === null ? 0 : 1;
    tally.brokenEmpirical += empirical !== null && empirical > alpha ? 1 : 0;
    tally.dearer += truth.cost > costs.review + 1e-12 ? 1 : 0;
    tally.decided += truth.decided;
    tally.saved += costs.review - truth.cost;
  }
}

const total = Number(values.portfolios);
const random = createRandom(Number(values.seed));
let shownMs = 0;
for (let at = 0; at < total; at += 1) {
  const size = sizes[at % sizes.length] as number;
  const alpha = alphas[Math.floor(random() * alphas.length)] as number;
  const costs = costsWith(reviewCosts[Math.floor(random() * reviewCosts.length)] as number);
  const isOnTheEdge = at % 5 === 4;
  const portfolio = isOnTheEdge ? drawOnTheEdge(random, size, alpha) : draw(random, size);
  for (const design of designs) {
    const parts = [`${size} cases`, `alpha ${alpha}`, ...(isOnTheEdge ? ['just above alpha'] : [])];
    run({ portfolio, alpha, costs, design }, [design, ...parts.map((part) => `${design}, ${part}`)]);
  }
  const periodMs = process.stderr.isTTY ? 200 : 30_000;
  if (performance.now() - shownMs > periodMs) {
    shownMs = performance.now();
    process.stderr.write(
      `${process.stderr.isTTY ? '\r' : ''}${at + 1} of ${total} portfolios${process.stderr.isTTY ? ' ' : '\n'}`,
    );
  }
}

const results = [...tallies].map(([name, tally]) => ({
  name,
  tally,
  brokenShare: tally.broken / tally.portfolios,
  brokenInterval: clopperPearson(tally.broken, tally.portfolios),
  brokenEmpiricalShare: tally.brokenEmpirical / tally.portfolios,
  brokenEmpiricalInterval: clopperPearson(tally.brokenEmpirical, tally.portfolios),
  decided: tally.decided / tally.portfolios,
  saved: tally.saved / tally.portfolios,
}));
const holds = results.every(({ brokenInterval, saved }) => brokenInterval[0] <= delta && saved > -1e-12);

if (values.json) console.log(JSON.stringify({ delta, holds, results }, null, 2));
else {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  for (const each of results) {
    console.log(
      [
        each.name.padEnd(27),
        `${each.tally.portfolios} portfolios, ${each.tally.certified} certified`.padEnd(36),
        `broken ${each.tally.broken} = ${percent(each.brokenShare)} [${each.brokenInterval.map(percent).join(', ')}]`.padEnd(
          46,
        ),
        `by empirical error ${percent(each.brokenEmpiricalShare)}`.padEnd(30),
        `decided ${percent(each.decided)}, saves ${each.saved.toFixed(4)} a case, dearer than review in ${each.tally.dearer}`,
      ].join(' '),
    );
  }
  console.log(holds ? 'The guarantee holds.' : 'THE GUARANTEE DOES NOT HOLD.');
}
process.exitCode = holds ? 0 : 1;
