import { mintId } from '../audit/mint.ts';
import { DecisionRecord } from '../audit/record.ts';
import { CountersignError, type ErrorCode } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import { StoreUnavailableError } from '../storage/errors.ts';
import type { Caller } from './caller.ts';
import { Refusal } from './refusal.ts';
import type { Cell, Rooms } from './rooms.ts';

const aboutLabels = /^(?:LABEL|HEADER|REFERENCE|DECISION_TYPE|CELL)_/;

/**
 * Runs a step that finds out the label. When it refuses, the refusal is counted for the alert and
 * recorded without payload in the caller's home cell; other errors pass.
 * @throws CountersignError of the step, with the id of the refusal's record
 */
export async function labelled<T>(rooms: Rooms, caller: Caller, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof CountersignError) || !aboutLabels.test(error.code)) throw error;
    countLabelRefusal(rooms, caller, error.code);
    const decisionId = await recordLabelRefusal(rooms, caller, error);
    throw decisionId === null
      ? error
      : new CountersignError(error.code, { extra: { ...error.extra, decisionId } });
  }
}

/** One more refused label of this caller, for the metrics and the alert. */
export function countLabelRefusal(rooms: Rooms, caller: Caller, code: ErrorCode): void {
  rooms.metrics.labelRefused(code, caller.keyId);
  const cell = homeCell(rooms, caller)?.id ?? null;
  const detail = { caller: caller.keyId, code };
  rooms.alerts.raiseOften({ kind: 'label-refused', cell, detail }, `${caller.keyId} ${code}`);
}

async function recordLabelRefusal(
  rooms: Rooms,
  caller: Caller,
  error: CountersignError,
): Promise<DecisionId | null> {
  // Nothing of a body that belongs to another cell is kept here, not even the fact of it.
  if (error.code === 'CELL_ELSEWHERE') return null;
  const home = homeCell(rooms, caller);
  if (!home) return null;
  const decisionId = mintId<DecisionId>();
  const subject = {
    decisionId,
    about: null,
    tenant: caller.tenant,
    jurisdiction: null,
    dataClass: null,
    decisionType: null,
    release: null,
    retention: null,
  };
  const record = new DecisionRecord({
    store: home.store,
    subject,
    key: null,
    previous: null,
    nowMs: rooms.nowMs,
  });
  try {
    const verdicts = error instanceof Refusal ? [error.verdict] : [];
    await record.refuse({ kind: 'refusal', caller: caller.keyId, code: error.code, verdicts }, null);
  } catch (cause) {
    if (cause instanceof StoreUnavailableError) throw new CountersignError('STORE_UNAVAILABLE', { cause });
    throw cause;
  }
  return decisionId;
}

function homeCell(rooms: Rooms, caller: Caller): Cell | undefined {
  const granted = caller.grants.jurisdictions;
  const home = rooms.config.gateway.cells.find(
    (cell) => cell.hosted && cell.jurisdictions.some((id) => granted.includes(id)),
  );
  return home ? rooms.cells.get(home.id) : undefined;
}
