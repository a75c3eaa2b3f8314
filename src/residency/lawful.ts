import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { Digest } from '../decision/ids.ts';
import type { Label, Purpose } from '../decision/label.ts';
import type { LawfulEndpoint } from '../decision/passage.ts';
import { type Ground, groundOf } from './ground.ts';
import { type NearMiss, nearestMisses } from './near-miss.ts';
import { indexPolicy, type PolicyIndex } from './policy-index.ts';
import type { Endpoint, ResidencyPolicy } from './policy.ts';
import { isLive, stillness, validityOf, type Validity } from './validity.ts';

export interface LawfulRequest {
  readonly label: Label;
  readonly purpose: Purpose;
  /** Left out for purposes without a model (webhook, archive); the endpoint's `modelId` is then empty. */
  readonly modelId?: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

export type LawfulVerdict =
  /** In configured order; `rank` puts the best first. */
  | { readonly kind: 'pass'; readonly endpoints: readonly [LawfulEndpoint, ...LawfulEndpoint[]] }
  | {
      readonly kind: 'refuse';
      readonly reason: 'NO_LAWFUL_ENDPOINT';
      readonly nearestMisses: readonly NearMiss[];
    };

export interface LawfulFilter {
  /** The endpoints that this request's bytes may go to at this moment; there is no default among them. */
  lawful(request: LawfulRequest): LawfulVerdict;
  /** Whether this very object came from this filter; a copy did not. */
  isLawful(candidate: unknown): candidate is LawfulEndpoint;
  readonly policyDigest: Digest;
}

/** All of a lawful endpoint but its brand. */
type LawfulFacts = Pick<LawfulEndpoint, Extract<keyof LawfulEndpoint, string>>;

/**
 * The only maker of `LawfulEndpoint` (I3). An endpoint is lawful when its contract is in force and,
 * for every country it processes, stores, supports or logs in, a mechanism in force covers the
 * request's class and is of a kind that a transfer rule accepts; and no denied country is touched.
 * @param policy one that `checkPolicy` found nothing wrong with
 */
export function createLawfulFilter(policy: ResidencyPolicy): LawfulFilter {
  // A copy: what is asked later is what was digested now.
  const pinned = structuredClone({
    jurisdictions: policy.jurisdictions,
    dataClasses: policy.dataClasses,
    endpoints: policy.endpoints,
    mechanisms: policy.mechanisms,
    transferRules: policy.transferRules,
  });
  const { endpoints } = pinned;
  const policyDigest = digestOf(canonicalJson(pinned));
  const index = indexPolicy(pinned);
  const genuine = new WeakSet<object>();

  const admit = (id: string, model: Model, ground: Ground, { label, purpose }: LawfulRequest) => {
    const facts: LawfulFacts = {
      id,
      modelId: model.id,
      modelVersion: model.version,
      label: Object.freeze({ ...label, countries: Object.freeze([...label.countries]) }),
      purpose,
      validUntilMs: ground.validUntilMs,
      basis: ground.basis,
      policyDigest,
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that makes the brand (I3)
    const endpoint = Object.freeze(facts) as LawfulEndpoint;
    genuine.add(endpoint);
    return endpoint;
  };

  const decide = (request: LawfulRequest): LawfulVerdict => {
    const { label, purpose, modelId, nowMs } = request;
    const admitted: LawfulEndpoint[] = [];
    const terms = index.termsFor(label.jurisdiction, label.dataClass, purpose);
    for (const endpoint of endpoints) {
      const model = modelOf(endpoint, modelId);
      const ground = groundOf(endpoint, terms, index, nowMs);
      if (model && ground) admitted.push(admit(endpoint.id, model, ground, request));
    }
    const [first, ...rest] = admitted;
    if (first !== undefined)
      return Object.freeze({ kind: 'pass', endpoints: Object.freeze([first, ...rest] as const) });
    const misses = Object.freeze(nearestMisses(endpoints, index, request));
    return Object.freeze({ kind: 'refuse', reason: 'NO_LAWFUL_ENDPOINT', nearestMisses: misses });
  };

  return {
    policyDigest,
    isLawful: (candidate): candidate is LawfulEndpoint =>
      typeof candidate === 'object' && candidate !== null && genuine.has(candidate),
    lawful: rememberWhileStill(decide, pinned, index),
  };
}

/**
 * Equal requests have equal verdicts until some contract or mechanism begins or ends; at that moment
 * everything remembered is forgotten.
 */
function rememberWhileStill(
  decide: (request: LawfulRequest) => LawfulVerdict,
  { endpoints, mechanisms }: ResidencyPolicy,
  index: PolicyIndex,
): (request: LawfulRequest) => LawfulVerdict {
  const validities = [...endpoints.map((endpoint) => endpoint.contract), ...mechanisms].map(validityOf);
  const modelIds = new Set(endpoints.flatMap((endpoint) => endpoint.models.map((model) => model.id)));
  const verdicts = new Map<string, LawfulVerdict>();
  let still: Validity = { fromMs: 0, untilMs: 0 };
  return (request) => {
    const { label, modelId, nowMs } = request;
    if (!isLive(still, nowMs)) {
      verdicts.clear();
      still = stillness(validities, nowMs);
    }
    // Names that the policy lacks must not fill the memory. All unknown models are refused alike.
    if (!index.hasJurisdiction(label.jurisdiction) || !index.lattice.has(label.dataClass))
      return decide(request);
    const key = keyOf(request, modelId === undefined || modelIds.has(modelId) ? modelId : '');
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      verdict = decide(request);
      verdicts.set(key, verdict);
    }
    return verdict;
  };
}

/** Every property of the label counts, for the endpoint carries the label it is lawful for. */
function keyOf({ label, purpose }: LawfulRequest, modelId: string | undefined): string {
  const { jurisdiction, countries, dataClass, cell, jurisdictionSource, dataClassSource } = label;
  const parts = [jurisdiction, countries, dataClass, cell, jurisdictionSource, dataClassSource, purpose];
  return JSON.stringify([...parts, modelId ?? null]);
}

interface Model {
  readonly id: string;
  readonly version: string;
}
const noModel: Model = { id: '', version: '' };

function modelOf(endpoint: Endpoint, modelId: string | undefined): Model | undefined {
  return modelId === undefined ? noModel : endpoint.models.find((model) => model.id === modelId);
}
