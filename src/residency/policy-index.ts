import type { Purpose } from '../decision/label.ts';
import { anywhere } from './country.ts';
import { createLattice, type Lattice } from './lattice.ts';
import type { Endpoint, Mechanism, MechanismKind, ResidencyPolicy, TransferRule } from './policy.ts';
import { type Validity, validityOf } from './validity.ts';

/** A mechanism with its days read. */
export interface DatedMechanism {
  readonly mechanism: Mechanism;
  readonly validity: Validity;
}

/** Where bytes sent to an endpoint can be, and under which contract. */
export interface Places {
  /** Each once. */
  readonly countries: readonly string[];
  /** The vendor does not say, or reserves, where the bytes go. */
  readonly isAnywhere: boolean;
  readonly contract: Validity;
}

/** What the rules say about one jurisdiction, class and purpose, before any endpoint is looked at. */
export interface Terms {
  readonly jurisdiction: string;
  readonly dataClass: string;
  readonly purpose: Purpose;
  readonly denied: ReadonlySet<string>;
  /** Whether the rules accept a kind of mechanism for this country. */
  permission(kind: MechanismKind, country: string): Permission;
}

/** What the rules say to one kind of mechanism into one country. */
export type Permission =
  | { readonly kind: 'free' }
  /** By this rule, and the person counts against its maximum. */
  | { readonly kind: 'counted'; readonly rule: string }
  /** By this rule, were its maximum of persons not reached. */
  | { readonly kind: 'exhausted'; readonly rule: string }
  | { readonly kind: 'none' };

/**
 * Rules under which no further person may leave: ids of those that are full, for this person. `uncounted`:
 * nobody counts this request, so no rule that counts permits it anything (I6).
 */
export type Exhausted = readonly string[] | 'uncounted';

/** The policy as the filter asks it: everything that does not depend on the moment. */
export interface PolicyIndex {
  readonly lattice: Lattice;
  hasJurisdiction(id: string): boolean;
  /** What the rules say for this jurisdiction, class and purpose while these rules are exhausted. */
  termsFor(jurisdiction: string, dataClass: string, purpose: Purpose, exhausted?: Exhausted): Terms;
  /** Mechanisms that reach this country at this operator, of any class, kind and date, in configured order. */
  mechanismsTo(jurisdiction: string, country: string, legalEntity: string): readonly DatedMechanism[];
  /** Whether it is for data of this class, and its recipient certified for such data where it is a certification. */
  covers(mechanism: Mechanism, dataClass: string): boolean;
  /** Of an endpoint of this policy. */
  placesOf(endpoint: Endpoint): Places;
}

export function indexPolicy(policy: ResidencyPolicy): PolicyIndex {
  const lattice = createLattice(policy.dataClasses);
  const jurisdictions = new Map(policy.jurisdictions.map((j) => [j.id, new Set(j.countries)]));
  const rulesOf = new Map<string, TransferRule[]>();
  for (const rule of policy.transferRules) {
    const before = rulesOf.get(rule.subjectJurisdiction);
    if (before) before.push(rule);
    else rulesOf.set(rule.subjectJurisdiction, [rule]);
  }
  const ofStaff = new Set(policy.dataClasses.filter((c) => c.humanResources === true).map(({ id }) => id));
  const places = new Map(policy.endpoints.map((endpoint) => [endpoint, readPlaces(endpoint)]));
  // By jurisdiction and country, in configured order: an endpoint touches several countries.
  const reaching = new Map<string, DatedMechanism[]>();
  for (const mechanism of policy.mechanisms) {
    const dated = { mechanism, validity: validityOf(mechanism) };
    for (const country of new Set(mechanism.to)) {
      const way = `${mechanism.from} ${country}`;
      reaching.set(way, [...(reaching.get(way) ?? []), dated]);
    }
  }
  const toRecipient = new Map<string, readonly DatedMechanism[]>();
  return {
    lattice,
    hasJurisdiction: (id) => jurisdictions.has(id),
    termsFor: (jurisdiction, dataClass, purpose, exhausted = 'uncounted') => {
      const rules = rulesOf.get(jurisdiction) ?? [];
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
        permission: permissions(permitting, jurisdictions.get(jurisdiction) ?? new Set(), exhausted),
      };
    },
    mechanismsTo: (jurisdiction, country, legalEntity) => {
      const way = `${jurisdiction} ${country} ${legalEntity}`;
      const known = toRecipient.get(way);
      if (known !== undefined) return known;
      const every = reaching.get(`${jurisdiction} ${country}`);
      if (every === undefined) return [];
      const found = every.filter(
        ({ mechanism: { recipient } }) => recipient === '*' || recipient === legalEntity,
      );
      toRecipient.set(way, found);
      return found;
    },
    covers: (mechanism, dataClass) =>
      isCertified(mechanism, ofStaff.has(dataClass)) &&
      mechanism.dataClasses.some((upper) => lattice.atMost(dataClass, upper)),
    placesOf: (endpoint) => places.get(endpoint) ?? readPlaces(endpoint),
  };
}

/**
 * A rule that counts persons limits what leaves the jurisdiction's own countries; inside them nothing is
 * transferred, and nobody is counted. Where a rule without a maximum permits the same, nobody is counted either.
 */
function permissions(
  permitting: readonly TransferRule[],
  home: ReadonlySet<string>,
  exhausted: Exhausted,
): Terms['permission'] {
  const abroad = new Map<MechanismKind, Permission>();
  for (const rule of permitting) {
    const permission = permissionBy(rule, exhausted);
    for (const kind of rule.allow) {
      const before = abroad.get(kind);
      if (before === undefined || firmness[permission.kind] > firmness[before.kind])
        abroad.set(kind, permission);
    }
  }
  return (kind, country) => {
    const permission = abroad.get(kind) ?? none;
    return permission !== none && home.has(country) ? free : permission;
  };
}

const free: Permission = { kind: 'free' };
const none: Permission = { kind: 'none' };
/** Of several rules the firmest speaks; of equally firm ones the first. */
const firmness: Readonly<Record<Permission['kind'], number>> = { none: 0, exhausted: 1, counted: 2, free: 3 };

function permissionBy(rule: TransferRule, exhausted: Exhausted): Permission {
  const id = countedAs(rule);
  if (id === undefined) return free;
  const isFull = exhausted === 'uncounted' || exhausted.includes(id);
  return { kind: isFull ? 'exhausted' : 'counted', rule: id };
}

/** The name a rule's persons are counted under; undefined where it counts nobody. */
export function countedAs(rule: TransferRule): string | undefined {
  return rule.maxSubjectsPerYear === undefined ? undefined : (rule.id ?? '');
}

/**
 * A recipient is on the DPF list for data of staff, for other data, or for both (Implementing Decision (EU)
 * 2023/1795, Annex I, supplemental principle 9). The class above covers the one below it, but a list entry does not.
 */
function isCertified({ kind, dpfData }: Mechanism, isOfStaff: boolean): boolean {
  return kind !== 'dpf' || dpfData?.includes(isOfStaff ? 'hr' : 'non-hr') === true;
}

function readPlaces(endpoint: Endpoint): Places {
  const countries = touchedCountries(endpoint);
  const isAnywhere = endpoint.vendorMode === 'global' || countries.includes(anywhere);
  return { countries, isAnywhere, contract: validityOf(endpoint.contract) };
}

/** Every country that bytes sent to the endpoint can be in or be read from, each once. */
function touchedCountries(endpoint: Endpoint): readonly string[] {
  return [
    ...new Set([...endpoint.processing, ...endpoint.storage, ...endpoint.support, ...endpoint.telemetry]),
  ];
}
