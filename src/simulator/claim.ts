import { logistic } from './scorecard.ts';

export interface ClaimAssessment {
  readonly recommendation: 'pay' | 'investigate';
  /** Probability that paying without further enquiry is right. */
  readonly confidence: number;
  /** One sentence about amounts, evidence and delay; nothing that identifies anybody. */
  readonly summary: string;
}

// Either 1,234.50 or 1.234,50: the last mark with two digits behind it is the decimal one.
const amountPattern =
  /(?:EUR|USD|€|\$)\s?(\d[\d.,]*\d|\d)|(\d[\d.,]*\d|\d)\s?(?:EUR|USD|euros?\b|dollars?\b|€|\$)/gi;
const datePattern = /\b(20\d\d)-(\d\d)-(\d\d)\b/g;
const evidencePattern =
  /\b(?:receipts?|invoices?|photos?|photographs?|police report|repair quote|witness(?:es)?)\b/gi;
const absencePattern =
  /\b(?:no|without|lost|missing|cannot find|not have)\b[^.]{0,40}\b(?:receipts?|invoices?|photos?|proof|report)\b/gi;
const warningPattern =
  /\b(?:paid (?:in )?cash|third claim|previous claims?|earlier claims?|new policy|policy started|no witness(?:es)?|already (?:repaired|disposed|thrown away))\b/gi;

/**
 * Reads a claim as a careless but honest clerk would: the sum, the delay before the report, what
 * evidence is named, what is odd. The weights are invented; they are no model of real claims.
 */
export function assessClaim(text: string): ClaimAssessment {
  const amount = largestAmount(text);
  const delayDays = reportDelayDays(text);
  const absences = distinct(text, absencePattern);
  const evidence = Math.max(0, distinct(text, evidencePattern) - absences);
  const warnings = distinct(text, warningPattern) + absences;
  const logOdds =
    2.6 +
    0.9 * Math.min(evidence, 3) -
    1.6 * warnings -
    // Without a sum there is nothing to pay; above 500 each doubling asks for a closer look.
    (amount === null ? 3 : 0.7 * Math.max(0, Math.log2(amount / 500))) -
    0.04 * Math.min(Math.max(0, (delayDays ?? 0) - 7), 90);
  const confidence = logistic(logOdds);
  return {
    recommendation: confidence >= 0.5 ? 'pay' : 'investigate',
    confidence,
    summary: [
      amount === null ? 'No sum is stated' : `The claim is for ${amount.toFixed(2)}`,
      `pieces of evidence named: ${evidence}`,
      `points to check: ${warnings}`,
      delayDays === null ? 'date of report unknown' : `reported after ${delayDays} days`,
    ].join('; '),
  };
}

function largestAmount(text: string): number | null {
  const amounts = [...text.matchAll(amountPattern)]
    .map((match) => parseAmount(match[1] ?? match[2] ?? ''))
    .filter((amount) => Number.isFinite(amount));
  return amounts.length === 0 ? null : Math.max(...amounts);
}

function parseAmount(written: string): number {
  const decimals = /[.,](\d{1,2})$/.exec(written);
  const whole = decimals === null ? written : written.slice(0, decimals.index);
  return Number(`${whole.replaceAll(/[.,]/g, '')}.${decimals?.[1] ?? '0'}`);
}

/** Days between the first and the last date named, or null when there are not two. */
function reportDelayDays(text: string): number | null {
  const days = [...text.matchAll(datePattern)].map((match) => Date.parse(match[0]) / 86_400_000);
  const valid = days.filter((day) => !Number.isNaN(day));
  return valid.length < 2 ? null : Math.max(...valid) - Math.min(...valid);
}

function distinct(text: string, pattern: RegExp): number {
  return new Set([...text.matchAll(pattern)].map((match) => match[0].toLowerCase())).size;
}
