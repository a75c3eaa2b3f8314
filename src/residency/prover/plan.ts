import type { ResidencyPolicy } from '../policy.ts';
import type { RouteAssertion } from './assertion.ts';
import { type Demand, demandsOn } from './demand.ts';
import { type Cut, cutsOf, type Moment, momentsOf, utcMs } from './moment.ts';

export interface ProofOptions {
  readonly assertions: readonly RouteAssertion[];
  /** Most hops of one call, as `limits.attempts` has it. */
  readonly attempts: number;
  /** Epoch milliseconds. Stranding is told from now on; a proof at load leaves the past out. */
  readonly nowMs: number;
  /**
   * `full`: everything. `reachable`: only outages of endpoints that are lawful for the demand. `load`: bounded to
   * well under a second. What was left out is said.
   */
  readonly depth: 'load' | 'reachable' | 'full';
}

/** How far a proof goes. */
export interface Plan {
  readonly demands: readonly Demand[];
  readonly moments: readonly Moment[];
  readonly outages: 'all' | 'reachable';
  readonly subsetsMax: number;
  readonly subjectsMax: number;
  readonly questionsMax: number;
  /** What it does not walk through, in words. */
  readonly limits: readonly string[];
}

/** Beyond it, 2^n outage subsets of all endpoints are no longer walked. */
const endpointsMax = 16;
const none = Number.POSITIVE_INFINITY;
const bounds = {
  full: { states: none, visits: none, subsets: 2 ** 16, questions: 200_000 },
  reachable: { states: 0, visits: none, subsets: 2 ** 10, questions: 10_000 },
  load: { states: 50_000, visits: 2_000, subsets: 64, questions: 2_000 },
} as const;

export function planOf(policy: ResidencyPolicy, options: ProofOptions): Plan {
  const bound = bounds[options.depth];
  const cuts = [...cutsOf(policy), ...assertedCuts(options.assertions)].sort((a, b) => a.ms - b.ms);
  const every = momentsOf(merged(cuts));
  const limits: string[] = [];
  let moments = options.depth === 'load' ? every.filter(({ laterMs }) => laterMs >= options.nowMs) : every;
  const demands = demandsOn(policy);
  const count = policy.endpoints.length;
  const alone = demands.filter(({ subjects }) => subjects.length === 1);
  const states = alone.length * moments.length * 2 ** count;
  const outages = count <= endpointsMax && states <= bound.states ? 'all' : 'reachable';
  if (outages === 'reachable') {
    const why =
      count > endpointsMax ? `${count} endpoints, more than ${endpointsMax}` : `bounded: ${options.depth}`;
    limits.push(`outage subsets of the endpoints that each demand can reach, not of all (${why})`);
  }
  const subjectsMax = demands.length * moments.length <= bound.visits ? 2 : 1;
  if (subjectsMax === 1) limits.push('demands of one subject only (bounded at load)');
  const visited = subjectsMax === 1 ? alone : demands;
  const momentsMax = Math.max(3, Math.floor(bound.visits / Math.max(1, visited.length)));
  if (moments.length > momentsMax) {
    limits.push(`the next ${momentsMax} of ${moments.length} moments (bounded at load)`);
    moments = moments.slice(0, momentsMax);
  }
  return {
    demands: visited,
    moments,
    outages,
    subsetsMax: bound.subsets,
    subjectsMax,
    questionsMax: bound.questions,
    limits,
  };
}

/** An assertion's days cut time, too. */
function assertedCuts(assertions: readonly RouteAssertion[]): Cut[] {
  return assertions.flatMap((assertion) => {
    const { from, until } = 'never' in assertion ? assertion.never : assertion.always;
    return [from, until].flatMap((day) => (day === undefined ? [] : [{ ms: utcMs(day), events: [] }]));
  });
}

function merged(cuts: readonly Cut[]): readonly Cut[] {
  const events = new Map<number, readonly string[]>();
  for (const { ms, events: said } of cuts) events.set(ms, [...(events.get(ms) ?? []), ...said]);
  return [...events].map(([ms, said]) => ({ ms, events: said }));
}
