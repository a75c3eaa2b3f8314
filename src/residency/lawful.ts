import { digestOf } from '../decision/canonical.ts';
import type { Digest } from '../decision/ids.ts';
import type { Label, Purpose } from '../decision/label.ts';
import type { LawfulEndpoint } from '../decision/passage.ts';
import { allGrounds, type Ground, groundOf, termsOfAll } from './ground.ts';
import { type NearMiss, nearestMisses } from './near-miss.ts';
import { indexPolicy, type PolicyIndex } from './policy-index.ts';
import { policyJson, policyParts } from './policy-json.ts';
import type { Endpoint, ResidencyPolicy } from './policy.ts';
import { isLive, stillness, validityOf, type Validity } from './validity.ts';

export interface LawfulRequest {
  readonly label: Label;
  readonly purpose: Purpose;
  /** Left out for purposes without a model (webhook, archive); the endpoint's `modelId` is then empty. */
  readonly modelId?: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /**
   * Rules under which this request's person may not leave, because as many have left as may. Left out: nobody
   * counts this request, and no rule that counts permits it anything.
   */
  readonly exhausted?: readonly string[];
  /** Endpoints that were in quarantine on the day; for replays, whose filter knows no quarantine of its own. */
  readonly quarantined?: readonly string[];
}

export type LawfulVerdict =
  /** In configured order; `rank` puts the best first. */
  | { readonly kind: 'pass'; readonly endpoints: readonly [LawfulEndpoint, ...LawfulEndpoint[]] }
  | {
      readonly kind: 'refuse';
      readonly reason: 'NO_LAWFUL_ENDPOINT';
      /** Found out when it is asked for, as things stand then: looking at everything in the way takes long. */
      nearestMisses(): readonly NearMiss[];
    };

export interface LawfulFilter {
  /** The endpoints that this request's bytes may go to at this moment; there is no default among them. */
  lawful(request: LawfulRequest): LawfulVerdict;
  /** Whether this very object came from this filter; a copy did not. */
  isLawful(candidate: unknown): candidate is LawfulEndpoint;
  readonly policyDigest: Digest;
}

const nobody: ReadonlySet<string> = new Set();

/** All of a lawful endpoint but its brand. */
type LawfulFacts = Pick<LawfulEndpoint, Extract<keyof LawfulEndpoint, string>>;

/**
 * The only maker of `LawfulEndpoint` (I3). An endpoint is lawful when its contract is in force and,
 * for every country it processes, stores, supports or logs in, a mechanism in force covers the
 * request's class and is of a kind that a transfer rule accepts; and no denied country is touched.
 * @param policy one that `checkPolicy` found nothing wrong with
 * @param quarantined ids of endpoints that run-time evidence took out; another set each time that it changes
 */
