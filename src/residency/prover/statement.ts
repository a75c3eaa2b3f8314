import type { LawfulEndpoint } from '../../decision/passage.ts';
import type { Endpoint, ResidencyPolicy } from '../policy.ts';
import type { Always, Never, RouteAssertion } from './assertion.ts';
import type { Demand } from './demand.ts';
import { utcMs } from './moment.ts';

/** What a contact was held against and does not stand. */
export interface Objection {
  /** `lawful`, `genuine`, `in-time`, or the id of an assertion. */
  readonly statement: string;
  /** The end of the sentence that tells of it. */
  readonly because: string;
}

/** A forbidden kind of route that `contact` is, in words; null where it is none. */
export function forbidden(
  policy: ResidencyPolicy,
  never: Never,
  demand: Demand,
  contact: { readonly endpoint: Endpoint; readonly lawful: LawfulEndpoint; readonly nowMs: number },
): string | null {
  const { endpoint, lawful, nowMs } = contact;
  const isMeant =
    isWithin(never, nowMs) &&
    includesAny(never.jurisdictions, demand.subjects) &&
    includesAny(never.purposes, [demand.purpose]) &&
    includesAny(never.dataClasses, atMost(policy, demand.dataClass));
  if (!isMeant) return null;
  const { reach } = never;
  const kinds = new Map(policy.mechanisms.map(({ id, kind }) => [id, kind]));
  const { controlledFrom, legalEntity } = endpoint.operator;
  const relied = lawful.basis.map(({ mechanism }) => kinds.get(mechanism) ?? mechanism);
  return (
    meet(reach.endpoints, [endpoint.id], 'it is endpoint') ??
    meet(reach.countries, everyPlace(endpoint), 'it touches') ??
    meet(reach.controlledFrom, controlledFrom, 'it is controlled from') ??
    meet(reach.operators, [legalEntity], 'it is operated by') ??
    meet(reach.vendorModes, [endpoint.vendorMode], 'its vendor mode is') ??
    meet(reach.mechanisms, relied, 'it rests on')
  );
}

/** Whether a promise of routes is about this demand at this moment. */
export function isPromised(always: Always, demand: Demand, nowMs: number): boolean {
  const [subject, ...others] = demand.subjects;
  return (
    others.length === 0 &&
    isWithin(always, nowMs) &&
    includesAny(always.jurisdictions, [subject]) &&
    includesAny(always.dataClasses, [demand.dataClass]) &&
    includesAny(always.purposes, [demand.purpose]) &&
    (always.models === undefined || (demand.modelId !== null && always.models.includes(demand.modelId)))
  );
}

export function neversOf(assertions: readonly RouteAssertion[]): readonly { id: string; never: Never }[] {
  return assertions.flatMap((assertion) => ('never' in assertion ? [assertion] : []));
}

export function alwaysOf(assertions: readonly RouteAssertion[]): readonly { id: string; always: Always }[] {
  return assertions.flatMap((assertion) => ('always' in assertion ? [assertion] : []));
}

function everyPlace(endpoint: Endpoint): string[] {
  const { processing, storage, support, telemetry, contract } = endpoint;
  return [processing, storage, support, telemetry, ...contract.subprocessors.map((s) => s.countries)].flat();
}

/** The class and everything less sensitive. */
function atMost(policy: ResidencyPolicy, dataClass: string): string[] {
  const found = new Set([dataClass]);
  for (const id of found) {
    for (const parent of policy.dataClasses.find((c) => c.id === id)?.parents ?? []) found.add(parent);
  }
  return [...found];
}

function includesAny(wanted: readonly string[] | undefined, given: readonly string[]): boolean {
  return wanted === undefined || given.some((one) => wanted.includes(one));
}

function meet(
  unwanted: readonly string[] | undefined,
  given: readonly string[],
  said: string,
): string | null {
  const found = given.find((one) => unwanted?.includes(one) === true);
  return found === undefined ? null : `${said} ${found}`;
}

function isWithin(span: { from?: string; until?: string }, nowMs: number): boolean {
  const { from, until } = span;
  return (from === undefined || utcMs(from) <= nowMs) && (until === undefined || nowMs < utcMs(until));
}
