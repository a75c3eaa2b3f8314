import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { caseReference } from '../../audit/access.ts';
import { type Day, parseDay } from '../../audit/completeness/day.ts';
import type { EntryHeader } from '../../decision/entry.ts';
import { CountersignError } from '../../decision/errors.ts';
import { releaseReasons, standingQuarantines } from '../../residency/assurance/quarantine-repository.ts';
import type { Caller } from '../caller.ts';
import { earnedGrades } from '../earned-grades.ts';
import { releaseQuarantine } from '../quarantining.ts';
import { known, reachCells } from '../reach.ts';
import { newestReconciliation, reconcileDay } from '../reconciling.ts';
import type { Cell, Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const closed = { additionalProperties: false } as const;
const ReleaseRequest = Type.Object(
  {
    reason: Type.Enum(releaseReasons, { description: 'why the endpoint may be used again' }),
    case: Type.String({ pattern: caseReference.source, description: 'reference of the case; no names' }),
  },
  closed,
);
const EndpointParams = Type.Object({ endpoint: Type.String({ description: 'id of the endpoint' }) });
const DayParams = Type.Object({
  cell: Type.String({ description: 'the cell' }),
  day: Type.String({ description: 'UTC day, yyyy-mm-dd' }),
});
interface Place {
  Params: { cell: string; day: string };
}

/** What stands behind the declared places, what was taken out for it, and the daily reconciliation. */
export function registerResidencyEvidence(server: FastifyInstance, rooms: Rooms): void {
  server.get('/v1/residency/evidence', {
    config: { kind: 'audit', role: 'auditor' },
    schema: { summary: 'The grade of evidence that the recent calls of each endpoint earned' },
    handler: (request) =>
      fromStore(async () => {
        const cells = reachCells(rooms, known(request.caller), undefined);
        const lists = await Promise.all(
          cells.map(async ({ id, store }) =>
            (await earnedGrades(store, rooms.nowMs())).map(({ endpoint, earned, calls }) => ({
              cell: id,
              endpoint,
              earned,
              calls,
            })),
          ),
        );
        return { endpoints: lists.flat() };
      }),
  });
  registerQuarantines(server, rooms);
  registerReconciliation(server, rooms);
}

function registerQuarantines(server: FastifyInstance, rooms: Rooms): void {
  server.get('/v1/residency/quarantines', {
    config: { kind: 'audit', role: 'operator' },
    schema: { summary: 'Endpoints that run-time evidence took out' },
    handler: (request) =>
      fromStore(async () => {
        const lists = await Promise.all(
          reachCells(rooms, known(request.caller), undefined).map(async ({ id, store }) =>
            (await standingQuarantines(store.query, id)).map(
              ({ quarantineId, endpoint, reason, checks, since }) => ({
                cell: id,
                quarantineId,
                endpoint,
                reason,
                checks,
                since,
              }),
            ),
          ),
        );
        return { quarantines: lists.flat() };
      }),
  });
  server.post<{ Params: { endpoint: string }; Body: Static<typeof ReleaseRequest> }>(
    '/v1/residency/quarantines/:endpoint/release',
    {
      config: { kind: 'audit', role: 'operator' },
      schema: { summary: 'Let an endpoint back in', params: EndpointParams, body: ReleaseRequest },
      handler: (request) =>
        fromStore(() => release(rooms, known(request.caller), request.params.endpoint, request.body)),
    },
  );
}

async function release(
  rooms: Rooms,
  caller: Caller,
  endpoint: string,
  { reason, case: reference }: Static<typeof ReleaseRequest>,
) {
  const released: { cell: string; quarantine: string }[] = [];
  const by = { endpoint, by: caller.keyId, reason, caseReference: reference };
  for (const { id, store } of reachCells(rooms, caller, undefined)) {
    for (const { quarantineId } of await releaseQuarantine(store, by, rooms.nowMs))
      released.push({ cell: id, quarantine: quarantineId });
  }
  if (released.length === 0) throw new CountersignError('QUARANTINE_UNKNOWN');
  await rooms.quarantines.refresh();
  // It may be in quarantine in a cell that this key does not reach.
  return { endpoint, released, quarantined: rooms.quarantines.endpoints().has(endpoint) };
}

function registerReconciliation(server: FastifyInstance, rooms: Rooms): void {
  server.get<Place>('/v1/residency/reconciliation/:cell/:day', {
    config: { kind: 'audit', role: 'auditor' },
    schema: { summary: 'The newest reconciliation of what left on a day with its labels', params: DayParams },
    handler: (request) =>
      fromStore(async () => {
        const { cell, day } = locate(rooms, known(request.caller), request.params);
        const header = await newestReconciliation(cell.store, day);
        if (header === null) throw new CountersignError('RECONCILIATION_UNKNOWN');
        return bodyOf(header);
      }),
  });
  server.post<Place>('/v1/residency/reconciliation/:cell/:day', {
    config: { kind: 'audit', role: 'operator' },
    schema: { summary: 'Reconcile a day now and record the result', params: DayParams },
    handler: (request) =>
      fromStore(async () => {
        const { cell, day } = locate(rooms, known(request.caller), request.params);
        return bodyOf(await reconcileDay({ ...rooms, store: cell.store }, day, 'asked'));
      }),
  });
}

function bodyOf(header: EntryHeader) {
  return { cell: header.cell, recordedAt: header.time, reconciliation: header.facts };
}

function locate(rooms: Rooms, caller: Caller, params: Place['Params']): { cell: Cell; day: Day } {
  const cell = reachCells(rooms, caller, undefined).find(({ id }) => id === params.cell);
  if (cell === undefined) throw new CountersignError('CELL_UNKNOWN');
  const day = parseDay(params.day);
  if (day === null || day.fromMs > rooms.nowMs())
    throw new CountersignError('REQUEST_INVALID', { detail: 'The day is none, or has not begun.' });
  return { cell, day };
}
