import type { DecisionId } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { Insert, TableSpec } from '../storage/table.ts';

/** The SQL of the webhook deliveries of one cell. */

const webhookDeliveriesTable: TableSpec = {
  name: 'webhook_deliveries',
  columns: [
    { name: 'delivery_id', type: 'uuid' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'decision_id', type: 'uuid' },
    { name: 'endpoint', type: 'text' },
    { name: 'next_attempt_at', type: 'timestamptz' },
  ],
};

/** One notice to one endpoint. Its id is the `webhook-id`, the same in every attempt. */
export interface NewDelivery {
  readonly deliveryId: string;
  readonly tenant: string;
  readonly decisionId: DecisionId;
  /** Id of the endpoint in the configuration, never an address. */
  readonly endpoint: string;
  readonly dueAtMs: number;
}

/** The row that enqueues a notice; it belongs into the same unit as the entry it tells of. */
export function deliveryInsert(cell: string, delivery: NewDelivery): Insert {
  const { deliveryId, tenant, decisionId, endpoint, dueAtMs } = delivery;
  return {
    table: webhookDeliveriesTable,
    row: [deliveryId, tenant, cell, decisionId, endpoint, new Date(dueAtMs)],
  };
}

export interface Delivery {
  readonly deliveryId: string;
  readonly decisionId: DecisionId;
  readonly endpoint: string;
  /** Attempts so far, this one included. */
  readonly attempts: number;
}

/**
 * Takes the deliveries that are due and puts their next attempt off by `leaseMs`: should the process die
 * while it sends, another takes them again then. Two workers never take the same one.
 */
export async function takeDueDeliveries(
  store: Store,
  take: { nowMs: number; leaseMs: number; limit: number },
): Promise<Delivery[]> {
  const rows = await store.query<{
    delivery_id: string;
    decision_id: DecisionId;
    endpoint: string;
    attempts: number;
  }>({
    name: 'take_due_deliveries',
    text: `WITH due AS MATERIALIZED (
             SELECT delivery_id FROM webhook_deliveries
              WHERE cell = $1 AND delivered_at IS NULL AND next_attempt_at <= $2
              ORDER BY next_attempt_at, delivery_id LIMIT $4 FOR UPDATE SKIP LOCKED)
           UPDATE webhook_deliveries w SET attempts = w.attempts + 1, next_attempt_at = $3
             FROM due WHERE w.delivery_id = due.delivery_id
           RETURNING w.delivery_id, w.decision_id, w.endpoint, w.attempts`,
    values: [store.cell, new Date(take.nowMs), new Date(take.nowMs + take.leaseMs), take.limit],
  });
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    decisionId: row.decision_id,
    endpoint: row.endpoint,
    attempts: row.attempts,
  }));
}

export async function recordDelivered(store: Store, deliveryId: string, nowMs: number): Promise<void> {
  await store.query({
    name: 'record_delivered',
    text: `UPDATE webhook_deliveries SET delivered_at = $2, next_attempt_at = NULL, last_fault = NULL
            WHERE delivery_id = $1`,
    values: [deliveryId, new Date(nowMs)],
  });
}

/** `nextAttemptMs` null gives the delivery up; its row stays, with the fault, for whoever looks into it. */
export async function recordFault(
  store: Store,
  deliveryId: string,
  failed: { fault: string; nextAttemptMs: number | null },
): Promise<void> {
  await store.query({
    name: 'record_fault',
    text: `UPDATE webhook_deliveries SET last_fault = $2, next_attempt_at = $3
            WHERE delivery_id = $1 AND delivered_at IS NULL`,
    values: [deliveryId, failed.fault, failed.nextAttemptMs === null ? null : new Date(failed.nextAttemptMs)],
  });
}
