import { createLawfulFilter, type LawfulFilter } from '../lawful.ts';
import type { ResidencyPolicy } from '../policy.ts';
import { type Demand, requestOf } from './demand.ts';
import { cutsOf, dayOf, type Moment, utcMs } from './moment.ts';
import { violation, type Violations } from './violation.ts';

/** A policy that says less than another one. */
interface Lessening {
  readonly said: string;
  readonly policy: ResidencyPolicy;
}

export interface MonotoneOptions {
  readonly demands: readonly Demand[];
  readonly moments: readonly Moment[];
  /** Most questions to filters; beyond it every n-th demand and moment is asked about. */
  readonly questionsMax: number;
  readonly share: { readonly index: number; readonly count: number };
}

/**
 * Whatever is taken away from a policy, no route may come of it: an endpoint, a mechanism, a rule, or the end
 * of a validity. Nor may one come of a more sensitive class, of one more subject, or of a rule that is full.
 * @returns 1 where every demand and moment was asked about, n where every n-th was
 */
export function checkMonotone(
  policy: ResidencyPolicy,
  options: MonotoneOptions,
  violations: Violations,
): number {
  const filter = createLawfulFilter(policy);
  const { share } = options;
  const lessened = lessenings(policy).filter((_, l) => l % share.count === share.index);
  const places = options.moments.flatMap((moment) => options.demands.map((demand) => ({ demand, moment })));
  const stride = Math.max(1, Math.ceil((places.length * (lessened.length + 1)) / options.questionsMax));
  const asked = places.filter((_, p) => p % stride === 0);
  if (share.index === 0) checkDemands(policy, filter, asked, violations);
  for (const { said, policy: less } of lessened) {
    const lesser = createLawfulFilter(less);
    for (const { demand, moment } of asked) {
      const before = idsOf(policy, filter, demand, moment.firstMs);
      for (const id of idsOf(policy, lesser, demand, moment.firstMs)) {
        if (!before.includes(id)) violations.add(gain(demand, moment, id, said));
      }
    }
  }
  return stride;
}

type Places = readonly { readonly demand: Demand; readonly moment: Moment }[];

function checkDemands(
  policy: ResidencyPolicy,
  filter: LawfulFilter,
  asked: Places,
  violations: Violations,
): void {
  for (const { demand, moment } of asked) {
    const routes = idsOf(policy, filter, demand, moment.firstMs);
    for (const [milder, said] of milderThan(policy, demand)) {
      const before = idsOf(policy, filter, milder, moment.firstMs);
      for (const id of routes) if (!before.includes(id)) violations.add(gain(demand, moment, id, said));
    }
  }
}

/** Demands that ask for less caution: what is lawful for the stricter one is lawful for each of them. */
function milderThan(policy: ResidencyPolicy, demand: Demand): readonly (readonly [Demand, string])[] {
  const parents = policy.dataClasses.find(({ id }) => id === demand.dataClass)?.parents ?? [];
  const lower = parents.map(
    (dataClass) => [{ ...demand, dataClass }, `its class is raised from ${dataClass}`] as const,
  );
  const alone =
    demand.subjects.length === 1
      ? []
      : demand.subjects.map(
          (subject) =>
            [{ ...demand, subjects: [subject] as const }, `${subject} is not alone any more`] as const,
        );
  const open = demand.isFull ? [[{ ...demand, isFull: false }, 'the rules are full'] as const] : [];
  return [...lower, ...alone, ...open];
}

function gain(demand: Demand, { firstMs: nowMs, cut }: Moment, id: string, said: string) {
  const scene = { demand, nowMs, cut, outages: [] };
  return violation(scene, 'monotone', id, `gains a route to endpoint ${id} when ${said}`);
}

function idsOf(policy: ResidencyPolicy, filter: LawfulFilter, demand: Demand, nowMs: number): string[] {
  const verdict = filter.lawful(requestOf(policy, demand, nowMs));
  return verdict.kind === 'pass' ? verdict.endpoints.map(({ id }) => id) : [];
}

/** Every policy that has one thing less. */
function lessenings(policy: ResidencyPolicy): readonly Lessening[] {
  const { endpoints, mechanisms, transferRules } = policy;
  const cuts = cutsOf(policy).map(({ ms }) => ms);
  const without = <T>(things: readonly T[], at: number) => things.filter((_, t) => t !== at);
  return [
    ...endpoints.map(({ id }, e) => ({
      said: `endpoint ${id} is removed`,
      policy: { ...policy, endpoints: without(endpoints, e) },
    })),
    ...mechanisms.map(({ id }, m) => ({
      said: `mechanism ${id} is removed`,
      policy: { ...policy, mechanisms: without(mechanisms, m) },
    })),
    // A rule that denies takes away; one that only allows is what can be missed.
    ...transferRules.flatMap((rule, r) =>
      rule.deny.length > 0
        ? []
        : [
            {
              said: `transfer rule ${r + 1} is removed`,
              policy: { ...policy, transferRules: without(transferRules, r) },
            },
          ],
    ),
    ...endpoints.flatMap((endpoint, e) =>
      shorter(endpoint.contract, cuts).map((contract) => ({
        said: `contract ${contract.ref} ends on ${contract.validUntil} already`,
        policy: { ...policy, endpoints: endpoints.with(e, { ...endpoint, contract }) },
      })),
    ),
    ...mechanisms.flatMap((mechanism, m) =>
      shorter(mechanism, cuts).map((short) => ({
        said: `mechanism ${short.id} ends on ${short.validUntil} already`,
        policy: { ...policy, mechanisms: mechanisms.with(m, short) },
      })),
    ),
  ];
}

/** The same with its end at the first and at the last cut inside it. */
function shorter<T extends { readonly validFrom: string; readonly validUntil: string }>(
  span: T,
  cuts: readonly number[],
): readonly T[] {
  const inside = cuts.filter((ms) => utcMs(span.validFrom) < ms && ms < utcMs(span.validUntil));
  const ends = new Set([inside.at(0), inside.at(-1)].filter((ms) => ms !== undefined));
  return [...ends].map((ms) => Object.assign({}, span, { validUntil: dayOf(ms) }));
}
