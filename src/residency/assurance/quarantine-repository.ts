import type { Query } from '../../storage/connections.ts';
import type { Insert, TableSpec } from '../../storage/table.ts';

/** Why an endpoint was taken out. */
export const quarantineReasons = ['call-evidence', 'vendor-log', 'profile-drift'] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

/** Why an operator let it back in. A code, because a sentence could say something about a person (I8). */
export const releaseReasons = ['vendor-corrected', 'policy-corrected', 'false-alarm', 'test'] as const;
export type ReleaseReason = (typeof releaseReasons)[number];

/** A quarantine that stands. */
export interface Quarantine {
  readonly quarantineId: string;
  readonly endpoint: string;
  readonly reason: QuarantineReason;
  /** Names of the checks that failed. */
  readonly checks: readonly string[];
  readonly since: Date;
}

const quarantinesTable: TableSpec = {
  name: 'endpoint_quarantines',
  columns: [
    { name: 'event_id', type: 'uuid' },
    { name: 'cell', type: 'text' },
    { name: 'endpoint', type: 'text' },
    { name: 'event', type: 'text' },
    { name: 'quarantine', type: 'uuid' },
    { name: 'reason', type: 'text' },
    { name: 'checks', type: 'text' },
  ],
};

/** The row of a new quarantine; it belongs into the same unit as its entry. */
export function quarantineInsert(cell: string, quarantine: Omit<Quarantine, 'since'>): Insert {
  const { quarantineId, endpoint, reason, checks } = quarantine;
  return {
    table: quarantinesTable,
    row: [quarantineId, cell, endpoint, 'quarantined', quarantineId, reason, checks.join(' ')],
  };
}

/** The row that ends one quarantine; a second one of the same is refused by the database. */
export function releaseInsert(
  cell: string,
  release: { readonly eventId: string; readonly quarantine: Quarantine; readonly reason: ReleaseReason },
): Insert {
  const { eventId, quarantine, reason } = release;
  const { endpoint, quarantineId } = quarantine;
  return {
    table: quarantinesTable,
    row: [eventId, cell, endpoint, 'released', quarantineId, reason, ''],
  };
}

/** Every quarantine of the cell that nobody has released, the oldest first. */
export async function standingQuarantines(query: Query, cell: string): Promise<Quarantine[]> {
  const rows = await query<{
    event_id: string;
    endpoint: string;
    reason: QuarantineReason;
    checks: string;
    recorded_at: Date;
  }>({
    name: 'standing_quarantines',
    text: `SELECT event_id, endpoint, reason, checks, recorded_at FROM endpoint_quarantines q
            WHERE cell = $1 AND event = 'quarantined'
              AND NOT EXISTS (SELECT 1 FROM endpoint_quarantines r
                               WHERE r.event = 'released' AND r.quarantine = q.event_id)
            ORDER BY event_id`,
    values: [cell],
  });
  return rows.map((row) => ({
    quarantineId: row.event_id,
    endpoint: row.endpoint,
    reason: row.reason,
    checks: row.checks === '' ? [] : row.checks.split(' '),
    since: row.recorded_at,
  }));
}
