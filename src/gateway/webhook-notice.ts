import { mintId } from '../audit/mint.ts';
import { deliveryInsert } from '../confidence/webhook-repository.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { Insert } from '../storage/table.ts';
import type { Cell, Rooms } from './rooms.ts';

/** The rows that tell a decision type's webhook of a change; they go into the transaction of the change. */
export function webhookNotice(
  rooms: Rooms,
  cell: Cell,
  decision: { readonly decisionId: DecisionId; readonly decisionType: string; readonly tenant: string },
): Insert[] {
  const target = rooms.types.get(decision.decisionType)?.config.webhook ?? 'none';
  if (target === 'none') return [];
  const { decisionId, tenant } = decision;
  const { endpoint } = target;
  return [
    deliveryInsert(cell.id, { deliveryId: mintId(), tenant, decisionId, endpoint, dueAtMs: rooms.nowMs() }),
  ];
}
