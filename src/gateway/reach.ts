import { findFirstEntry } from '../audit/retention/repository.ts';
import type { EntryHeader } from '../decision/entry.ts';
import { CountersignError } from '../decision/errors.ts';
import { type DecisionId, parseDecisionId } from '../decision/ids.ts';
import type { Caller } from './caller.ts';
import type { Cell, Rooms } from './rooms.ts';

/** A decision that a caller may do something about. */
export interface ReachedDecision {
  readonly cell: Cell;
  readonly decisionId: DecisionId;
  /** Header of its first entry. */
  readonly first: EntryHeader;
  readonly keyId: string | null;
}

const decisionTypes = new Set(['intent', 'outcome', 'refusal']);

/**
 * The decision with this id, in whichever hosted cell it is.
 * @throws CountersignError DECISION_ID_INVALID, DECISION_UNKNOWN where it is not there for this caller
 */
export async function reachDecision(rooms: Rooms, caller: Caller, id: string): Promise<ReachedDecision> {
  const decisionId = parseDecisionId(id);
  if (decisionId === null) throw new CountersignError('DECISION_ID_INVALID');
  for (const cell of rooms.cells.values()) {
    const found = await findFirstEntry(cell.store, decisionId);
    if (found === null) continue;
    const { header, keyId } = found;
    if (header.about || !decisionTypes.has(header.type)) break;
    if (header.tenant !== caller.tenant || !covers(caller, header)) break;
    return { cell, decisionId, first: header, keyId };
  }
  throw new CountersignError('DECISION_UNKNOWN');
}

/** Whether the grants cover a record; a refused label has no jurisdiction, and its tenant may see it. */
export function covers(
  caller: Caller,
  record: {
    readonly jurisdiction: string | null;
    readonly others?: readonly string[] | undefined;
    readonly decisionType: string | null;
  },
): boolean {
  const { jurisdictions, decisionTypes: types } = caller.grants;
  const subjects = [record.jurisdiction, ...(record.others ?? [])].filter((id) => id !== null);
  const inJurisdiction = subjects.every((id) => jurisdictions.includes(id));
  return inJurisdiction && (record.decisionType === null || types.includes(record.decisionType));
}

/**
 * The hosted cells of the caller's jurisdictions, or the one that is named.
 * @throws CountersignError LABEL_UNGRANTED when there is none
 */
export function reachCells(rooms: Rooms, caller: Caller, wanted: string | undefined): readonly Cell[] {
  const { jurisdictions } = caller.grants;
  const cells = rooms.config.gateway.cells
    .filter((cell) => wanted === undefined || cell.id === wanted)
    .filter((cell) => cell.jurisdictions.some((id) => jurisdictions.includes(id)))
    .flatMap((cell) => rooms.cells.get(cell.id) ?? []);
  if (cells.length === 0) throw new CountersignError('LABEL_UNGRANTED');
  return cells;
}

export function known(caller: Caller | null): Caller {
  if (caller === null) throw new CountersignError('KEY_MISSING');
  return caller;
}
