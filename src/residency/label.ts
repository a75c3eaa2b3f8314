import { InvariantError } from '../decision/errors.ts';
import type { Label } from '../decision/label.ts';
import { type StopVerdict, stop } from '../decision/verdict.ts';
import { type Contradiction, dataClassOf, isAtMostOneOf, jurisdictionsOf } from './label-parts.ts';
import { createLattice } from './lattice.ts';
import type { DataClass, Jurisdiction } from './policy.ts';

/** A cell as far as a label is concerned. */
export interface LabelCell {
  readonly id: string;
  readonly jurisdictions: readonly string[];
  readonly hosted: boolean;
  /** Public address of the cell's gateway. */
  readonly address: string;
}

export interface LabellerOptions {
  readonly jurisdictions: readonly Jurisdiction[];
  readonly dataClasses: readonly DataClass[];
  readonly cells: readonly LabelCell[];
  /** By name; the class is the least that a request of the type has. */
  readonly decisionTypes: ReadonlyMap<string, { readonly dataClass: string }>;
}

export interface LabelRequest {
  /** Verified: from the caller's key or token. A granted data class covers the classes below it. */
  readonly grants: {
    readonly jurisdictions: readonly string[];
    readonly dataClasses: readonly string[];
    /** Whether they stand in the gateway's own store or came with a signed token; `grant` when left out. */
    readonly source?: 'grant' | 'token';
  };
  /** What signed subject references say: one for each subject of the request. */
  readonly references?: readonly { readonly jurisdiction: string; readonly dataClass: string | null }[];
  /** As they arrived; an array where a header came more than once. */
  readonly headers: {
    readonly jurisdiction: string | readonly string[] | undefined;
    readonly dataClass: string | readonly string[] | undefined;
  };
  readonly decisionType: string;
}

export type LabelVerdict =
  | { readonly kind: 'pass'; readonly label: Label }
  /** `cellAddress` is set with the reason CELL_ELSEWHERE only. */
  | { readonly kind: 'refuse'; readonly verdict: StopVerdict; readonly cellAddress: string | null };

export interface Labeller {
  /** @throws InvariantError for a decision type that the configuration lacks */
  label(request: LabelRequest): LabelVerdict;
  /** The label with the join of its class and a detected one: detection raises a class, never lowers it. */
  raise(label: Label, detectedClass: string): Label;
  /** Whether a class is, or is below, a granted one. */
  isGranted(dataClass: string, granted: readonly string[]): boolean;
}

/** @param options of a configuration that was checked: every jurisdiction has one cell, every class exists */
export function createLabeller(options: LabellerOptions): Labeller {
  const lattice = createLattice(options.dataClasses);
  const configured = options.jurisdictions.map(({ id }) => id);
  const countries = new Map(
    options.jurisdictions.map((j) => [j.id, Object.freeze([...j.countries])] as const),
  );
  const homes = new Map(options.cells.flatMap((cell) => cell.jurisdictions.map((id) => [id, cell] as const)));

  const label = (request: LabelRequest): LabelVerdict => {
    const type = options.decisionTypes.get(request.decisionType);
    if (type === undefined) throw new InvariantError('a label was asked for an unknown decision type');
    const jurisdictions = jurisdictionsOf(request, configured);
    if ('reason' in jurisdictions) return refuse(jurisdictions);
    const dataClass = dataClassOf(request, type.dataClass, lattice);
    if ('reason' in dataClass) return refuse(dataClass);
    const [first, ...others] = jurisdictions.values;
    const cell = homes.get(first);
    if (cell === undefined) throw new InvariantError('a jurisdiction without a cell');
    if (others.some((id) => homes.get(id) !== cell)) {
      // A record has one home, and what law keeps apart no record may join.
      const detail = 'the subject references belong to different cells; send one request for each cell';
      return refuse({ reason: 'LABEL_CONFLICT', detail });
    }
    if (!cell.hosted)
      return refuse({ reason: 'CELL_ELSEWHERE', detail: `cell ${cell.id} serves this label` }, cell.address);
    const made: Label = {
      jurisdiction: first,
      countries: countries.get(first) ?? [],
      dataClass: dataClass.value,
      cell: cell.id,
      ...(others.length === 0 ? {} : { others: Object.freeze(others) }),
      jurisdictionSource: jurisdictions.source,
      dataClassSource: dataClass.source,
    };
    return { kind: 'pass', label: Object.freeze(made) };
  };

  return {
    label,
    raise: (before, detectedClass) => {
      const dataClass = lattice.join(before.dataClass, detectedClass);
      if (dataClass === before.dataClass) return before;
      return Object.freeze({ ...before, dataClass, dataClassSource: 'detected' });
    },
    isGranted: (dataClass, granted) => isAtMostOneOf(lattice, dataClass, granted),
  };
}

function refuse({ reason, detail }: Contradiction, cellAddress: string | null = null): LabelVerdict {
  return { kind: 'refuse', verdict: stop('refuse', 'label', reason, { detail }), cellAddress };
}
