import type { DecisionId } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { TaskOrigin } from './review-task.ts';

/** Which tasks drew a case with a known answer, and which case it shall be. */

export interface SeedDraw {
  readonly taskId: string;
  readonly tenant: string;
  readonly decisionType: string;
}

/** What was planted before: the task whose record holds the known answer. */
export interface SeededCase {
  readonly taskId: DecisionId;
  readonly decisionId: DecisionId;
  readonly submittedBy: string;
}

/** Why a decision came to a person when it was made; where no task of it is kept, what is most usual. */
export async function originOf(store: Store, decisionId: DecisionId): Promise<TaskOrigin> {
  const rows = await store.query<{ origin: TaskOrigin }>({
    name: 'origin_of',
    text: `SELECT origin FROM review_tasks WHERE decision_id = $1 AND aim = 'decide' LIMIT 1`,
    values: [decisionId],
  });
  return rows[0]?.origin ?? 'middle';
}

/** Tasks since the given moment that drew one, have none yet, and can get one, the oldest first. */
export function seedDraws(store: Store, sinceMs: number, limit: number): Promise<SeedDraw[]> {
  return store.query<SeedDraw>({
    name: 'seed_draws',
    text: `SELECT t.task_id AS "taskId", t.tenant, t.decision_type AS "decisionType" FROM review_tasks t
            WHERE t.cell = $1 AND t.draws_seed AND t.created_at > $2
              AND NOT EXISTS (SELECT FROM review_tasks p WHERE p.planted_for = t.task_id)
              AND EXISTS (SELECT FROM review_tasks s WHERE s.cell = t.cell AND s.tenant = t.tenant
                AND s.decision_type = t.decision_type AND s.aim = 'seeded')
            ORDER BY t.created_at LIMIT $3`,
    values: [store.cell, new Date(sinceMs), limit],
  });
}

/** The case that was planted longest ago, so that all take turns; null where there is none. */
export async function nextSeededCase(store: Store, draw: SeedDraw): Promise<SeededCase | null> {
  const rows = await store.query<SeededCase>({
    name: 'next_seeded_case',
    text: `SELECT (array_agg(task_id ORDER BY created_at))[1] AS "taskId", decision_id AS "decisionId",
                  (array_agg(submitted_by ORDER BY created_at))[1] AS "submittedBy"
             FROM review_tasks
            WHERE cell = $1 AND tenant = $2 AND decision_type = $3 AND aim = 'seeded'
            GROUP BY decision_id ORDER BY max(created_at) LIMIT 1`,
    values: [store.cell, draw.tenant, draw.decisionType],
  });
  return rows[0] ?? null;
}
