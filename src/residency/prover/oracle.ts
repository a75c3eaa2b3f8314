import type { Endpoint, Mechanism, MechanismKind, ResidencyPolicy, TransferRule } from '../policy.ts';
import type { Demand } from './demand.ts';
import { dayOf } from './moment.ts';

/*
 * A second reading of the policy, written from the documents and sharing no code with the filter: it turns
 * each paper into the set of countries that it opens on a day, as bits, and asks whether an endpoint's
 * countries lie inside. It also holds papers to what they can say at all, which the filter leaves to the
 * check of the policy: a domestic basis opens no foreign country, a certification covers its holder only.
 */

/** What counsel would answer about one endpoint. */
export interface Oracle {
  /** Positions, in the policy's list, of the endpoints that are lawful for the demand at the moment. */
  lawful(demand: Demand, nowMs: number): readonly number[];
  /** What speaks against an endpoint, for the end of a sentence with "although"; null where nothing does. */
  objection(endpoint: Endpoint, demand: Demand, nowMs: number): string | null;
}

/** What holds for whoever it concerns, and not for one party that signed or was certified. */
const general = new Set<MechanismKind>(['domestic', 'adequacy']);
const unassessed = new Set<MechanismKind>([...general, 'dpf', 'sg-contract', 'cbpr', 'hk-rmc']);

export function createOracle(policy: ResidencyPolicy): Oracle {
  return new Counsel(policy);
}

class Counsel implements Oracle {
  readonly #policy: ResidencyPolicy;
  readonly #bits = new Map<string, bigint>();
  readonly #touched: ReadonlyMap<Endpoint, bigint>;
  /** For each class, itself and everything more sensitive. */
  readonly #upward: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #remembered = new Map<string, bigint>();

  constructor(policy: ResidencyPolicy) {
    this.#policy = policy;
    this.#touched = new Map(policy.endpoints.map((e) => [e, this.#maskOf(placesOf(e))]));
    this.#upward = closure(policy);
  }

