import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { tellStory } from '../../audit/story.ts';
import { RecordAlteredError } from '../../audit/repository.ts';
import { CountersignError } from '../../decision/errors.ts';
import { type DecisionId, parseDecisionId } from '../../decision/ids.ts';
import type { StopVerdict } from '../../decision/verdict.ts';
import { StoreUnavailableError } from '../../storage/errors.ts';
import type { Caller } from '../caller.ts';
import { inReviewBody, standing } from '../replies.ts';
import { errorCodeOf } from '../refusal.ts';
import type { Cell, Rooms } from '../rooms.ts';

const Params = Type.Object({ id: Type.String({ description: 'the decision id' }) });

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
      if (!found || !mayRead(caller, found)) throw new CountersignError('DECISION_UNKNOWN');
      void reply.header('countersign-decision-id', decisionId).type('application/json; charset=utf-8');
      if (!found.facts) return { decisionId, decisionType: found.decisionType, status: 'open' };
      if (found.facts.status === 'in_review')
        return inReviewBody(decisionId, found.decisionType ?? '', found.facts.verdicts);
      if (found.facts.status === 'refused')
        return refusedBody(decisionId, found.decisionType, found.facts.verdicts);
      return { ...asObject(found.payload?.released), decisionId, status: 'decided' };
    },
  });

  server.get<{ Params: { id: string } }>('/v1/decisions/:id/record', {
    config: { kind: 'reading', role: 'auditor' },
    schema: { summary: 'The whole record of a decision', params: Params },
    handler: async (request) => {
      const { cell, decisionId, caller } = locate(rooms, request.caller, request.params.id);
      const story = await fromStore(() =>
        findIn(
          cell,
          (c) => tellStory(c.store, c.keys, decisionId),
          (s) => s.tenant === caller.tenant,
        ),
      );
      const first = story?.entries[0]?.header;
      if (!story || !first || !mayRead(caller, first)) throw new CountersignError('DECISION_UNKNOWN');
      return story;
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

/** A reader sees what its grants cover; a refused label has no jurisdiction, and its tenant may see it. */
function mayRead(
  caller: Caller,
  record: { jurisdiction: string | null; decisionType: string | null },
): boolean {
  const { jurisdictions, decisionTypes } = caller.grants;
  const inJurisdiction = record.jurisdiction === null || jurisdictions.includes(record.jurisdiction);
  return inJurisdiction && (record.decisionType === null || decisionTypes.includes(record.decisionType));
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
