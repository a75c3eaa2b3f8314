import type { Label, Purpose } from '../decision/label.ts';
import { termsOfAll } from './ground.ts';
import type { PolicyIndex, Terms } from './policy-index.ts';
import type { Endpoint } from './policy.ts';
import { isLive } from './validity.ts';

/** Why one endpoint was not lawful: codes with countries and mechanism ids, nothing of the request. */
export interface NearMiss {
  readonly endpoint: string;
  /** `NO_MECHANISM US; MECHANISM_NOT_LIVE JP eu-jp-adequacy` */
  readonly why: string;
}

interface MissedRequest {
  readonly label: Label;
  readonly purpose: Purpose;
  readonly modelId?: string;
  readonly nowMs: number;
  readonly exhausted?: readonly string[];
}

const missCountMax = 5;
const obstacleCountMax = 4;

/** The endpoints with the least in the way, those that offer the purpose and model first. */
export function nearestMisses(
  endpoints: readonly Endpoint[],
  index: PolicyIndex,
  request: MissedRequest,
  isQuarantined: (endpointId: string) => boolean = () => false,
): readonly NearMiss[] {
  const { label, purpose, nowMs } = request;
  const termsOfEach = termsOfAll(label, purpose, index, request.exhausted);
  const misses = endpoints.map((endpoint) => {
    const unfit = unfitness(endpoint, request);
    const inTheWay = termsOfEach.flatMap((terms) => obstaclesTo(endpoint, index, terms, nowMs));
    const out = isQuarantined(endpoint.id) ? ['QUARANTINED'] : [];
    return { endpoint, unfit, obstacles: [...unfit, ...out, ...new Set(inTheWay)] };
  });
  misses.sort((a, b) => a.unfit.length - b.unfit.length || a.obstacles.length - b.obstacles.length);
  return misses.slice(0, missCountMax).map(({ endpoint, obstacles }) => ({
    endpoint: endpoint.id,
    why: summary(obstacles),
  }));
}

function summary(obstacles: readonly string[]): string {
  const shown = obstacles.slice(0, obstacleCountMax).join('; ');
  const hidden = obstacles.length - obstacleCountMax;
  return hidden > 0 ? `${shown}; and ${hidden} more` : shown;
}

function unfitness(endpoint: Endpoint, request: MissedRequest): string[] {
  const unfit: string[] = [];
  if (!endpoint.purposes.includes(request.purpose)) unfit.push(`PURPOSE_NOT_OFFERED ${request.purpose}`);
  // The model's name may come from the caller's body, so it is not repeated.
  const { modelId } = request;
  if (modelId !== undefined && endpoint.models.every((m) => m.id !== modelId))
    unfit.push('MODEL_NOT_OFFERED');
  return unfit;
}

function obstaclesTo(endpoint: Endpoint, index: PolicyIndex, terms: Terms, nowMs: number): string[] {
  const obstacles: string[] = [];
  const { countries, isAnywhere, contract } = index.placesOf(endpoint);
  if (isAnywhere) obstacles.push('PLACE_UNKNOWN');
  if (!isLive(contract, nowMs)) obstacles.push('CONTRACT_NOT_LIVE');
  for (const country of endpoint.operator.controlledFrom) {
    if (terms.denied.has(country)) obstacles.push(`CONTROL_DENIED ${country}`);
  }
  for (const country of countries) {
    const obstacle = terms.denied.has(country)
      ? `COUNTRY_DENIED ${country}`
      : obstacleInto(country, endpoint.operator.legalEntity, index, terms, nowMs);
    if (obstacle !== null) obstacles.push(obstacle);
  }
  return obstacles;
}

/** How far the furthest mechanism gets: does it reach, cover the class, suffice by rule, stand in force, have room? */
function obstacleInto(
  country: string,
  legalEntity: string,
  index: PolicyIndex,
  terms: Terms,
  nowMs: number,
): string | null {
  const reaching = index.mechanismsTo(terms.jurisdiction, country, legalEntity);
  const [first] = reaching;
  if (first === undefined) return `NO_MECHANISM ${country}`;
  const covering = reaching.filter(({ mechanism }) => index.covers(mechanism, terms.dataClass));
  const [cover] = covering;
  if (cover === undefined) return `CLASS_NOT_COVERED ${country} ${first.mechanism.id}`;
  const permitted = covering.map(({ mechanism, validity }) => {
    return { mechanism, validity, permission: terms.permission(mechanism.kind, country) };
  });
  const allowed = permitted.filter(({ permission }) => permission.kind !== 'none');
  const [candidate] = allowed;
  if (candidate === undefined) return `KIND_NOT_ALLOWED ${country} ${cover.mechanism.id}`;
  const live = allowed.filter(({ validity }) => isLive(validity, nowMs)).map(({ permission }) => permission);
  if (live.length === 0) return `MECHANISM_NOT_LIVE ${country} ${candidate.mechanism.id}`;
  const full = live.flatMap((permission) => (permission.kind === 'exhausted' ? permission.rule : []));
  return full.length < live.length ? null : `SUBJECTS_EXHAUSTED ${country} ${full[0]}`;
}
