import { generateApplications } from '../../src/simulator/applications.ts';
import type { Random } from '../../src/simulator/random.ts';
import type { CreditFactors } from '../../src/simulator/scorecard.ts';
import { drawClaim, retell, tell } from './claims.ts';
import { type Answer, answerTo, type Query } from './oracle.ts';

/*
 * Users who probe. They see what a caller sees, the outcome and the confidence, and never stop by themselves.
 */

export const attackKinds = [
  'boundary walk',
  'one-field bisection',
  'one-field sweep',
  'short walks over many cases',
  'grid in order',
  'grid shuffled',
  'random extraction',
  'paraphrased claim',
] as const;
/** Made to be missed: what they do looks like honest traffic to these monitors. Published as losses. */
export const adaptiveKinds = ['extraction with realistic values', 'extraction with realistic cases'] as const;
export type AttackKind = (typeof attackKinds)[number] | (typeof adaptiveKinds)[number];

type Ask = Generator<Query['input'], void, Answer>;

export function* attack(kind: AttackKind, accounts: number, random: Random): Generator<Query, void, Answer> {
  const walk = attacks[kind](random);
  let next = walk.next();
  for (let i = 0; !next.done; i++) next = walk.next(yield { account: i % accounts, input: next.value });
}

const ranges = {
  amount: [1_000, 50_000, 100],
  termMonths: [12, 72, 12],
  annualIncome: [12_000, 120_000, 100],
  monthlyDebtPayments: [0, 1_500, 10],
  employmentMonths: [0, 360, 1],
  creditHistoryMonths: [0, 480, 1],
  utilisationPercent: [0, 110, 1],
  missedPayments24Months: [0, 5, 1],
  enquiries6Months: [0, 6, 1],
} as const satisfies Record<keyof CreditFactors, readonly [number, number, number]>;
const names = Object.keys(ranges) as (keyof CreditFactors)[];
const vector = (factors: CreditFactors) =>
  names.map((name) => (factors[name] - ranges[name][0]) / (ranges[name][1] - ranges[name][0]));

function factorsOf(point: readonly number[]): CreditFactors {
  const entries = names.map((name, i) => {
    const [low, high, step] = ranges[name];
    const value = low + Math.min(1.5, Math.max(0, point[i] ?? 0)) * (high - low);
    // Amounts may be any; counts and months are whole numbers.
    return [name, step >= 10 ? Math.round(value) : Math.max(0, Math.round(value))] as const;
  });
  return Object.fromEntries(entries) as unknown as CreditFactors;
}

const asks = (application: CreditFactors) => ({ application });

/** Somebody who is declined, or not. */
function applicant(random: Random, favourable: boolean): CreditFactors {
  for (;;) {
    const [drawn] = generateApplications({ seed: Math.floor(random.next() * 2 ** 31), count: 1 });
    if (!drawn) continue;
    const {
      reference: _,
      product: _product,
      purpose: _purpose,
      currency: _currency,
      ...factors
    } = drawn.application;
    if (answerTo({ account: 0, input: asks(factors) }).favourable === favourable) return factors;
  }
}

/** Decision-based walk (J. Chen, M. Jordan and M. Wainwright, IEEE S&P 2020): bisect, feel for the slope, step, again. */
function* boundaryWalk(random: Random): Ask {
  const own = vector(applicant(random, false));
  let point = vector(applicant(random, true));
  for (let round = 1; ; round++) {
    let low = own;
    let high = point;
    for (let i = 0; i < 12; i++) {
      const middle = low.map((x, at) => (x + (high[at] ?? 0)) / 2);
      const { favourable } = yield asks(factorsOf(middle));
      if (favourable) high = middle;
      else low = middle;
    }
    const slope = own.map(() => 0);
    const width = 0.06 / Math.sqrt(round);
    for (let i = 0; i < 24; i++) {
      const nudge = own.map(() => random.normal() * width);
      const { favourable } = yield asks(factorsOf(high.map((x, at) => x + (nudge[at] ?? 0))));
      nudge.forEach((x, at) => (slope[at] = (slope[at] ?? 0) + (favourable ? x : -x)));
    }
    const length = Math.hypot(...slope) || 1;
    const stride = 0.3 / Math.sqrt(round);
    point = high.map((x, at) => x + (stride * (slope[at] ?? 0)) / length);
  }
}

