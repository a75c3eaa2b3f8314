import type { Store } from '../storage/store.ts';
import type { Insert, TableSpec } from '../storage/table.ts';

/** Suspensions of decision types: rows are only ever added, one that begins and one that ends. */

const suspensionsTable: TableSpec = {
  name: 'type_suspensions',
  columns: [
    { name: 'suspension_id', type: 'uuid' },
    { name: 'cell', type: 'text' },
    { name: 'decision_type', type: 'text' },
    { name: 'suspended_by', type: 'text' },
  ],
};
const endsTable: TableSpec = {
  name: 'type_suspension_ends',
  columns: [
    { name: 'suspension_id', type: 'uuid' },
    { name: 'cell', type: 'text' },
    { name: 'lifted_by', type: 'text' },
  ],
};

export interface Suspension {
  readonly suspensionId: string;
  readonly decisionType: string;
  readonly by: string;
  readonly since: Date;
}

/** The row of a new suspension; it belongs into the same unit as its entry. */
export function suspensionInsert(cell: string, suspension: Omit<Suspension, 'since'>): Insert {
  const { suspensionId, decisionType, by } = suspension;
  return { table: suspensionsTable, row: [suspensionId, cell, decisionType, by] };
}

/** The row that ends one; the database refuses a second of the same. */
export function suspensionEndInsert(cell: string, suspensionId: string, by: string): Insert {
  return { table: endsTable, row: [suspensionId, cell, by] };
}

/** Every suspension of the cell that nobody has lifted, the oldest first. */
export async function standingSuspensions(store: Store): Promise<Suspension[]> {
  return store.query<Suspension>({
    name: 'standing_suspensions',
    text: `SELECT s.suspension_id AS "suspensionId", s.decision_type AS "decisionType", s.suspended_by AS "by",
                  s.suspended_at AS since
             FROM type_suspensions s
            WHERE s.cell = $1 AND NOT EXISTS (SELECT FROM type_suspension_ends e WHERE e.suspension_id = s.suspension_id)
            ORDER BY s.suspended_at, s.suspension_id`,
    values: [store.cell],
  });
}
