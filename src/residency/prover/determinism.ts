import type { ResidencyPolicy } from '../policy.ts';
import type { Demand } from './demand.ts';
import type { Moment } from './moment.ts';
import { Rig } from './rig.ts';
import { violation, type Violations } from './violation.ts';

/**
 * Asks everything twice, of two routers, and of the second in the opposite order: what a router has been asked
 * before must not show in what it does. Every endpoint is out, so that the whole route is seen.
 */
export function checkDeterminism(
  policy: ResidencyPolicy,
  attempts: number,
  places: readonly { readonly demand: Demand; readonly moment: Moment }[],
  violations: Violations,
): void {
  const one = new Rig(policy, attempts);
  const other = new Rig(policy, attempts);
  const forwards = places.map((place) => routeOf(one, policy, place));
  const backwards = places.toReversed().map((place) => routeOf(other, policy, place));
  backwards.reverse();
  places.forEach(({ demand, moment }, p) => {
    if (forwards[p] === backwards[p]) return;
    const scene = { demand, nowMs: moment.firstMs, cut: moment.cut, outages: [] };
    const what = `goes to ${forwards[p]} or to ${backwards[p]}, by what was asked before`;
    violations.add(violation(scene, 'deterministic', null, what));
  });
}

function routeOf(
  rig: Rig,
  policy: ResidencyPolicy,
  { demand, moment }: { readonly demand: Demand; readonly moment: Moment },
): string {
  rig.set(demand, moment);
  policy.endpoints.forEach((_, e) => rig.flip(e, false));
  const contacted: string[] = [];
  const positions = new Map(policy.endpoints.map(({ id }, e) => [id, e]));
  rig.run(({ id }) => {
    contacted.push(id);
    return positions.get(id) ?? -1;
  }, false);
  return contacted.length === 0 ? 'nowhere' : contacted.join(', ');
}
