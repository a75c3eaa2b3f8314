import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { caseReference } from '../../audit/access.ts';
import { CountersignError } from '../../decision/errors.ts';
import { type Caller, personOf } from '../caller.ts';
import { known, reachCells } from '../reach.ts';
import type { Cell, Rooms } from '../rooms.ts';
import { type SuspensionAct, liftSuspension, suspendType, suspensionReasons } from '../suspensions.ts';
import { fromStore } from './reading.ts';

const Params = Type.Object({ type: Type.String({ description: 'name of the decision type' }) });
const ActSchema = Type.Object(
  {
    reason: Type.Enum(suspensionReasons, { description: 'why' }),
    case: Type.String({ pattern: caseReference.source, description: 'reference of the case; no names' }),
  },
  { additionalProperties: false },
);
type Act = Static<typeof ActSchema>;
const config = { kind: 'review', role: 'operator' } as const;

/** The kill switch of a decision type, in every cell that the key reaches. */
export function registerSuspensions(server: FastifyInstance, rooms: Rooms): void {
  server.post<{ Params: { type: string }; Body: Act }>('/v1/decision-types/:type/suspend', {
    config,
    schema: { summary: 'Send everything of a type to review, at once', params: Params, body: ActSchema },
    handler: (request) =>
      fromStore(async () => {
        const { caller, act, cells } = actOf(rooms, request);
        const suspensions = [];
        for (const cell of cells) {
          const { suspensionId, by, since } = await suspendType(cell, act, rooms.nowMs);
          suspensions.push({ cell: cell.id, suspensionId, by, since });
        }
        tell(rooms, act, 'suspended', caller);
        return { decisionType: act.decisionType, suspensions };
      }),
  });
  server.post<{ Params: { type: string }; Body: Act }>('/v1/decision-types/:type/lift', {
    config,
    schema: {
      summary: 'Lift the suspension of a type, by another person than suspended it',
      params: Params,
      body: ActSchema,
    },
    handler: (request) =>
      fromStore(async () => {
        const { caller, act, cells } = actOf(rooms, request);
        const lifted = [];
        for (const cell of cells) {
          const ended = await liftSuspension(cell, act, rooms.nowMs);
          lifted.push(...ended.map(({ suspensionId }) => ({ cell: cell.id, suspensionId })));
        }
        if (lifted.length === 0) throw new CountersignError('SUSPENSION_UNKNOWN');
        tell(rooms, act, 'lifted', caller);
        return { decisionType: act.decisionType, lifted };
      }),
  });
}

function actOf(
  rooms: Rooms,
  request: FastifyRequest<{ Params: { type: string }; Body: Act }>,
): { caller: Caller; act: SuspensionAct; cells: readonly Cell[] } {
  const caller = known(request.caller);
  const { type: decisionType } = request.params;
  if (!rooms.types.has(decisionType)) throw new CountersignError('DECISION_TYPE_UNKNOWN');
  if (!caller.grants.decisionTypes.includes(decisionType)) throw new CountersignError('LABEL_UNGRANTED');
  const { reason, case: reference } = request.body;
  const act = { decisionType, by: personOf(caller), reason, caseReference: reference };
  return { caller, act, cells: reachCells(rooms, caller, undefined) };
}

function tell(rooms: Rooms, { decisionType, by, reason }: SuspensionAct, what: string, caller: Caller): void {
  const detail = { decisionType, what, by, reason, tenant: caller.tenant };
  rooms.alerts.raise({ kind: 'type-suspended', cell: null, detail });
}
