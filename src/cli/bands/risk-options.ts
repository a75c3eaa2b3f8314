import { InvalidArgumentError } from 'commander';
import type { ReviewerErrors } from '../../confidence/certification/chow.ts';
import { type AmountCosts, dependOnAmount } from '../../confidence/certification/costs.ts';

const term = /^(?:(\d+(?:\.\d+)?|\.\d+)|(?:(\d+(?:\.\d+)?|\.\d+)\+)?(\d+(?:\.\d+)?|\.\d+)a)$/;

/** `5,1,0.3`, or with parts of the amount: `20+0.45a,0.05a,12`. */
export function parseCosts(value: string): AmountCosts {
  const costs = value.split(',').map((part) => {
    const match = term.exec(part.trim());
    if (match === null) throw new InvalidArgumentError(`“${part}” is no cost, as 5, or 0.45a, or 20+0.45a.`);
    const [, alone, fixed, perAmount] = match;
    return { fixed: Number(alone ?? fixed ?? 0), perAmount: Number(perAmount ?? 0) };
  });
  const [falseApprove, falseDecline, review] = costs;
  if (falseApprove === undefined || falseDecline === undefined || review === undefined || costs.length > 3) {
    throw new InvalidArgumentError('Three costs are needed: of a false approval, a false decline, a review.');
  }
  if ([falseApprove, falseDecline].some(({ fixed, perAmount }) => fixed + perAmount === 0)) {
    throw new InvalidArgumentError('A false approval and a false decline must cost something.');
  }
  return { falseApprove, falseDecline, review };
}

/** `0.1,0.05`: shares of the bad cases that reviewers approve, and of the good ones that they decline. */
export function parseReviewerErrors(value: string): ReviewerErrors {
  const [falseApprove, falseDecline, ...rest] = value.split(',').map(Number);
  const isShare = (share: number | undefined) => share !== undefined && share >= 0 && share < 1;
  if (!isShare(falseApprove) || !isShare(falseDecline) || rest.length > 0) {
    throw new InvalidArgumentError('Two shares are needed, each at least 0 and below 1.');
  }
  return { falseApprove: falseApprove as number, falseDecline: falseDecline as number };
}

export function parseRisk(value: string): number {
  const risk = Number(value);
  if (value.trim() === '' || !(risk > 0 && risk < 1))
    throw new InvalidArgumentError('It must be above 0 and below 1.');
  return risk;
}

export function parseSeed(value: string): number {
  const seed = Number(value);
  if (!/^\d{1,10}$/.test(value) || seed > 0xffff_ffff) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
  }
  return seed;
}

/** What contradicts between the options; null when nothing does. */
export function contradictionIn(costs: AmountCosts, amount: string | undefined): string | null {
  if (dependOnAmount(costs) && amount === undefined) return 'costs by amount need --amount <column>';
  if (!dependOnAmount(costs) && amount !== undefined) return '--amount is given, and no cost depends on it';
  return null;
}
