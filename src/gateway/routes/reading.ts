import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { recordAccess } from '../../audit/access.ts';
import { listAccesses } from '../../audit/access-list.ts';
import { tellStory } from '../../audit/story.ts';
import { RecordAlteredError } from '../../audit/repository.ts';
import { CountersignError } from '../../decision/errors.ts';
import { type DecisionId, parseDecisionId } from '../../decision/ids.ts';
import type { StopVerdict } from '../../decision/verdict.ts';
import { StoreUnavailableError } from '../../storage/errors.ts';
import { accessStatement } from '../access-statement.ts';
import type { Caller } from '../caller.ts';
import { covers, known, reachDecision } from '../reach.ts';
import { inReviewBody, standing } from '../replies.ts';
import { errorCodeOf } from '../refusal.ts';
import type { Cell, Rooms } from '../rooms.ts';

const Params = Type.Object({ id: Type.String({ description: 'the decision id' }) });

const AccessesQuery = Type.Object(
  { after: Type.Optional(Type.String({ description: 'nextCursor of the page before' })) },
  { additionalProperties: false },
);

/** Routes that read decisions. They reach no model. */
export function registerReading(server: FastifyInstance, rooms: Rooms): void {
  server.get<{ Params: { id: string } }>('/v1/decisions/:id', {
    config: { kind: 'reading', role: 'caller' },
    schema: { summary: 'How a decision stands', params: Params },
    handler: async (request, reply) => {
      const { cell, decisionId, caller } = locate(rooms, request.caller, request.params.id);
      const found = await fromStore(() =>
        findIn(
          cell,
          (c) => standing(c, decisionId),
          (s) => s.tenant === caller.tenant,
        ),
      );
      if (!found || !covers(caller, found)) throw new CountersignError('DECISION_UNKNOWN');
      void reply.header('countersign-decision-id', decisionId).type('application/json; charset=utf-8');
      if (!found.facts) return { decisionId, decisionType: found.decisionType, status: 'open' };
      if (found.facts.status === 'in_review')
        return inReviewBody(decisionId, found.decisionType ?? '', found.facts.verdicts);
      if (found.facts.status === 'refused')
        return refusedBody(decisionId, found.decisionType, found.facts.verdicts);
      if (found.gone !== null)
        throw new CountersignError('RECORD_GONE', { extra: { decisionId, state: found.gone } });
      return { ...asObject(found.payload?.released), decisionId, status: 'decided' };
    },
  });

  server.get<{ Params: { id: string } }>('/v1/decisions/:id/record', {
    config: { kind: 'reading', role: 'auditor' },
    schema: { summary: 'The whole record of a decision', params: Params },
    handler: async (request) => {
      const stated = accessStatement(request);
      const { cell: cells, decisionId, caller } = locate(rooms, request.caller, request.params.id);
      return fromStore(async () => {
        const tell = async (cell: Cell) => {
          const story = await tellStory(cell.store, cell.keys, decisionId);
          return story && { cell, story };
        };
        const found = await findIn(cells, tell, ({ story }) => story.tenant === caller.tenant);
        const first = found?.story.entries[0]?.header;
        if (!found || !first || !covers(caller, first)) throw new CountersignError('DECISION_UNKNOWN');
        const access = {
          decisionId,
          tenant: caller.tenant,
          by: caller.keyId,
          action: 'read',
          ...stated,
        } as const;
        // Nothing is shown before it is durable that it was.
        await recordAccess(found.cell.store, access, rooms.nowMs);
        return found.story;
      });
    },
  });

  registerAccesses(server, rooms);
}

function registerAccesses(server: FastifyInstance, rooms: Rooms): void {
  server.get<{ Params: { id: string }; Querystring: { after?: string } }>('/v1/decisions/:id/accesses', {
    config: { kind: 'reading', role: 'auditor' },
    schema: {
      summary: 'Who has read the record of a decision, and why',
      params: Params,
      querystring: AccessesQuery,
    },
    handler: async (request) => {
      const after = request.query.after === undefined ? null : parseDecisionId(request.query.after);
      if (request.query.after !== undefined && after === null)
        throw new CountersignError('DECISION_ID_INVALID');
      return fromStore(async () => {
        const { cell, decisionId } = await reachDecision(rooms, known(request.caller), request.params.id);
        return { decisionId, ...(await listAccesses(cell.store, decisionId, after)) };
      });
    },
  });
}

function refusedBody(decisionId: DecisionId, decisionType: string | null, verdicts: readonly unknown[]) {
  const stopped = (verdicts as readonly StopVerdict[]).find((verdict) => verdict.kind === 'refuse');
  const code = stopped ? errorCodeOf(stopped.reasons[0]) : 'INTERNAL';
  return { decisionId, decisionType, status: 'refused', code, reasons: stopped?.reasons ?? [] };
}

/** A released chat completion is wrapped, a decision's body is its own fields. */
function asObject(released: string | null | undefined): Record<string, unknown> {
  if (released === null || released === undefined) throw new CountersignError('RECORD_ALTERED');
  const body = JSON.parse(released) as Record<string, unknown>;
  return body['object'] === 'chat.completion' ? { completion: body } : body;
}

function locate(rooms: Rooms, caller: Caller | null, id: string) {
  if (caller === null) throw new CountersignError('KEY_MISSING');
  const decisionId = parseDecisionId(id);
  if (decisionId === null) throw new CountersignError('DECISION_ID_INVALID');
  return { decisionId, caller, cell: [...rooms.cells.values()] };
}

/** The id says nothing about its cell, so each hosted cell is asked. */
async function findIn<T>(
  cells: readonly Cell[],
  find: (cell: Cell) => Promise<T | null>,
  isTheirs: (found: T) => boolean,
): Promise<T | null> {
  for (const cell of cells) {
    const found = await find(cell);
    if (found !== null) return isTheirs(found) ? found : null;
  }
  return null;
}

/** Storage faults in the words of the error table. */
export async function fromStore<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof StoreUnavailableError) throw new CountersignError('STORE_UNAVAILABLE', { cause });
    if (cause instanceof RecordAlteredError) throw new CountersignError('RECORD_ALTERED', { cause });
    throw cause;
  }
}
