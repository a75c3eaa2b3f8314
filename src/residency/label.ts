import { InvariantError } from '../decision/errors.ts';
import type { Label, LabelSource } from '../decision/label.ts';
import type { ReasonCode } from '../decision/reason.ts';
import { type StopVerdict, stop } from '../decision/verdict.ts';
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
  readonly grants: { readonly jurisdictions: readonly string[]; readonly dataClasses: readonly string[] };
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
}

type Part = { readonly value: string; readonly source: LabelSource } | LabelVerdict;

/** @param options of a configuration that was checked: every jurisdiction has one cell, every class exists */
export function createLabeller(options: LabellerOptions): Labeller {
  const lattice = createLattice(options.dataClasses);
  const countries = new Map(
    options.jurisdictions.map((j) => [j.id, Object.freeze([...j.countries])] as const),
  );
  const homes = new Map(options.cells.flatMap((cell) => cell.jurisdictions.map((id) => [id, cell] as const)));

  const jurisdictionOf = ({ grants, headers }: LabelRequest): Part => {
    const granted = [...new Set(grants.jurisdictions)];
    const named = headers.jurisdiction;
    if (named === undefined) {
      const [only, ...others] = granted;
      if (only === undefined || others.length > 0) {
        return refuse(
          'LABEL_MISSING',
          `${granted.length} jurisdictions are granted and no header chooses one`,
        );
      }
      return countries.has(only)
        ? { value: only, source: 'grant' }
        : refuse('LABEL_CONFLICT', 'the granted jurisdiction is not configured');
    }
    if (typeof named !== 'string')
      return refuse('LABEL_CONFLICT', 'countersign-jurisdiction has several values');
    if (!countries.has(named))
      return refuse('LABEL_CONFLICT', 'countersign-jurisdiction names no jurisdiction');
    if (!granted.includes(named)) return refuse('LABEL_UNGRANTED', 'countersign-jurisdiction is not granted');
    return { value: named, source: 'header' };
  };

  const dataClassOf = ({ grants, headers, decisionType }: LabelRequest): Part => {
    const type = options.decisionTypes.get(decisionType);
    if (type === undefined) throw new InvariantError('a label was asked for an unknown decision type');
    const isGranted = (id: string) => grants.dataClasses.some((upper) => lattice.atMost(id, upper));
    if (!isGranted(type.dataClass))
      return refuse('LABEL_UNGRANTED', 'the decision type’s data class is not granted');
    const named = headers.dataClass;
    if (named === undefined) return { value: type.dataClass, source: 'decision-type' };
    if (typeof named !== 'string')
      return refuse('LABEL_CONFLICT', 'countersign-data-class has several values');
    if (!lattice.has(named)) return refuse('LABEL_CONFLICT', 'countersign-data-class names no data class');
    if (!isGranted(named)) return refuse('LABEL_UNGRANTED', 'countersign-data-class is not granted');
    if (!lattice.atMost(type.dataClass, named)) {
      return refuse('LABEL_CONFLICT', 'countersign-data-class would lower the decision type’s data class');
    }
    return { value: named, source: named === type.dataClass ? 'decision-type' : 'header' };
  };

  return {
    label: (request) => {
      const jurisdiction = jurisdictionOf(request);
      if ('kind' in jurisdiction) return jurisdiction;
      const dataClass = dataClassOf(request);
      if ('kind' in dataClass) return dataClass;
      const cell = homes.get(jurisdiction.value);
      if (cell === undefined) throw new InvariantError('a jurisdiction without a cell');
      if (!cell.hosted) return refuse('CELL_ELSEWHERE', `cell ${cell.id} serves this label`, cell.address);
      const label = Object.freeze({
        jurisdiction: jurisdiction.value,
        countries: countries.get(jurisdiction.value) ?? [],
        dataClass: dataClass.value,
        cell: cell.id,
        jurisdictionSource: jurisdiction.source,
        dataClassSource: dataClass.source,
      });
      return { kind: 'pass', label };
    },
    raise: (label, detectedClass) => {
      const dataClass = lattice.join(label.dataClass, detectedClass);
      if (dataClass === label.dataClass) return label;
      return Object.freeze({ ...label, dataClass, dataClassSource: 'detected' });
    },
  };
}

/** Details name headers and cells, never what a header held: that is the caller's text (I8). */
function refuse(reason: ReasonCode, detail: string, cellAddress: string | null = null): LabelVerdict {
  return { kind: 'refuse', verdict: stop('refuse', 'label', reason, { detail }), cellAddress };
}
