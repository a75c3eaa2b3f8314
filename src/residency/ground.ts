import { isAnywhere, type PolicyIndex, type Terms, touchedCountries } from './policy-index.ts';
import type { Endpoint } from './policy.ts';
import { isLive, validityOf } from './validity.ts';

/** What a lawful endpoint rests on. */
export interface Ground {
  /** For each country the bytes touch, the mechanism that allows it. */
  readonly basis: readonly { readonly country: string; readonly mechanism: string }[];
  /** Earliest end among the contract and the mechanisms, epoch milliseconds. */
  readonly validUntilMs: number;
}

/** Null when the endpoint is not lawful on these terms at this moment. */
export function groundOf(endpoint: Endpoint, terms: Terms, index: PolicyIndex, nowMs: number): Ground | null {
  const contract = validityOf(endpoint.contract);
  if (!endpoint.purposes.includes(terms.purpose) || isAnywhere(endpoint) || !isLive(contract, nowMs))
    return null;
  if (endpoint.operator.controlledFrom.some((country) => terms.denied.has(country))) return null;
  let validUntilMs = contract.untilMs;
  const basis: { country: string; mechanism: string }[] = [];
  for (const country of touchedCountries(endpoint)) {
    if (terms.denied.has(country)) return null;
    // The first that suffices, in configured order: the operator writes the firmest first (GDPR: Art. 45
    // before 46), and its fallback later. When the first ends, the next one takes over by itself.
    const found = index
      .mechanismsTo(terms.jurisdiction, country, endpoint.operator.legalEntity)
      .find(({ mechanism, validity }) => {
        return (
          isLive(validity, nowMs) &&
          terms.kinds.has(mechanism.kind) &&
          index.covers(mechanism, terms.dataClass)
        );
      });
    if (found === undefined) return null;
    validUntilMs = Math.min(validUntilMs, found.validity.untilMs);
    basis.push(Object.freeze({ country, mechanism: found.mechanism.id }));
  }
  return { basis: Object.freeze(basis), validUntilMs };
}
