import type { Label } from '../decision/label.ts';
import { allGrounds, groundInto, termsOfAll } from './ground.ts';
import { indexPolicy } from './policy-index.ts';
import type { ResidencyPolicy } from './policy.ts';

/** Somebody who would see what a request holds. */
export interface Person {
  /** ISO 3166-1 alpha-2; null where nobody has said where the person sits. */
  readonly country: string | null;
}

/** Whether a person may see data of this label at this moment, epoch milliseconds. */
export type LawfulForPerson = (
  label: Pick<Label, 'jurisdiction' | 'others' | 'dataClass'>,
  person: Person,
  nowMs: number,
) => boolean;

/**
 * Remote access from a third country is a transfer (EDPB Guidelines 05/2021, paragraph 16): a reviewer's
 * country passes the same law as an endpoint's, for the purpose `review`.
 * @param policy one that `checkPolicy` found nothing wrong with
 * @param legalEntity who employs the reviewers; null where none is configured, and then only mechanisms for
 * every recipient reach them
 */
export function createPersonFilter(policy: ResidencyPolicy, legalEntity: string | null): LawfulForPerson {
  const index = indexPolicy(policy);
  return (label, { country }, nowMs) => {
    if (country === null) return false;
    const terms = termsOfAll(label, 'review', index);
    const grounds = terms.map((each) => groundInto([country], legalEntity ?? '', each, index, nowMs));
    return allGrounds(grounds) !== null;
  };
}
