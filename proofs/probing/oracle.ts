import { assessClaim } from '../../src/simulator/claim.ts';
import { type CreditFactors, scoreCredit } from '../../src/simulator/scorecard.ts';

/** A request as a simulated user sends it. */
export interface Query {
  /** Which of the sender's accounts it comes from. */
  readonly account: number;
  readonly input:
    | { readonly application: CreditFactors & { readonly reference?: string } }
    | { readonly claim: string };
}

export interface Answer {
  readonly favourable: boolean;
  readonly confidence: number;
}

/** Asks until it is done; gets the answer to what it asked. */
export type User = Generator<Query, void, Answer>;

/** The model: the scorecard of the simulator, and its reader of claims. */
export function answerTo({ input }: Query): Answer {
  if ('claim' in input) {
    const { recommendation, confidence } = assessClaim(input.claim);
    return { favourable: recommendation === 'pay', confidence };
  }
  const { probabilityGood } = scoreCredit(input.application);
  return { favourable: probabilityGood >= 0.5, confidence: probabilityGood };
}
