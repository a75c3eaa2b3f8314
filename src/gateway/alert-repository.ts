import { mintId } from '../audit/mint.ts';
import type { Store } from '../storage/store.ts';
import type { Alert, AlertDetail, AlertKind } from '../telemetry/alerts.ts';

export interface KeptAlert {
  readonly id: string;
  readonly kind: AlertKind;
  /** The cell it is about; null when it is about no one cell. */
  readonly cell: string | null;
  readonly detail: AlertDetail;
  /** RFC 3339, UTC. */
  readonly raisedAt: string;
}

interface AlertRow {
  alert_id: string;
  cell: string;
  about_cell: boolean;
  kind: AlertKind;
  detail: AlertDetail;
  raised_at: Date;
}

/** Keeps an alert in the store of its cell, or in the first one when it is about none. */
export async function keepAlert(stores: ReadonlyMap<string, { store: Store }>, alert: Alert): Promise<void> {
  const home = alert.cell === null ? [...stores.values()][0] : stores.get(alert.cell);
  if (home === undefined) throw new Error(`no store for an alert of cell ${alert.cell ?? 'none'}`);
  const { store } = home;
  await store.query({
    text: 'INSERT INTO alerts (alert_id, cell, about_cell, kind, detail) VALUES ($1, $2, $3, $4, $5)',
    values: [mintId(), store.cell, alert.cell !== null, alert.kind, JSON.stringify(alert.detail)],
  });
}

/** Whether an alert of the kind with these parts of its detail was kept here. */
export async function hasAlert(store: Store, kind: AlertKind, detail: AlertDetail): Promise<boolean> {
  const rows = await store.query({
    text: 'SELECT 1 FROM alerts WHERE kind = $1 AND detail @> $2::jsonb LIMIT 1',
    values: [kind, JSON.stringify(detail)],
  });
  return rows.length > 0;
}

/** Newest first; `before` is the id of the last alert of the page before. */
export async function findAlerts(
  store: Store,
  page: { kind: AlertKind | null; before: string | null; limit: number },
): Promise<KeptAlert[]> {
  const rows = await store.query<AlertRow>({
    name: 'find_alerts',
    text: `SELECT alert_id, cell, about_cell, kind, detail, raised_at FROM alerts
            WHERE ($1::text IS NULL OR kind = $1) AND ($2::uuid IS NULL OR alert_id < $2)
            ORDER BY alert_id DESC LIMIT $3`,
    values: [page.kind, page.before, page.limit],
  });
  return rows.map((row) => ({
    id: row.alert_id,
    kind: row.kind,
    cell: row.about_cell ? row.cell : null,
    detail: row.detail,
    raisedAt: row.raised_at.toISOString(),
  }));
}
