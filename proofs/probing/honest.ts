import { generateApplications } from '../../src/simulator/applications.ts';
import type { Random } from '../../src/simulator/random.ts';
import type { CreditFactors } from '../../src/simulator/scorecard.ts';
import { drawClaim, tell } from './claims.ts';
import type { User } from './oracle.ts';

/* Users who mean well, the heavy ones above all. */

export type HonestKind =
  | 'front end'
  | 'broker'
  | 'broker with what-ifs'
  | 'batch re-quotes'
  | 'load test'
  | 'correcting customer'
  | 'retrying integration'
  | 'what-if user'
  | 'single customer'
  | 'claims portal'
  | 'correcting claimant'
  | 'claims load test';

export const heavyKinds = [
  'broker',
  'broker with what-ifs',
  'batch re-quotes',
  'load test',
  'correcting customer',
  'retrying integration',
  'what-if user',
  'single customer',
] as const satisfies readonly HonestKind[];
export const claimKinds = [
  'claims portal',
  'correcting claimant',
  'claims load test',
] as const satisfies readonly HonestKind[];

const ask = (application: CreditFactors) => ({ account: 0, input: { application } });

/** Applicants of one broker: drawn from everybody, kept where they are of the broker's own segment. */
function clients(
  random: Random,
  count: number,
  segment: (factors: CreditFactors) => boolean,
): CreditFactors[] {
  const drawn = generateApplications({ seed: Math.floor(random.next() * 2 ** 31), count: count * 12 });
  return drawn
    .map(({ application }) => application)
    .filter(segment)
    .slice(0, count);
}

const everybody = () => true;
const segments = [
  everybody,
  ({ annualIncome }: CreditFactors) => annualIncome > 40_000,
  ({ annualIncome }: CreditFactors) => annualIncome < 30_000,
  ({ creditHistoryMonths }: CreditFactors) => creditHistoryMonths < 70,
  ({ utilisationPercent }: CreditFactors) => utilisationPercent > 40,
  ({ employmentMonths }: CreditFactors) => employmentMonths > 60,
] as const;

const whole = (random: Random, low: number, high: number) => Math.floor(random.between(low, high + 1));

export function* honest(kind: HonestKind, random: Random): User {
  if (kind === 'front end') {
    for (const client of clients(random, 1_500, everybody)) yield ask(client);
  } else if (kind === 'broker') {
    for (const client of clients(random, whole(random, 120, 350), random.pick(segments))) yield ask(client);
  } else if (kind === 'broker with what-ifs') {
    for (const client of clients(random, whole(random, 60, 150), random.pick(segments))) {
      yield ask(client);
      if (random.next() < 0.4)
        for (const other of variations(client, random, whole(random, 1, 4))) yield ask(other);
    }
  } else if (kind === 'batch re-quotes') {
    const portfolio = clients(random, whole(random, 80, 160), random.pick(segments));
    for (let round = 0; round < 3; round++)
      for (const client of portfolio) yield ask({ ...client, termMonths: client.termMonths + 12 * round });
  } else if (kind === 'load test') {
    const cases = clients(random, whole(random, 1, 8), everybody);
    const isFresh = random.next() < 0.5;
    for (let i = 0; i < 600; i++) {
      const one = cases[i % cases.length] as CreditFactors;
      yield ask(
        isFresh ? ({ ...one, reference: `load-${i}-${whole(random, 1_000, 9_999)}` } as CreditFactors) : one,
      );
    }
  } else if (kind === 'retrying integration') {
    for (const client of clients(random, whole(random, 80, 200), everybody))
      for (let tries = whole(random, 1, 4); tries > 0; tries--) yield ask(client);
  } else if (kind === 'single customer') {
    for (const client of clients(random, 1, everybody)) yield ask(client);
  } else yield* smaller(kind, random);
}

function* smaller(kind: HonestKind, random: Random): User {
  if (kind === 'correcting customer') {
    const [client] = clients(random, 1, everybody);
    if (client) yield* [client, ...variations(client, random, 3)].map(ask);
  } else if (kind === 'what-if user') {
    const [client] = clients(random, 1, everybody);
    if (client) yield* [client, ...variations(client, random, whole(random, 3, 14))].map(ask);
  } else {
    const claims = kind === 'claims portal' ? 150 : 1;
    const repeats = kind === 'claims load test' ? 400 : 1;
    for (let i = 0; i < claims; i++) {
      const claim = drawClaim(random);
      for (let again = 0; again < repeats; again++)
        yield {
          account: 0,
          input: { claim: `Claim number ${whole(random, 10_000, 99_999)}. ${tell(claim)}` },
        };
      if (kind !== 'correcting claimant') continue;
      for (let fix = 0; fix < 3; fix++) {
        const corrected = claim.map((text, at) => (at === fix + 1 ? `${text}, as I should have said` : text));
        yield { account: 0, input: { claim: tell(corrected) } };
      }
    }
  }
}

/** Another sum, another term, a typing error put right. */
function variations(client: CreditFactors, random: Random, count: number): CreditFactors[] {
  return Array.from({ length: count }, () => {
    const turn = random.next();
    if (turn < 0.5)
      return { ...client, amount: Math.round((client.amount * random.between(0.4, 1.4)) / 100) * 100 };
    if (turn < 0.8) return { ...client, termMonths: random.pick([12, 24, 36, 48, 60, 72]) };
    return {
      ...client,
      monthlyDebtPayments: Math.round(client.monthlyDebtPayments * random.between(0.5, 1.5)),
    };
  });
}
