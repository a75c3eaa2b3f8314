import { Random } from './random.ts';
import { type CreditFactors, scoreCredit } from './scorecard.ts';

/** An application as a lender's front end would send it. Nobody in it exists. */
interface CreditApplication extends CreditFactors {
  readonly reference: string;
  readonly product: 'personal-loan';
  readonly purpose: string;
  readonly currency: 'EUR';
}

export interface SyntheticApplication {
  readonly id: string;
  readonly application: CreditApplication;
  /** The probability from which `good` was drawn. Knows a factor that the scorecard does not. */
  readonly trueProbabilityGood: number;
  /** The loan was repaid. */
  readonly good: boolean;
}

// How far the factor that the scorecard cannot see moves the truth, in log-odds (to first order).
const hiddenSwing = 0.8;

/**
 * Synthetic credit applications whose true risk is known. About 60 % score 0.92 or more, 30 %
 * between 0.30 and 0.92, and 10 % less. The first n of a seed do not depend on `count`.
 */
export function generateApplications(options: { seed: number; count: number }): SyntheticApplication[] {
  const random = new Random(options.seed);
  return Array.from({ length: options.count }, (_, index) => {
    const id = `app-${options.seed}-${String(index + 1).padStart(6, '0')}`;
    return drawApplication(random, id);
  });
}

function drawApplication(random: Random, id: string): SyntheticApplication {
  const application = drawFactors(random, id);
  const { probabilityGood } = scoreCredit(application);
  // How steady the household's income will be: known to fate only. Symmetric about zero, and
  // scaled so that the result stays within [0, 1]: the scorecard is therefore right on average
  // at every score, which is what calibration means, and wrong about each single applicant.
  const steadiness = random.between(-1, 1);
  const trueProbabilityGood =
    probabilityGood + hiddenSwing * steadiness * probabilityGood * (1 - probabilityGood);
  return { id, application, trueProbabilityGood, good: random.next() < trueProbabilityGood };
}

function drawFactors(random: Random, id: string): CreditApplication {
  // One trait behind all factors, so that they hang together as they do in people.
  const prudence = random.normal();
  const around = (share: number) => share * prudence + Math.sqrt(1 - share * share) * random.normal();
  const annualIncome = round(34_000 * Math.exp(0.4 * around(0.5)), 100);
  const wishedShare = 0.35 * Math.exp(0.6 * around(-0.4));
  return {
    reference: id,
    product: 'personal-loan',
    purpose: random.pick(['car', 'home-improvement', 'education', 'furniture', 'debt-consolidation']),
    currency: 'EUR',
    amount: Math.max(500, round(annualIncome * wishedShare, 100)),
    termMonths: random.pick([12, 24, 36, 48, 60, 72]),
    annualIncome,
    monthlyDebtPayments: round((annualIncome / 12) * 0.12 * Math.exp(0.7 * around(-0.5)), 10),
    employmentMonths: round(48 * Math.exp(0.8 * around(0.5)), 1),
    creditHistoryMonths: round(84 * Math.exp(0.7 * around(0.5)), 1),
    utilisationPercent: Math.min(110, round(38 * Math.exp(0.6 * around(-0.6)), 1)),
    missedPayments24Months: Math.max(0, round(1.6 * (around(-0.8) - 0.7), 1)),
    enquiries6Months: Math.max(0, round(1 + 1.4 * around(-0.5), 1)),
  };
}

function round(value: number, step: number): number {
  return Math.round(value / step) * step;
}
