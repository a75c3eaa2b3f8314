import type { Label, Purpose } from '../decision/label.ts';
import type { Exhausted, Permission, PolicyIndex, Terms } from './policy-index.ts';
import type { Endpoint } from './policy.ts';
import { isLive } from './validity.ts';

/** What a lawful endpoint rests on. */
export interface Ground {
  /** For each country the bytes touch, the mechanism that allows it. */
  readonly basis: readonly { readonly country: string; readonly mechanism: string }[];
  /** Rules under which this person is counted, because bytes leave the jurisdiction by them; each once. */
  readonly counted: readonly string[];
  /** Earliest end among the contract and the mechanisms, epoch milliseconds. */
  readonly validUntilMs: number;
}

/** The terms of everybody whose data is in a request: each of them must be met. */
export function termsOfAll(
  { jurisdiction, others = [], dataClass }: Pick<Label, 'jurisdiction' | 'others' | 'dataClass'>,
  purpose: Purpose,
  index: PolicyIndex,
  exhausted?: Exhausted,
): readonly Terms[] {
  return [jurisdiction, ...others].map((id) => index.termsFor(id, dataClass, purpose, exhausted));
}

/** What all the grounds rest on together; null when one of them is missing. */
export function allGrounds(grounds: readonly (Ground | null)[]): Ground | null {
  const found = grounds.filter((ground) => ground !== null);
  if (found.length === 0 || found.length < grounds.length) return null;
  return {
    basis: Object.freeze(found.flatMap(({ basis }) => basis)),
    counted: Object.freeze([...new Set(found.flatMap(({ counted }) => counted))]),
    validUntilMs: Math.min(...found.map(({ validUntilMs }) => validUntilMs)),
  };
}

/** Null when the endpoint is not lawful on these terms at this moment. */
export function groundOf(endpoint: Endpoint, terms: Terms, index: PolicyIndex, nowMs: number): Ground | null {
  const { countries, isAnywhere, contract } = index.placesOf(endpoint);
  if (!endpoint.purposes.includes(terms.purpose) || isAnywhere || !isLive(contract, nowMs)) return null;
  if (endpoint.operator.controlledFrom.some((country) => terms.denied.has(country))) return null;
  const reach = groundInto(countries, endpoint.operator.legalEntity, terms, index, nowMs);
  return reach && { ...reach, validUntilMs: Math.min(contract.untilMs, reach.validUntilMs) };
}

/** The same for countries that an operator's hands, or a person's eyes, are in: whatever stands around it. */
export function groundInto(
  countries: readonly string[],
  legalEntity: string,
  terms: Terms,
  index: PolicyIndex,
  nowMs: number,
): Ground | null {
  let validUntilMs = Number.POSITIVE_INFINITY;
  const basis: { country: string; mechanism: string }[] = [];
  const counted = new Set<string>();
  for (const country of countries) {
    if (terms.denied.has(country)) return null;
    // The first that suffices, in configured order: the operator writes the firmest first (GDPR: Art. 45
    // before 46), and its fallback later. When the first ends, the next one takes over by itself.
    const found = index
      .mechanismsTo(terms.jurisdiction, country, legalEntity)
      .find(({ mechanism, validity }) => {
        return (
          isLive(validity, nowMs) &&
          isOpen(terms.permission(mechanism.kind, country)) &&
          index.covers(mechanism, terms.dataClass)
        );
      });
    if (found === undefined) return null;
    const permission = terms.permission(found.mechanism.kind, country);
    if (permission.kind === 'counted') counted.add(permission.rule);
    validUntilMs = Math.min(validUntilMs, found.validity.untilMs);
    basis.push(Object.freeze({ country, mechanism: found.mechanism.id }));
  }
  return { basis: Object.freeze(basis), counted: Object.freeze([...counted]), validUntilMs };
}

function isOpen({ kind }: Permission): boolean {
  return kind === 'free' || kind === 'counted';
}
