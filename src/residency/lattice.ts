import { InvariantError } from '../decision/errors.ts';
import type { DataClass } from './policy.ts';

/** The order of data classes by sensitivity. */
export interface Lattice {
  has(id: string): boolean;
  /** Whether `lower` is `upper` or one of its ancestors. False when either is unknown. */
  atMost(lower: string, upper: string): boolean;
  /** The least classes that are at least as sensitive as both; exactly one in a checked policy. */
  leastUpperBounds(a: string, b: string): readonly string[];
  /** The least class at least as sensitive as both. @throws InvariantError where there is not exactly one */
  join(a: string, b: string): string;
}

/** Terminates on a cycle, so that the check that reports cycles can use it too. */
export function createLattice(dataClasses: readonly DataClass[]): Lattice {
  const parents = new Map(dataClasses.map((dataClass) => [dataClass.id, dataClass.parents]));
  const downSets = new Map(dataClasses.map(({ id }) => [id, downSet(id, parents)]));
  const atMost = (lower: string, upper: string) => downSets.get(upper)?.has(lower) ?? false;
  const leastUpperBounds = (a: string, b: string) => {
    const bounds = [...downSets.keys()].filter((id) => atMost(a, id) && atMost(b, id));
    return bounds.filter((id) => bounds.every((other) => other === id || !atMost(other, id)));
  };
  return {
    has: (id) => downSets.has(id),
    atMost,
    leastUpperBounds,
    join: (a, b) => {
      const [least, ...others] = leastUpperBounds(a, b);
      if (least === undefined || others.length > 0) throw new InvariantError('two data classes have no join');
      return least;
    },
  };
}

function downSet(id: string, parents: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set<string>([id]);
  for (const member of seen) {
    for (const parent of parents.get(member) ?? []) {
      if (parents.has(parent)) seen.add(parent);
    }
  }
  return seen;
}
