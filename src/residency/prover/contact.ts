import type { LawfulEndpoint } from '../../decision/passage.ts';
import type { LawfulFilter } from '../lawful.ts';
import type { Endpoint, ResidencyPolicy } from '../policy.ts';
import type { RouteAssertion } from './assertion.ts';
import type { Demand } from './demand.ts';
import type { Oracle } from './oracle.ts';
import { forbidden, neversOf, type Objection } from './statement.ts';

/** What one endpoint object is, when it is contacted for a demand at a moment. */
export interface Contact {
  /** In the policy; -1 where it is not there. */
  readonly position: number;
  readonly endpoint: Endpoint | null;
  readonly objections: readonly Objection[];
}

/** Holds contacts against the oracle, the door's own conditions, and the assertions. */
export class Inspector {
  readonly #policy: ResidencyPolicy;
  readonly #oracle: Oracle;
  readonly #nevers: ReturnType<typeof neversOf>;
  readonly #positions: ReadonlyMap<string, number>;

  constructor(policy: ResidencyPolicy, oracle: Oracle, assertions: readonly RouteAssertion[]) {
    this.#policy = policy;
    this.#oracle = oracle;
    this.#nevers = neversOf(assertions);
    this.#positions = new Map(policy.endpoints.map(({ id }, e) => [id, e]));
  }

  inspect(lawful: LawfulEndpoint, demand: Demand, nowMs: number, filter: LawfulFilter): Contact {
    const position = this.#positions.get(lawful.id) ?? -1;
    const endpoint = this.#policy.endpoints[position] ?? null;
    const objections: Objection[] = [];
    const object = (statement: string, because: string | null) => {
      if (because !== null) objections.push({ statement, because });
    };
    if (endpoint === null) {
      object('lawful', 'although the policy has no such endpoint');
      return { position, endpoint, objections };
    }
    const unlawful = this.#oracle.objection(endpoint, demand, nowMs);
    object('lawful', unlawful === null ? null : `although ${unlawful}`);
    if (!filter.isLawful(lawful)) object('genuine', 'although the lawful filter did not return it');
    if (!isFor(lawful, demand)) object('genuine', 'although it was found lawful for another demand');
    if (nowMs >= lawful.validUntilMs) object('in-time', 'although what it rests on has ended');
    for (const { id, never } of this.#nevers) {
      const found = forbidden(this.#policy, never, demand, { endpoint, lawful, nowMs });
      object(id, found === null ? null : `although assertion "${id}" says never: ${found}`);
    }
    return { position, endpoint, objections };
  }
}

/** The endpoint carries the label and purpose that it is lawful for; it must be good for nothing else. */
function isFor({ label, purpose, modelId }: LawfulEndpoint, demand: Demand): boolean {
  const subjects = [label.jurisdiction, ...(label.others ?? [])];
  return (
    purpose === demand.purpose &&
    modelId === (demand.modelId ?? '') &&
    label.dataClass === demand.dataClass &&
    subjects.length === demand.subjects.length &&
    demand.subjects.every((subject) => subjects.includes(subject))
  );
}
