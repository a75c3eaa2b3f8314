import type { LawfulEndpoint } from '../../decision/passage.ts';
import type { ResidencyPolicy } from '../policy.ts';
import type { RouteAssertion } from './assertion.ts';
import { type Contact, Inspector } from './contact.ts';
import { type Demand, demandsOn } from './demand.ts';
import type { Moment } from './moment.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { edgeSubsets, everySubset, fewFor, type OutageWalk } from './outage-walk.ts';
import { Promises } from './promise.ts';
import { type End, Rig } from './rig.ts';
import { type Scene, reached, violation, Violations } from './violation.ts';

export interface EnumerateOptions {
  readonly assertions: readonly RouteAssertion[];
  readonly attempts: number;
  readonly moments: readonly Moment[];
  /** `all`: every outage subset of all endpoints; `reachable`: of those that are lawful for the demand. */
  readonly outages: 'all' | 'reachable';
  /** Most outage subsets of one demand and moment before only their edges are walked. */
  readonly subsetsMax: number;
  readonly subjectsMax: number;
  /** This one of so many shares of the demands. */
  readonly share: { readonly index: number; readonly count: number };
}

/** The smallest outages that leave a demand without a route, from a moment on. */
export interface Stranding {
  readonly demand: Demand;
  readonly moment: Moment;
  readonly outages: readonly (readonly string[])[];
}

export interface Enumeration {
  readonly states: number;
  readonly violations: Violations;
  readonly strandings: readonly Stranding[];
  /** Demands and moments whose outage subsets were too many to walk through all. */
  readonly edged: number;
}

/** Walks every state through the real router and holds each contact against the oracle and the assertions. */
export function enumerate(policy: ResidencyPolicy, options: EnumerateOptions): Enumeration {
  return new Walk(policy, options).all();
}

class Walk {
  readonly #policy: ResidencyPolicy;
  readonly #options: EnumerateOptions;
  readonly #rig: Rig;
  readonly #oracle: Oracle;
  readonly #inspector: Inspector;
  readonly #promises: Promises;
  readonly #violations = new Violations();
  readonly #strandings: Stranding[] = [];
  #states = 0;
  #edged = 0;
  #known = new Map<LawfulEndpoint, Contact>();
  #place: { demand: Demand; moment: Moment };

  constructor(policy: ResidencyPolicy, options: EnumerateOptions) {
    this.#policy = policy;
    this.#options = options;
    this.#rig = new Rig(policy, options.attempts);
    this.#oracle = createOracle(policy);
    this.#inspector = new Inspector(policy, this.#oracle, options.assertions);
    this.#promises = new Promises(options.assertions);
    this.#place = nowhere;
  }

  all(): Enumeration {
    const { moments, share, subjectsMax } = this.#options;
    const demands = demandsOn(this.#policy).filter(
      ({ subjects }, d) => subjects.length <= subjectsMax && d % share.count === share.index,
    );
    // Demands within moments: what the filter remembers of one must not answer another.
    for (const moment of moments) for (const demand of demands) this.#visit(demand, moment);
    return {
      states: this.#states,
      violations: this.#violations,
      strandings: this.#strandings,
      edged: this.#edged,
    };
  }

  #visit(demand: Demand, moment: Moment): void {
    this.#place = { demand, moment };
    this.#known = new Map();
    const lawful = this.#oracle.lawful(demand, moment.firstMs);
    if (moment.kind === 'crosses') {
      // With everything out the route goes on across the cut.
      this.#walk(edgeSubsets(lawful, 0), false);
      return;
    }
    const everybody = this.#policy.endpoints.map((_, e) => e);
    if (this.#options.outages === 'all' && demand.subjects.length === 1 && !demand.isFull) {
      this.#walk(everySubset(everybody), false);
    } else {
      this.#walk(this.#subsetsOf(lawful), false);
    }
    this.#strandingsAmong(lawful);
  }

  #subsetsOf(lawful: readonly number[]): OutageWalk {
    const few = fewFor(lawful.length, this.#options.subsetsMax);
    if (few === 'all') return everySubset(lawful);
    this.#edged += 1;
    return edgeSubsets(lawful, few);
  }

  /** @param areKnown whether the outages have lasted long enough for circuits to be open */
  #walk(outages: OutageWalk, areKnown: boolean, onEnd?: (end: End) => void): void {
    const rig = this.#rig;
    rig.set(this.#place.demand, this.#place.moment);
    for (const changed of outages) {
      for (const position of changed) rig.flip(position, areKnown);
      const end = rig.run(this.#socket, areKnown);
      this.#states += 1;
      onEnd?.(end);
    }
  }

  /** Lasting outages: the least that leave the demand without an answer. */
  #strandingsAmong(lawful: readonly number[]): void {
    const { demand, moment } = this.#place;
    const least: (readonly number[])[] = [];
    this.#walk(this.#subsetsOf(lawful), true, (end) => {
      if (end === 'answered') return;
      const out = lawful.filter((position) => this.#rig.isOut[position] === 1);
      if (least.some((other) => other.every((position) => out.includes(position)))) return;
      const kept = least.filter((other) => !out.every((position) => other.includes(position)));
      least.splice(0, least.length, ...kept, out);
    });
    const named = least.map((out) => this.#idsOf(out));
    if (demand.subjects.length === 1 && moment.kind === 'opens')
      this.#strandings.push({ demand, moment, outages: named });
    for (const { id, outages, what } of this.#promises.broken(demand, moment, named)) {
      const scene: Scene = { demand, nowMs: moment.firstMs, cut: moment.cut, outages };
      this.#violations.add(violation(scene, id, null, what));
    }
  }

  /** In place of a socket: sees who is contacted, and when. */
  readonly #socket = (endpoint: LawfulEndpoint, nowMs: number): number => {
    const { demand, moment } = this.#place;
    let contact = moment.kind === 'crosses' ? undefined : this.#known.get(endpoint);
    if (contact === undefined) {
      contact = this.#inspector.inspect(endpoint, demand, nowMs, this.#rig.filter);
      this.#known.set(endpoint, contact);
    }
    if (contact.objections.length > 0) this.#report(contact, endpoint, nowMs);
    return contact.position;
  };

  #report({ endpoint, objections }: Contact, contacted: LawfulEndpoint, nowMs: number): void {
    const { demand, moment } = this.#place;
    const cut = moment.cut;
    const out = [...this.#rig.isOut.keys()].filter((position) => this.#rig.isOut[position] === 1);
    const scene: Scene = { demand, nowMs, cut, outages: this.#idsOf(out) };
    for (const { statement, because } of objections) {
      if (!this.#violations.wants(statement, contacted.id, scene)) continue;
      this.#violations.add(
        endpoint === null
          ? violation(scene, statement, contacted.id, `reaches ${contacted.id} ${because}`)
          : reached(scene, statement, endpoint, because),
      );
    }
  }

  #idsOf(positions: readonly number[]): string[] {
    return positions.map((position) => this.#policy.endpoints[position]?.id ?? '');
  }
}

const nowhere: { demand: Demand; moment: Moment } = {
  demand: { subjects: [''], dataClass: '', purpose: 'inference', modelId: null, isFull: false },
  moment: { firstMs: 0, laterMs: 0, cut: null, kind: 'opens' },
};
