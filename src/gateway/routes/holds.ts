import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { caseReference } from '../../audit/access.ts';
import {
  type Hold,
  findHold,
  holdReasons,
  listHolds,
  placeHold,
  releaseHold,
} from '../../audit/retention/hold.ts';
import { CountersignError } from '../../decision/errors.ts';
import { parseDecisionId } from '../../decision/ids.ts';
import type { Caller } from '../caller.ts';
import { known, reachCells, reachDecision } from '../reach.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const closed = { additionalProperties: false } as const;
const why = {
  reason: Type.Enum(holdReasons, { description: 'why nothing may be deleted' }),
  case: Type.String({ pattern: caseReference.source, description: 'reference of the case; no names' }),
};
const CellName = Type.Optional(Type.String({ description: 'cell; all that the key reaches when left out' }));
const HoldRequest = Type.Union([
  Type.Object({ decisionId: Type.String({ description: 'the decision to keep' }), ...why }, closed),
  Type.Object(
    {
      subject: Type.String({ minLength: 1, maxLength: 200, description: 'the subject of whom to keep all' }),
      cell: CellName,
      ...why,
    },
    closed,
  ),
]);
type HoldRequest = Static<typeof HoldRequest>;
const CellQuery = Type.Object({ cell: CellName }, closed);
const Params = Type.Object({ id: Type.String({ description: 'the id of the hold' }) });

/** Routes of legal holds: while one is active, nothing it covers is erased or expires. */
export function registerHolds(server: FastifyInstance, rooms: Rooms): void {
  const config = { kind: 'retention', role: 'operator' } as const;
  server.post<{ Body: HoldRequest }>('/v1/holds', {
    config,
    schema: { summary: 'Place a legal hold on a decision or a subject', body: HoldRequest },
    handler: (request) =>
      fromStore(async () => ({ holds: await place(rooms, known(request.caller), request.body) })),
  });
  server.get<{ Querystring: { cell?: string } }>('/v1/holds', {
    config,
    schema: { summary: 'List the active legal holds', querystring: CellQuery },
    handler: (request) => {
      const caller = known(request.caller);
      return fromStore(async () => {
        const cells = reachCells(rooms, caller, request.query.cell);
        const lists = await Promise.all(
          cells.map(async ({ id, store }) =>
            (await listHolds(store, caller.tenant)).map((hold) => shown(id, hold)),
          ),
        );
        return { holds: lists.flat() };
      });
    },
  });
  server.delete<{ Params: { id: string } }>('/v1/holds/:id', {
    config,
    schema: { summary: 'Release a legal hold', params: Params },
    handler: (request) =>
      fromStore(async () => ({ released: await release(rooms, known(request.caller), request.params.id) })),
  });
}

async function place(rooms: Rooms, caller: Caller, body: HoldRequest) {
  const { tenant, keyId: by } = caller;
  const hold = { tenant, reason: body.reason, caseReference: body.case, by };
  if ('decisionId' in body) {
    const { cell: at, decisionId } = await reachDecision(rooms, caller, body.decisionId);
    const holdId = await placeHold(at.store, { ...hold, on: { decisionId } }, rooms.nowMs);
    return [{ cell: at.id, holdId }];
  }
  const placed = [];
  for (const { id, store, keys } of reachCells(rooms, caller, body.cell)) {
    const on = {
      subjectMac: keys.subjectMac(tenant, body.subject),
      keyId: await keys.keyIdOf(tenant, body.subject),
    };
    placed.push({ cell: id, holdId: await placeHold(store, { ...hold, on }, rooms.nowMs) });
  }
  return placed;
}

async function release(rooms: Rooms, caller: Caller, id: string): Promise<string> {
  const holdId = parseDecisionId(id);
  if (holdId === null) throw new CountersignError('HOLD_UNKNOWN');
  for (const { store } of reachCells(rooms, caller, undefined)) {
    const hold = await findHold(store, caller.tenant, holdId);
    if (hold && (await releaseHold(store, hold, caller.keyId, rooms.nowMs))) return holdId;
  }
  throw new CountersignError('HOLD_UNKNOWN');
}

/** Without the MAC: it says nothing to a reader. */
function shown(cell: string, hold: Hold) {
  const { holdId, decisionId, subjectMac, reason, caseReference: reference, placedBy, placedAt } = hold;
  const scope = subjectMac === null ? 'decision' : 'subject';
  return { cell, holdId, scope, decisionId, reason, case: reference, placedBy, placedAt };
}