export function createLawfulFilter(
  policy: ResidencyPolicy,
  quarantined: () => ReadonlySet<string> = () => nobody,
): LawfulFilter {
  // A copy: what is asked later is what was digested now.
  const pinned = structuredClone(policyParts(policy));
  const { endpoints } = pinned;
  const policyDigest = digestOf(policyJson(pinned));
  const index = indexPolicy(pinned);
  const genuine = new WeakSet<object>();

  const admit = (id: string, model: Model, ground: Ground, { label, purpose }: LawfulRequest) => {
    const facts: LawfulFacts = {
      id,
      modelId: model.id,
      modelVersion: model.version,
      label: Object.freeze({
        ...label,
        countries: Object.freeze([...label.countries]),
        ...(label.others === undefined ? {} : { others: Object.freeze([...label.others]) }),
      }),
      purpose,
      validUntilMs: ground.validUntilMs,
      basis: ground.basis,
      counted: ground.counted,
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
    const termsOfEach = termsOfAll(label, purpose, index, request.exhausted);
    const isOut = (id: string) => quarantined().has(id) || request.quarantined?.includes(id) === true;
    for (const endpoint of endpoints) {
      if (isOut(endpoint.id)) continue;
      const model = modelOf(endpoint, modelId);
      if (model === undefined) continue;
      const ground = allGrounds(termsOfEach.map((terms) => groundOf(endpoint, terms, index, nowMs)));
      if (ground !== null) admitted.push(admit(endpoint.id, model, ground, request));
    }
    const [first, ...rest] = admitted;
    if (first !== undefined)
      return Object.freeze({ kind: 'pass', endpoints: Object.freeze([first, ...rest] as const) });
    const misses = () => nearestMisses(endpoints, index, request, isOut);
    return Object.freeze({ kind: 'refuse', reason: 'NO_LAWFUL_ENDPOINT', nearestMisses: misses });
  };

  return {
    policyDigest,
    isLawful: (candidate): candidate is LawfulEndpoint =>
      typeof candidate === 'object' && candidate !== null && genuine.has(candidate),
    lawful: rememberWhileStill(decide, pinned, index, quarantined),
  };
}

/**
 * Equal requests have equal verdicts until some contract or mechanism begins or ends, or an endpoint goes into
 * quarantine or leaves it; at that moment everything remembered is forgotten.
 */
function rememberWhileStill(
  decide: (request: LawfulRequest) => LawfulVerdict,
  { endpoints, mechanisms }: ResidencyPolicy,
  index: PolicyIndex,
  quarantined: () => ReadonlySet<string>,
): (request: LawfulRequest) => LawfulVerdict {
  const validities = [...endpoints.map((endpoint) => endpoint.contract), ...mechanisms].map(validityOf);
  const modelIds = new Set(endpoints.flatMap((endpoint) => endpoint.models.map((model) => model.id)));
  const verdicts = new Map<string, { countries: readonly string[]; verdict: LawfulVerdict }>();
  let still: Validity = { fromMs: 0, untilMs: 0 };
  let outBefore = quarantined();
  let last: { readonly request: LawfulRequest; readonly verdict: LawfulVerdict } | null = null;
  return (request) => {
    const { label, modelId, nowMs } = request;
    const out = quarantined();
    if (!isLive(still, nowMs) || out !== outBefore) {
      verdicts.clear();
      last = null;
      still = stillness(validities, nowMs);
      outBefore = out;
    }
    // The very request of before, as a walk through outages asks it again and again.
    if (last?.request === request) return last.verdict;
    // Names that the policy lacks must not fill the memory. All unknown models are refused alike.
    const subjects = [label.jurisdiction, ...(label.others ?? [])];
    if (!subjects.every((id) => index.hasJurisdiction(id)) || !index.lattice.has(label.dataClass))
      return decide(request);
    const key = keyOf(request, modelId === undefined || modelIds.has(modelId) ? modelId : '');
    const known = verdicts.get(key);
    if (known !== undefined && isSameList(known.countries, label.countries)) {
      last = isFixed(request) ? { request, verdict: known.verdict } : null;
      return known.verdict;
    }
    const verdict = decide(request);
    verdicts.set(key, { countries: [...label.countries], verdict });
    last = isFixed(request) ? { request, verdict } : null;
    return verdict;
  };
}

/** Nothing of it that a verdict depends on can change any more. */
function isFixed(request: LawfulRequest): boolean {
  const { label, exhausted, quarantined } = request;
  const parts = [request, label, label.countries, label.others, exhausted, quarantined];
  return parts.every((part) => part === undefined || Object.isFrozen(part));
}

/**
 * Every property of the label counts, for the endpoint carries the label it is lawful for. Its countries are
 * compared apart: they are many, and the same for all requests of a jurisdiction. Names hold no line end, but
 * for that of a model, which is last.
 */
function keyOf(
  { label, purpose, exhausted, quarantined }: LawfulRequest,
  modelId: string | undefined,
): string {
  const { jurisdiction, others, dataClass, cell, jurisdictionSource, dataClassSource } = label;
  const lists = `${listText(others)}\n${listText(exhausted)}\n${listText(quarantined)}`;
  const sources = `${jurisdictionSource}\n${dataClassSource}`;
  const model = modelId === undefined ? '' : `=${modelId}`;
  return `${jurisdiction}\n${dataClass}\n${cell}\n${sources}\n${purpose}\n${lists}\n${model}`;
}

function listText(list: readonly string[] | undefined): string {
  return list === undefined ? '' : list.length === 0 ? '=' : `=${list.join('\t')}\t`;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((one, i) => one === b[i]));
}

interface Model {
  readonly id: string;
  readonly version: string;
}
const noModel: Model = { id: '', version: '' };

function modelOf(endpoint: Endpoint, modelId: string | undefined): Model | undefined {
  return modelId === undefined ? noModel : endpoint.models.find((model) => model.id === modelId);
}
