import type { Label, Purpose } from '../../decision/label.ts';
import type { LawfulRequest } from '../lawful.ts';
import type { ResidencyPolicy } from '../policy.ts';
import { purposes } from '../../decision/label.ts';

/** What a request asks of the router: whose data, how sensitive, what for, and by which model. */
export interface Demand {
  /** Jurisdictions whose subjects are in the request; the first is the label's own. */
  readonly subjects: readonly [string, ...string[]];
  readonly dataClass: string;
  readonly purpose: Purpose;
  /** Null for purposes without a model. */
  readonly modelId: string | null;
  /** Rules that count persons have reached their maximum, all of them. */
  readonly isFull: boolean;
}

const withModel: ReadonlySet<Purpose> = new Set(['inference', 'embedding', 'guard']);

/** Every demand that can be made on the policy; those of several subjects are pairs, for an intersection grows pair by pair. */
export function demandsOn(policy: ResidencyPolicy): readonly Demand[] {
  const ids = policy.jurisdictions.map(({ id }) => id);
  const alone = ids.map((id) => [id] as const);
  const pairs = ids.flatMap((first, f) => ids.slice(f + 1).map((second) => [first, second] as const));
  const counts = counting(policy).length === 0 ? [false] : [false, true];
  return [...alone, ...pairs].flatMap((subjects) =>
    policy.dataClasses.flatMap(({ id: dataClass }) =>
      purposes.flatMap((purpose) =>
        modelsFor(policy, purpose).flatMap((modelId) =>
          counts.map((isFull) => ({ subjects, dataClass, purpose, modelId, isFull })),
        ),
      ),
    ),
  );
}

function counting({ transferRules }: ResidencyPolicy): string[] {
  return transferRules.flatMap(({ id, maxSubjectsPerYear }) =>
    maxSubjectsPerYear === undefined ? [] : [id ?? ''],
  );
}

function modelsFor(policy: ResidencyPolicy, purpose: Purpose): readonly (string | null)[] {
  if (!withModel.has(purpose)) return [null];
  return [...new Set(policy.endpoints.flatMap((endpoint) => endpoint.models.map((model) => model.id)))];
}

/** Whether some endpoint says that it serves the purpose, with the model where it needs one. */
export function isOffered(policy: ResidencyPolicy, { purpose, modelId }: Demand): boolean {
  return policy.endpoints.some(
    (endpoint) =>
      endpoint.purposes.includes(purpose) &&
      (modelId === null || endpoint.models.some((model) => model.id === modelId)),
  );
}

/** The demand as the gateway asks it of the filter; frozen, for it is asked as often as there are outages. */
export function requestOf(policy: ResidencyPolicy, demand: Demand, nowMs: number): LawfulRequest {
  const [jurisdiction, ...others] = demand.subjects;
  const label: Label = {
    jurisdiction,
    countries: Object.freeze(
      policy.jurisdictions.find(({ id }) => id === jurisdiction)?.countries.slice() ?? [],
    ),
    dataClass: demand.dataClass,
    cell: 'prover',
    ...(others.length === 0 ? {} : { others: Object.freeze(others) }),
    jurisdictionSource: 'grant',
    dataClassSource: 'decision-type',
  };
  const { purpose, modelId } = demand;
  const exhausted = Object.freeze(demand.isFull ? counting(policy) : []);
  const request = { label: Object.freeze(label), purpose, nowMs, exhausted };
  return Object.freeze(modelId === null ? request : { ...request, modelId });
}

/** `a request of jurisdiction EU, class personal, for inference with model scorecard` */
export function describeDemand({ subjects, dataClass, purpose, modelId, isFull }: Demand): string {
  const whose =
    subjects.length === 1
      ? `jurisdiction ${subjects[0]}`
      : `jurisdictions ${subjects.join(' and ')} together`;
  const model = modelId === null ? '' : ` with model ${modelId}`;
  const full = isFull ? ', when the rules that count persons are full' : '';
  return `a request of ${whose}, class ${dataClass}, for ${purpose}${model}${full}`;
}