/** For one field after the other, the value at which the decision turns. */
function* bisections(random: Random, steps: number, fieldsPerCase: number): Ask {
  for (;;) {
    const base = applicant(random, false);
    yield asks(base);
    for (let turn = 0; turn < fieldsPerCase; turn++) {
      const name = names[Math.floor(random.next() * names.length)] ?? 'amount';
      let [low, high]: [number, number] = [ranges[name][0], ranges[name][1]];
      const rising = name === 'annualIncome' || name === 'employmentMonths' || name === 'creditHistoryMonths';
      for (let i = 0; i < steps; i++) {
        const middle = Math.round((low + high) / 2);
        const { favourable } = yield asks({ ...base, [name]: middle });
        if (favourable === rising) high = middle;
        else low = middle;
      }
    }
  }
}

function* sweeps(random: Random): Ask {
  const base = applicant(random, false);
  for (;;) {
    for (const name of names) {
      const [low, high] = ranges[name];
      for (let i = 0; i <= 20; i++)
        yield asks({ ...base, [name]: Math.round(low + ((high - low) * i) / 20) });
    }
  }
}

function grid(random: Random): CreditFactors[] {
  const base = applicant(random, true);
  const varied = names.toSorted(() => random.next() - 0.5).slice(0, 7);
  const points = Array.from({ length: 3 ** varied.length }, (_, index) => {
    const changes = varied.map((name, at) => {
      const [low, high] = ranges[name];
      const digit = Math.floor(index / 3 ** at) % 3;
      return [name, Math.round(low + (high - low) * (0.1 + 0.3 * digit))] as const;
    });
    return { ...base, ...Object.fromEntries(changes) };
  });
  return points;
}

function* gridInOrder(random: Random): Ask {
  for (const point of grid(random)) yield asks(point);
}

function* gridShuffled(random: Random): Ask {
  const keyed = grid(random).map((point) => [random.next(), point] as const);
  for (const [, point] of keyed.toSorted(([one], [other]) => one - other)) yield asks(point);
}

function* randomExtraction(random: Random): Ask {
  for (;;) {
    const drawn = names.map((name) => {
      const [low, high, step] = ranges[name];
      return [name, Math.round(random.between(low, high) / step) * step] as const;
    });
    yield asks(Object.fromEntries(drawn) as unknown as CreditFactors);
  }
}

/** Every value from another honest case: usual one by one, and not together. */
function* realisticValues(random: Random): Ask {
  const drawn = generateApplications({ seed: Math.floor(random.next() * 2 ** 31), count: 5_000 });
  for (;;) {
    const values = names.map((name) => [
      name,
      drawn[Math.floor(random.next() * drawn.length)]?.application[name],
    ]);
    yield asks(Object.fromEntries(values));
  }
}

function* realisticCases(random: Random): Ask {
  const drawn = generateApplications({ seed: Math.floor(random.next() * 2 ** 31), count: 5_000 });
  for (const { application } of drawn) yield { application };
}

function* paraphrases(random: Random): Ask {
  let claim = drawClaim(random);
  while (answerTo({ account: 0, input: { claim: tell(claim) } }).favourable) claim = drawClaim(random);
  for (;;) yield { claim: tell(retell(claim, random)) };
}

const attacks: Record<AttackKind, (random: Random) => Ask> = {
  'boundary walk': boundaryWalk,
  'one-field bisection': (random) => bisections(random, 10, 8),
  'one-field sweep': sweeps,
  'short walks over many cases': (random) => bisections(random, 10, 1),
  'grid in order': gridInOrder,
  'grid shuffled': gridShuffled,
  'random extraction': randomExtraction,
  'paraphrased claim': paraphrases,
  'extraction with realistic values': realisticValues,
  'extraction with realistic cases': realisticCases,
};
