import type { LabelSource } from '../decision/label.ts';
import type { ReasonCode } from '../decision/reason.ts';
import type { LabelRequest } from './label.ts';
import type { Lattice } from './lattice.ts';

/** Why a part of a label could not be made. It names headers and cells, never what they held (I8). */
export interface Contradiction {
  readonly reason: ReasonCode;
  readonly detail: string;
}

interface Jurisdictions {
  /** In configured order; a request without subject references has one. */
  readonly values: readonly [string, ...string[]];
  readonly source: LabelSource;
}

interface ClassPart {
  readonly value: string;
  readonly source: LabelSource;
}

/**
 * Whose data it is. Grants say what is possible; a signed reference settles it; a header may choose one of
 * several grants, or repeat what is settled.
 * @param configured ids of all jurisdictions, in configured order
 */
export function jurisdictionsOf(
  request: LabelRequest,
  configured: readonly string[],
): Jurisdictions | Contradiction {
  const granted = [...new Set(request.grants.jurisdictions)];
  const named = request.headers.jurisdiction;
  if (named !== undefined && typeof named !== 'string')
    return conflict('countersign-jurisdiction has several values');
  if (named !== undefined && !configured.includes(named))
    return conflict('countersign-jurisdiction names no jurisdiction');
  const { references = [] } = request;
  if (references.length > 0) {
    const referred = new Set(references.map(({ jurisdiction }) => jurisdiction));
    return referredJurisdictions(referred, named, granted, configured);
  }
  if (named !== undefined) {
    if (!granted.includes(named)) return ungranted('countersign-jurisdiction is not granted');
    return { values: [named], source: 'header' };
  }
  const [only, ...others] = granted;
  if (only === undefined || others.length > 0) {
    const detail = `${granted.length} jurisdictions are granted and no header chooses one`;
    return { reason: 'LABEL_MISSING', detail };
  }
  if (!configured.includes(only)) return conflict('the granted jurisdiction is not configured');
  return { values: [only], source: request.grants.source ?? 'grant' };
}

function referredJurisdictions(
  referred: ReadonlySet<string>,
  named: string | undefined,
  granted: readonly string[],
  configured: readonly string[],
): Jurisdictions | Contradiction {
  const [first, ...others] = configured.filter((id) => referred.has(id));
  if (first === undefined || others.length + 1 < referred.size)
    return conflict('a subject reference names no jurisdiction');
  if (named !== undefined && (named !== first || others.length > 0))
    return conflict('countersign-jurisdiction contradicts the subject references');
  if (![first, ...others].every((id) => granted.includes(id)))
    return ungranted('the jurisdiction of a subject reference is not granted');
  return { values: [first, ...others], source: 'reference' };
}

/** How sensitive it is: what the decision type and the references say is the least, and a header may say more. */
export function dataClassOf(
  request: LabelRequest,
  ofType: string,
  lattice: Lattice,
): ClassPart | Contradiction {
  const { references = [], grants, headers } = request;
  const referred = references.flatMap(({ dataClass }) => dataClass ?? []);
  if (!referred.every((id) => lattice.has(id))) return conflict('a subject reference names no data class');
  const isGranted = (id: string) => isAtMostOneOf(lattice, id, grants.dataClasses);
  if (!isGranted(ofType)) return ungranted('the decision type’s data class is not granted');
  const least = referred.reduce((sum, id) => lattice.join(sum, id), ofType);
  if (!isGranted(least)) return ungranted('the data class of a subject reference is not granted');
  const source = least === ofType ? 'decision-type' : 'reference';
  const named = headers.dataClass;
  if (named === undefined || named === least) return { value: least, source };
  if (typeof named !== 'string') return conflict('countersign-data-class has several values');
  if (!lattice.has(named)) return conflict('countersign-data-class names no data class');
  if (!isGranted(named)) return ungranted('countersign-data-class is not granted');
  if (!lattice.atMost(least, named)) {
    const whose = source === 'reference' ? 'a subject reference’s' : 'the decision type’s';
    return conflict(`countersign-data-class would lower ${whose} data class`);
  }
  return { value: named, source: 'header' };
}

/** A granted class covers the classes below it. */
export function isAtMostOneOf(lattice: Lattice, dataClass: string, granted: readonly string[]): boolean {
  return granted.some((upper) => lattice.atMost(dataClass, upper));
}

function conflict(detail: string): Contradiction {
  return { reason: 'LABEL_CONFLICT', detail };
}

function ungranted(detail: string): Contradiction {
  return { reason: 'LABEL_UNGRANTED', detail };
}