  lawful(demand: Demand, nowMs: number): readonly number[] {
    const found: number[] = [];
    this.#policy.endpoints.forEach((endpoint, e) => {
      if (this.#stands(endpoint, demand, dayOf(nowMs))) found.push(e);
    });
    return found;
  }

  #stands(endpoint: Endpoint, demand: Demand, day: string): boolean {
    if (!serves(endpoint, demand) || !inForce(endpoint.contract, day) || unplaced(endpoint) !== null)
      return false;
    const touched = this.#touched.get(endpoint) ?? 0n;
    return demand.subjects.every((subject) => {
      const denied = this.#denied(subject);
      if ((this.#maskOf(endpoint.operator.controlledFrom) & denied) !== 0n) return false;
      const open = this.#open(subject, endpoint.operator.legalEntity, demand, day);
      return (touched & ~(open & ~denied)) === 0n;
    });
  }

  /** The countries that the papers in force open to an operator, for a subject's data of the class and purpose. */
  #open(subject: string, entity: string, demand: Demand, day: string): bigint {
    const { dataClass, purpose, isFull } = demand;
    const key = [subject, dataClass, purpose, day, entity, isFull].join('\n');
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const accepted = this.#accepted(subject, demand, true);
    const abroad = this.#accepted(subject, demand, false);
    const home = this.#home(subject);
    let open = 0n;
    for (const paper of this.#policy.mechanisms) {
      const fits =
        paper.from === subject &&
        (paper.recipient === '*' || paper.recipient === entity) &&
        accepted.has(paper.kind) &&
        inForce(paper, day) &&
        this.#coversClass(paper, dataClass);
      if (fits) open |= this.#opens(paper) & (abroad.has(paper.kind) ? -1n : home);
    }
    this.#remembered.set(key, open);
    return open;
  }

  /** What a paper opens by itself, whoever relies on it. */
  #opens(paper: Mechanism): bigint {
    return this.#flaw(paper) === null ? this.#maskOf(paper.to) & this.#reachOf(paper) : 0n;
  }

  #reachOf(paper: Mechanism): bigint {
    if (paper.kind === 'dpf') return this.#maskOf(['US']);
    return paper.kind === 'domestic' ? this.#home(paper.from) : -1n;
  }

  #home(jurisdiction: string): bigint {
    return this.#maskOf(this.#countriesOf(jurisdiction));
  }

  #countriesOf(jurisdiction: string): readonly string[] {
    return this.#policy.jurisdictions.filter((j) => j.id === jurisdiction).flatMap((j) => j.countries);
  }

  /** Kinds that some rule accepts: at home, where nobody is counted, or abroad, where a full rule accepts nothing. */
  #accepted(
    subject: string,
    { dataClass, purpose, isFull }: Demand,
    isAtHome: boolean,
  ): ReadonlySet<MechanismKind> {
    const speaks = (rule: TransferRule) =>
      rule.subjectJurisdiction === subject &&
      rule.purposes.some((p) => p === purpose) &&
      (isAtHome || !isFull || rule.maxSubjectsPerYear === undefined) &&
      this.#upward.get(dataClass)?.has(rule.dataClass) === true;
    return new Set(this.#policy.transferRules.filter(speaks).flatMap((rule) => rule.allow));
  }

  #denied(subject: string): bigint {
    const rules = this.#policy.transferRules.filter((rule) => rule.subjectJurisdiction === subject);
    return this.#maskOf(rules.flatMap((rule) => rule.deny));
  }

  #coversClass(paper: Mechanism, dataClass: string): boolean {
    const upward = this.#upward.get(dataClass);
    return (
      this.#isCertified(paper, dataClass) &&
      paper.dataClasses.some((covered) => upward?.has(covered) === true)
    );
  }

  /** The list of the Data Privacy Framework says for which data a recipient is on it. */
  #isCertified({ kind, dpfData }: Mechanism, dataClass: string): boolean {
    if (kind !== 'dpf') return true;
    const ofStaff = this.#policy.dataClasses.some((c) => c.id === dataClass && c.humanResources === true);
    return dpfData?.includes(ofStaff ? 'hr' : 'non-hr') === true;
  }

  /** Why a paper of this kind is none. */
  #flaw({ kind, recipient, tiaDate, module, from }: Mechanism): string | null {
    if (!general.has(kind) && recipient === '*') return `is ${kind}, which binds one party, and names none`;
    if (!unassessed.has(kind) && tiaDate === undefined)
      return `is ${kind} without an assessment of the transfer`;
    if (kind === 'scc' && module === undefined) return 'is scc without a module';
    const law = lawOf(kind);
    const isForeign = law !== null && this.#countriesOf(from).some((country) => country !== law);
    return isForeign ? `is ${kind}, which is an instrument for data of ${law} only` : null;
  }

  #maskOf(countries: readonly string[]): bigint {
    let mask = 0n;
    for (const country of countries) {
      let bit = this.#bits.get(country);
      if (bit === undefined) {
        bit = 1n << BigInt(this.#bits.size);
        this.#bits.set(country, bit);
      }
      mask |= bit;
    }
    return mask;
  }

  objection(endpoint: Endpoint, demand: Demand, nowMs: number): string | null {
    const day = dayOf(nowMs);
    if (this.#stands(endpoint, demand, day)) return null;
    if (!serves(endpoint, demand)) return 'it is not declared to serve that';
    const unknown = unplaced(endpoint);
    if (unknown !== null) return unknown;
    const { contract } = endpoint;
    if (!inForce(contract, day)) return `contract ${contract.ref} ${lapse(contract, day)}`;
    for (const subject of demand.subjects) {
      const said = this.#againstTransfer(endpoint, subject, demand, day);
      if (said !== null) return said;
    }
    return 'something speaks against it';
  }

  #againstTransfer(endpoint: Endpoint, subject: string, demand: Demand, day: string): string | null {
    const denied = this.#denied(subject);
    const isIn = (country: string, mask: bigint) => (this.#maskOf([country]) & mask) !== 0n;
    const owner = endpoint.operator.controlledFrom.find((country) => isIn(country, denied));
    if (owner !== undefined) return `it is controlled from ${owner}, which a rule of ${subject} denies`;
    const open = this.#open(subject, endpoint.operator.legalEntity, demand, day);
    for (const country of placesOf(endpoint)) {
      if (isIn(country, denied))
        return `a rule of ${subject} denies ${country} (${roleOf(endpoint, country)})`;
      if (!isIn(country, open)) {
        const why = this.#whyClosed(country, endpoint, subject, demand, day);
        return `no live mechanism covers ${country} (${roleOf(endpoint, country)})${why}`;
      }
    }
    return null;
  }

  /** What the nearest paper lacks. */
  #whyClosed(country: string, endpoint: Endpoint, subject: string, demand: Demand, day: string): string {
    const entity = endpoint.operator.legalEntity;
    const accepted = this.#accepted(subject, demand, false);
    const lacks = this.#policy.mechanisms
      .filter((paper) => paper.from === subject && paper.to.includes(country))
      .map((paper): readonly [number, string] => {
        const { id, kind, recipient } = paper;
        const bad = this.#flaw(paper);
        if (bad !== null) return [0, `${id} ${bad}`];
        if ((this.#opens(paper) & this.#maskOf([country])) === 0n)
          return [1, `${id} is ${kind}, which ends at the border`];
        if (recipient !== '*' && recipient !== entity) return [2, `${id} binds ${recipient}, not ${entity}`];
        if (!this.#isCertified(paper, demand.dataClass))
          return [3, `${id} is a certification for ${paper.dpfData?.join(' and ') ?? 'no'} data`];
        if (!this.#coversClass(paper, demand.dataClass))
          return [3, `${id} does not cover class ${demand.dataClass}`];
        if (!accepted.has(kind)) return [4, `no rule accepts ${kind} (${id}) for it`];
        return [5, `${id} ${lapse(paper, day)}`];
      })
      .sort(([a], [b]) => b - a);
    const [nearest] = lacks;
    return nearest === undefined ? '' : `: ${nearest[1]}`;
  }
}

function serves(endpoint: Endpoint, { purpose, modelId }: Demand): boolean {
  return (
    endpoint.purposes.some((offered) => offered === purpose) &&
    (modelId === null || endpoint.models.some((model) => model.id === modelId))
  );
}

/** Every country that bytes can be in or be read from, those of sub-processors included. */
function placesOf(endpoint: Endpoint): string[] {
  const theirs = endpoint.contract.subprocessors.map((subprocessor) => subprocessor.countries);
  return [
    ...endpoint.processing,
    ...endpoint.storage,
    ...endpoint.support,
    ...endpoint.telemetry,
    ...theirs.flat(),
  ];
}

function unplaced(endpoint: Endpoint): string | null {
  if (endpoint.vendorMode === 'global') return 'its vendor mode is global, so it computes anywhere';
  return placesOf(endpoint).includes('*') ? `its ${roleOf(endpoint, '*')} may be anywhere` : null;
}

function roleOf(endpoint: Endpoint, country: string): string {
  const roles = (['processing', 'storage', 'support', 'telemetry'] as const).filter((role) =>
    endpoint[role].includes(country),
  );
  return roles.length === 0 ? 'sub-processor' : roles.join(', ');
}

/** The country whose law an instrument belongs to; null where it may serve several. */
function lawOf(kind: MechanismKind): string | null {
  if (kind.startsWith('cn-')) return 'CN';
  if (kind === 'idta' || kind === 'uk-addendum') return 'GB';
  if (kind === 'sg-contract') return 'SG';
  return kind === 'hk-rmc' ? 'HK' : null;
}

/** Days are compared as the texts they are: ISO 8601 orders them. */
function inForce({ validFrom, validUntil }: { validFrom: string; validUntil: string }, day: string): boolean {
  return validFrom <= day && day < validUntil;
}

function lapse({ validFrom, validUntil }: { validFrom: string; validUntil: string }, day: string): string {
  return day < validFrom ? `begins on ${validFrom}` : `ended on ${validUntil}`;
}

/** Warshall's closure over "is a parent of". */
function closure({ dataClasses }: ResidencyPolicy): ReadonlyMap<string, ReadonlySet<string>> {
  const upward = new Map(dataClasses.map(({ id }) => [id, new Set([id])]));
  for (const { id, parents } of dataClasses) for (const parent of parents) upward.get(parent)?.add(id);
  for (const { id: middle } of dataClasses) {
    for (const set of upward.values()) {
      if (set.has(middle)) for (const higher of upward.get(middle) ?? []) set.add(higher);
    }
  }
  return upward;
}
