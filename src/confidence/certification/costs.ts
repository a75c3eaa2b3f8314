import { type Static, Type } from 'typebox';
import type { CaseCosts } from './chow.ts';

const CostSchema = Type.Object(
  {
    fixed: Type.Number({ minimum: 0, description: 'part that every case has, in the unit of the costs' }),
    perAmount: Type.Number({ minimum: 0, description: 'part for each unit of the case’s amount' }),
  },
  { additionalProperties: false },
);

/** Costs that may grow with the amount at stake. */
export const AmountCostsSchema = Type.Object(
  { falseApprove: CostSchema, falseDecline: CostSchema, review: CostSchema },
  {
    additionalProperties: false,
    description: 'costs of mistakes and of a review, fixed and per unit of amount',
  },
);
export type AmountCosts = Static<typeof AmountCostsSchema>;

export function fixedCosts({ falseApprove, falseDecline, review }: CaseCosts): AmountCosts {
  const fixed = (cost: number) => ({ fixed: cost, perAmount: 0 });
  return { falseApprove: fixed(falseApprove), falseDecline: fixed(falseDecline), review: fixed(review) };
}

export function dependOnAmount({ falseApprove, falseDecline, review }: AmountCosts): boolean {
  return [falseApprove, falseDecline, review].some(({ perAmount }) => perAmount !== 0);
}

/** @param amount not below zero; of no effect on costs that are fixed */
export function costsAt(costs: AmountCosts, amount: number): CaseCosts {
  const at = ({ fixed, perAmount }: Static<typeof CostSchema>) => fixed + perAmount * amount;
  return {
    falseApprove: at(costs.falseApprove),
    falseDecline: at(costs.falseDecline),
    review: at(costs.review),
  };
}
