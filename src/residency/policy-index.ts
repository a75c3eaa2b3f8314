import type { Purpose } from '../decision/label.ts';
import { anywhere } from './country.ts';
import { createLattice, type Lattice } from './lattice.ts';
import type { Endpoint, Mechanism, MechanismKind, ResidencyPolicy } from './policy.ts';
import { type Validity, validityOf } from './validity.ts';

/** A mechanism with its days read. */
export interface DatedMechanism {
  readonly mechanism: Mechanism;
  readonly validity: Validity;
}

/** What the rules say about one jurisdiction, class and purpose, before any endpoint is looked at. */
export interface Terms {
  readonly jurisdiction: string;
  readonly dataClass: string;
  readonly purpose: Purpose;
  readonly denied: ReadonlySet<string>;
  readonly kinds: ReadonlySet<MechanismKind>;
}

/** The policy as the filter asks it: everything that does not depend on the moment. */
export interface PolicyIndex {
  readonly lattice: Lattice;
  hasJurisdiction(id: string): boolean;
  /** What the rules say for this jurisdiction, class and purpose. */
  termsFor(jurisdiction: string, dataClass: string, purpose: Purpose): Terms;
  /** Mechanisms that reach this country at this operator, of any class, kind and date, in configured order. */
  mechanismsTo(jurisdiction: string, country: string, legalEntity: string): readonly DatedMechanism[];
  covers(mechanism: Mechanism, dataClass: string): boolean;
}

export function indexPolicy(policy: ResidencyPolicy): PolicyIndex {
  const lattice = createLattice(policy.dataClasses);
  const jurisdictions = new Set(policy.jurisdictions.map((j) => j.id));
  const dated = policy.mechanisms.map((mechanism) => ({ mechanism, validity: validityOf(mechanism) }));
  return {
    lattice,
    hasJurisdiction: (id) => jurisdictions.has(id),
    termsFor: (jurisdiction, dataClass, purpose) => {
      const rules = policy.transferRules.filter((rule) => rule.subjectJurisdiction === jurisdiction);
      const permitting = rules.filter(
        (rule) => rule.purposes.includes(purpose) && lattice.atMost(dataClass, rule.dataClass),
      );
      return {
        jurisdiction,
        dataClass,
        purpose,
        // Whatever the rule's class and purpose: a denial that a more sensitive class could lose, because
        // its rule is another one, would make raising the class open a road.
        denied: new Set(rules.flatMap((rule) => rule.deny)),
        kinds: new Set(permitting.flatMap((rule) => rule.allow)),
      };
    },
    mechanismsTo: (jurisdiction, country, legalEntity) =>
      dated.filter(
        ({ mechanism: { from, to, recipient } }) =>
          from === jurisdiction && to.includes(country) && (recipient === '*' || recipient === legalEntity),
      ),
    covers: (mechanism, dataClass) => mechanism.dataClasses.some((upper) => lattice.atMost(dataClass, upper)),
  };
}

/** Every country that bytes sent to the endpoint can be in or be read from, each once. */
export function touchedCountries(endpoint: Endpoint): readonly string[] {
  return [
    ...new Set([...endpoint.processing, ...endpoint.storage, ...endpoint.support, ...endpoint.telemetry]),
  ];
}

/** The vendor does not say, or reserves, where the bytes go. */
export function isAnywhere(endpoint: Endpoint): boolean {
  return endpoint.vendorMode === 'global' || touchedCountries(endpoint).includes(anywhere);
}
