import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type Day, parseDay } from '../../audit/completeness/day.ts';
import { type CompletenessReport, newestReport } from '../../audit/completeness/report.ts';
import { CountersignError } from '../../decision/errors.ts';
import type { Store } from '../../storage/store.ts';
import type { Caller } from '../caller.ts';
import { completeDay } from '../completing.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const Params = Type.Object({
  cell: Type.String({ description: 'a cell that this process hosts' }),
  day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'UTC day, yyyy-mm-dd' }),
});
interface Place {
  Params: { cell: string; day: string };
}

/** Routes about the completeness of the record. They reach no model. */
export function registerCompleteness(server: FastifyInstance, rooms: Rooms): void {
  server.get<Place>('/v1/completeness/:cell/:day', {
    config: { kind: 'audit', role: 'auditor' },
    schema: { summary: 'The newest completeness report of a day', params: Params },
    handler: async (request) => {
      const { store, day } = locate(rooms, request.caller, request.params);
      const report = await fromStore(() => newestReport(store, store.query, day));
      if (report === null) throw new CountersignError('REPORT_UNKNOWN');
      return bodyOf(report);
    },
  });
  server.post<Place>('/v1/completeness/:cell/:day', {
    config: { kind: 'audit', role: 'operator' },
    schema: { summary: 'Count a day now and record the report', params: Params },
    handler: async (request) => {
      const { store, day } = locate(rooms, request.caller, request.params);
      return bodyOf(await fromStore(() => completeDay({ ...rooms, store }, day, 'asked')));
    },
  });
}

function bodyOf({ header, headerDigest, facts }: CompletenessReport) {
  return { cell: header.cell, day: facts.day, headerDigest, header, counts: facts };
}

function locate(
  rooms: Rooms,
  caller: Caller | null,
  params: Place['Params'],
): { readonly store: Store; readonly day: Day } {
  if (caller === null) throw new CountersignError('KEY_MISSING');
  const { jurisdictions } = caller.grants;
  const config = rooms.config.gateway.cells.find((cell) => cell.id === params.cell);
  const cell = rooms.cells.get(params.cell);
  if (!cell || !config?.jurisdictions.some((id) => jurisdictions.includes(id))) {
    throw new CountersignError('CELL_UNKNOWN');
  }
  const day = parseDay(params.day);
  if (day === null || day.fromMs > rooms.nowMs()) {
    throw new CountersignError('REQUEST_INVALID', { detail: 'The day is none, or has not begun.' });
  }
  return { store: cell.store, day };
}
