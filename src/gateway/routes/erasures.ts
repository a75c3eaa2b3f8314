import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { caseReference } from '../../audit/access.ts';
import { type Erasure, erasureReasons, findErasure, requestErasure } from '../../audit/retention/erasure.ts';
import { findKeepings } from '../../audit/retention/keeping.ts';
import { findDecisionsOfKey, findKeyOwner } from '../../audit/retention/repository.ts';
import { CountersignError } from '../../decision/errors.ts';
import { type DecisionId, parseDecisionId } from '../../decision/ids.ts';
import type { Caller } from '../caller.ts';
import { erasurePorts } from '../erasing.ts';
import { covers, known, reachCells, reachDecision } from '../reach.ts';
import type { Cell, Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const closed = { additionalProperties: false } as const;
const why = {
  reason: Type.Enum(erasureReasons, { description: 'why it is erased' }),
  case: Type.Optional(
    Type.String({ pattern: caseReference.source, description: 'reference of the case; no names' }),
  ),
};
const ErasureRequest = Type.Union([
  Type.Object(
    { decisionId: Type.String({ description: 'a decision that named no subject' }), ...why },
    closed,
  ),
  Type.Object(
    {
      subject: Type.String({ minLength: 1, maxLength: 200, description: 'the subject to erase' }),
      cell: Type.Optional(Type.String({ description: 'cell; all that the key reaches when left out' })),
      ...why,
    },
    closed,
  ),
]);
type ErasureRequest = Static<typeof ErasureRequest>;
const Params = Type.Object({ id: Type.String({ description: 'the id of the erasure' }) });

interface Target {
  readonly cell: Cell;
  readonly keyId: string;
  readonly decisionId: DecisionId | null;
}

/** Routes of erasure: it is carried out, scheduled for the end of what laws ask for, or held. */
export function registerErasures(server: FastifyInstance, rooms: Rooms): void {
  const config = { kind: 'retention', role: 'operator' } as const;
  server.post<{ Body: ErasureRequest }>('/v1/erasures', {
    config,
    schema: { summary: 'Erase a subject, or a decision that named none', body: ErasureRequest },
    handler: (request) => {
      const caller = known(request.caller);
      return fromStore(async () => {
        const targets = await targetsOf(rooms, caller, request.body);
        for (const target of targets) await checkGrants(caller, target);
        const erasures = [];
        for (const target of targets) erasures.push(await erase(rooms, caller, target, request.body));
        return { erasures };
      });
    },
  });
  server.get<{ Params: { id: string } }>('/v1/erasures/:id', {
    config,
    schema: { summary: 'How an erasure stands', params: Params },
    handler: (request) => {
      const caller = known(request.caller);
      const erasureId = parseDecisionId(request.params.id);
      if (erasureId === null) throw new CountersignError('ERASURE_UNKNOWN');
      return fromStore(async () => {
        for (const cell of reachCells(rooms, caller, undefined)) {
          const erasure = await findErasure(cell.store, erasureId);
          if (erasure?.tenant === caller.tenant) return shown(cell, erasure);
        }
        throw new CountersignError('ERASURE_UNKNOWN');
      });
    },
  });
}

async function targetsOf(rooms: Rooms, caller: Caller, body: ErasureRequest): Promise<Target[]> {
  if ('decisionId' in body) {
    const { cell, decisionId, keyId } = await reachDecision(rooms, caller, body.decisionId);
    const owner = keyId === null ? null : await findKeyOwner(cell.store, keyId);
    if (keyId === null || owner === null) throw new CountersignError('NOTHING_TO_ERASE');
    if (owner.subjectMac !== null) throw new CountersignError('ERASE_BY_SUBJECT');
    return [{ cell, keyId, decisionId }];
  }
  const targets: Target[] = [];
  for (const cell of reachCells(rooms, caller, body.cell)) {
    const keyId = await cell.keys.keyIdOf(caller.tenant, body.subject);
    if (keyId !== null) targets.push({ cell, keyId, decisionId: null });
  }
  if (targets.length === 0) throw new CountersignError('NOTHING_TO_ERASE');
  return targets;
}

/** Nobody erases what they may not see. */
async function checkGrants(caller: Caller, { cell, keyId }: Target): Promise<void> {
  const keepings = await findKeepings(cell.store, await findDecisionsOfKey(cell.store, keyId));
  if (!keepings.every((keeping) => covers(caller, keeping))) throw new CountersignError('LABEL_UNGRANTED');
}

async function erase(
  rooms: Rooms,
  caller: Caller,
  { cell, keyId, decisionId }: Target,
  body: ErasureRequest,
) {
  const erasure = await requestErasure(erasurePorts(rooms.config, cell, rooms.nowMs), {
    tenant: caller.tenant,
    keyId,
    decisionId,
    reason: body.reason,
    caseReference: body.case ?? null,
    by: caller.keyId,
  });
  return shown(cell, erasure);
}

function shown(cell: Cell, { erasureId, status, steps }: Erasure) {
  return { cell: cell.id, erasureId, status, steps };
}
