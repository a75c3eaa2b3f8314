import type { DecisionId } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import { idFloor } from '../sweeper.ts';

/** Which decisions are to be looked at, and when: so that nobody has to read years of entries every hour. */

/** No term is shorter than a month. */
const youngestMs = 28 * 24 * 60 * 60 * 1000;
const scanTimeoutMs = 60_000;
const nilId = '00000000-0000-0000-0000-000000000000' as DecisionId;

export interface Due {
  readonly decisionId: DecisionId;
  readonly dueAt: Date;
}

/** @param dueMs epoch ms; a decision that is in the queue already gets this time instead */
export async function enqueue(store: Store, decisionId: DecisionId, dueMs: number): Promise<void> {
  await store.query({
    text: `INSERT INTO retention_queue (decision_id, cell, due_at) VALUES ($1, $2, $3)
           ON CONFLICT (decision_id) DO UPDATE SET due_at = excluded.due_at`,
    values: [decisionId, store.cell, new Date(dueMs)],
  });
}

export async function dequeue(store: Store, decisionId: DecisionId): Promise<void> {
  await store.query({ text: 'DELETE FROM retention_queue WHERE decision_id = $1', values: [decisionId] });
}

/** Due decisions after the given one, in order of time and id. */
export function findDue(store: Store, nowMs: number, after: Due | null, limit: number): Promise<Due[]> {
  return store.query<Due>({
    text: `SELECT decision_id AS "decisionId", due_at AS "dueAt" FROM retention_queue
            WHERE due_at <= $1 AND (due_at, decision_id) > ($2, $3::uuid)
            ORDER BY due_at, decision_id LIMIT $4`,
    values: [new Date(nowMs), after?.dueAt ?? new Date(0), after?.decisionId ?? nilId, limit],
    timeoutMs: scanTimeoutMs,
  });
}

/** How far decisions have been taken into the queue. */
export async function findCursor(store: Store): Promise<DecisionId> {
  const rows = await store.query<{ upto: DecisionId }>({
    text: 'SELECT upto FROM retention_cursors WHERE cell = $1',
    values: [store.cell],
  });
  return rows[0]?.upto ?? nilId;
}

export async function moveCursor(store: Store, upto: DecisionId): Promise<void> {
  await store.query({
    text: `INSERT INTO retention_cursors (cell, upto) VALUES ($1, $2)
           ON CONFLICT (cell) DO UPDATE SET upto = excluded.upto WHERE retention_cursors.upto < excluded.upto`,
    values: [store.cell, upto],
  });
}

/** The next decisions with payloads behind the cursor that are old enough for any term to be over. */
export async function findRipe(
  store: Store,
  after: DecisionId,
  nowMs: number,
  limit: number,
): Promise<DecisionId[]> {
  const rows = await store.query<{ id: DecisionId }>({
    text: `SELECT decision_id AS id FROM entries
            WHERE decision_id > $1 AND decision_id < $2 AND previous IS NULL AND key_id IS NOT NULL
            ORDER BY decision_id LIMIT $3`,
    values: [after, idFloor(nowMs - youngestMs), limit],
    timeoutMs: scanTimeoutMs,
  });
  return rows.map((row) => row.id);
}
