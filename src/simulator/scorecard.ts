import { isJsonObject } from './json-value.ts';

/** The fields of a credit application that the scorecard reads. Amounts are euros. */
export interface CreditFactors {
  readonly amount: number;
  readonly termMonths: number;
  readonly annualIncome: number;
  /** What the applicant already pays on other debts. */
  readonly monthlyDebtPayments: number;
  readonly employmentMonths: number;
  readonly creditHistoryMonths: number;
  /** Balance divided by limit over all revolving credit, 0 to 100 or more. */
  readonly utilisationPercent: number;
  readonly missedPayments24Months: number;
  readonly enquiries6Months: number;
}

const creditFactorNames = [
  'amount',
  'termMonths',
  'annualIncome',
  'monthlyDebtPayments',
  'employmentMonths',
  'creditHistoryMonths',
  'utilisationPercent',
  'missedPayments24Months',
  'enquiries6Months',
] as const satisfies readonly (keyof CreditFactors)[];

export interface CreditScore {
  /** Probability that the loan is repaid; exact over the population of `generateApplications`. */
  readonly probabilityGood: number;
  /** Codes of the characteristics that cost this applicant most, worst first, at most four. */
  readonly reasons: readonly string[];
}

/** One row of the scorecard: log-odds gained or lost against an ordinary applicant. */
interface Characteristic {
  readonly reason: string;
  readonly logOdds: (factors: CreditFactors) => number;
}

const interceptLogOdds = 2.3;

// Age, sex, nationality, family and anything else a lender may not use are not read at all.
const characteristics: readonly Characteristic[] = [
  {
    reason: 'R01',
    logOdds: ({ missedPayments24Months }) => 0.5 - 1.5 * within(missedPayments24Months, 0, 5),
  },
  { reason: 'R02', logOdds: (factors) => 4.5 * (0.33 - within(debtServiceRatio(factors), 0, 1)) },
  {
    reason: 'R03',
    logOdds: ({ utilisationPercent }) => 2.2 * (0.45 - within(utilisationPercent, 0, 120) / 100),
  },
  { reason: 'R04', logOdds: ({ employmentMonths }) => 0.35 * (logYears(employmentMonths) - logYears(36)) },
  {
    reason: 'R05',
    logOdds: ({ creditHistoryMonths }) => 0.4 * (logYears(creditHistoryMonths) - logYears(72)),
  },
  { reason: 'R06', logOdds: ({ enquiries6Months }) => 0.35 * (1 - within(enquiries6Months, 0, 6)) },
  {
    reason: 'R07',
    logOdds: (factors) => 1.2 * (0.4 - within(factors.amount / positive(factors.annualIncome), 0, 2)),
  },
];

/** The scorecard: a sum of log-odds through the logistic function. */
export function scoreCredit(factors: CreditFactors): CreditScore {
  const rows = characteristics.map(({ reason, logOdds }) => ({ reason, logOdds: logOdds(factors) }));
  const logOdds = rows.reduce((sum, row) => sum + row.logOdds, interceptLogOdds);
  const reasons = rows
    .filter((row) => row.logOdds < 0)
    .sort((a, b) => a.logOdds - b.logOdds)
    .slice(0, 4)
    .map((row) => row.reason);
  return { probabilityGood: logistic(logOdds), reasons };
}

/** The factors in an unknown value, or null unless every one is a finite number that is not negative. */
export function readCreditFactors(value: unknown): CreditFactors | null {
  return isCreditFactors(value) ? value : null;
}

function isCreditFactors(value: unknown): value is CreditFactors {
  if (!isJsonObject(value)) return false;
  return creditFactorNames.every((name) => {
    const factor = value[name];
    return typeof factor === 'number' && Number.isFinite(factor) && factor >= 0;
  });
}

export function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** Share of monthly income that goes into debts once the loan is paid out, at 7 % a year. */
function debtServiceRatio(factors: CreditFactors): number {
  const monthlyRate = 0.07 / 12;
  const instalment =
    (factors.amount * monthlyRate) / (1 - (1 + monthlyRate) ** -positive(factors.termMonths));
  return (instalment + factors.monthlyDebtPayments) / (positive(factors.annualIncome) / 12);
}

function logYears(months: number): number {
  return Math.log2(1 + within(months, 0, 480) / 12);
}

function within(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function positive(value: number): number {
  return Math.max(value, 1);
}
