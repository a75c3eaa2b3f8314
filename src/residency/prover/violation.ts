import type { Endpoint } from '../policy.ts';
import { type Demand, describeDemand } from './demand.ts';
import { type Cut, dayOf } from './moment.ts';

/** One state in which something holds that must not, or does not hold that must. */
export interface Violation {
  /** `lawful`, `genuine`, `in-time`, `monotone`, `deterministic`, or the id of an assertion. */
  readonly statement: string;
  /** The counterexample in words. */
  readonly sentence: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly jurisdictions: readonly string[];
  readonly dataClass: string;
  readonly purpose: string;
  readonly model: string | null;
  /** Null where the trouble is that there is none. */
  readonly endpoint: string | null;
  readonly outages: readonly string[];
}

/** The state that a violation is about. */
export interface Scene {
  readonly demand: Demand;
  readonly nowMs: number;
  readonly cut: Cut | null;
  readonly outages: readonly string[];
}

/** `On 2027-01-01 (contract C-1 of us-1 ended), a request of jurisdiction EU, … reaches endpoint us-1 in US although …` */
export function reached(scene: Scene, statement: string, endpoint: Endpoint, because: string): Violation {
  const where = [
    ...new Set([endpoint.processing, endpoint.storage, endpoint.support, endpoint.telemetry].flat()),
  ];
  const what = `reaches endpoint ${endpoint.id} in ${where.join(', ')} ${because}`;
  return violation(scene, statement, endpoint.id, what);
}

export function violation(scene: Scene, statement: string, endpoint: string | null, what: string): Violation {
  const { demand, nowMs, outages } = scene;
  const out = outages.length === 0 ? 'nothing is out' : `outages: ${outages.join(', ')}`;
  return {
    statement,
    sentence: `On ${dayOf(nowMs)}${occasion(scene)}, ${describeDemand(demand)} ${what}; ${out}.`,
    at: new Date(nowMs).toISOString(),
    jurisdictions: demand.subjects,
    dataClass: demand.dataClass,
    purpose: demand.purpose,
    model: demand.modelId,
    endpoint,
    outages,
  };
}

function occasion({ cut, nowMs }: Scene): string {
  const [event, ...more] = cut === null || cut.ms > nowMs ? [] : cut.events;
  if (event === undefined) return '';
  return ` (after ${event}${more.length === 0 ? '' : ` and ${more.length} more`})`;
}

/**
 * The shortest counterexample for each thing that is wrong: fewest subjects, then fewest outages, then the
 * earliest.
 */
export class Violations {
  readonly #worst = new Map<string, Violation>();

  /** Whether a scene would be shorter than the one kept: the words are made for those only. */
  wants(statement: string, endpoint: string | null, scene: Scene): boolean {
    const kept = this.#worst.get(keyOf(statement, endpoint));
    return kept === undefined || compare(lengthOf(scene), lengthOfViolation(kept)) < 0;
  }

  add(found: Violation): void {
    const key = keyOf(found.statement, found.endpoint);
    const kept = this.#worst.get(key);
    if (kept === undefined || compare(lengthOfViolation(found), lengthOfViolation(kept)) < 0)
      this.#worst.set(key, found);
  }

  list(): readonly Violation[] {
    return [...this.#worst.values()].sort(
      (a, b) => indirect(a) - indirect(b) || compare(lengthOfViolation(a), lengthOfViolation(b)),
    );
  }
}

/** A route that must not be says more than that the router contradicts itself. */
function indirect({ statement }: Violation): number {
  return statement === 'monotone' || statement === 'deterministic' ? 1 : 0;
}

function keyOf(statement: string, endpoint: string | null): string {
  return `${statement}\n${endpoint}`;
}

type Length = readonly [subjects: number, outages: number, ms: number];

function lengthOf({ demand, outages, nowMs }: Scene): Length {
  return [demand.subjects.length, outages.length, nowMs];
}

function lengthOfViolation({ jurisdictions, outages, at }: Violation): Length {
  return [jurisdictions.length, outages.length, Date.parse(at)];
}

function compare(a: Length, b: Length): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
