import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { CountersignError } from '../../decision/errors.ts';
import { doraCsv } from '../../residency/report/dora.ts';
import { cellReport, policyReport } from '../../residency/report/report.ts';
import { dayMs as startOfDayMs } from '../../residency/validity.ts';
import type { Caller } from '../caller.ts';
import { allPolicyChanges } from '../policy-change.ts';
import type { Cell, Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const Day = (description: string) => Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description });
const ReportQuery = Type.Object(
  {
    from: Type.Optional(Day('first UTC day of the shares; 30 days before "to" when left out')),
    to: Type.Optional(Day('first UTC day no longer in the shares; tomorrow when left out')),
    since: Type.Optional(Day('also what changed in the policy since this UTC day')),
    format: Type.Optional(
      Type.Enum(['json', 'dora'], { description: 'dora: rows for the register of information, as CSV' }),
    ),
  },
  { additionalProperties: false },
);
const ChangesQuery = Type.Object(
  { since: Day('changes from this UTC day on') },
  { additionalProperties: false },
);
interface Reporting {
  Querystring: { from?: string; to?: string; since?: string; format?: 'json' | 'dora' };
}

const msOfDay = 86_400_000;
const periodDays = 30;
const periodDaysMax = 400;

/** What auditors ask of residency. These routes reach no model. */
export function registerResidencyReports(server: FastifyInstance, rooms: Rooms): void {
  server.get<Reporting>('/v1/residency/report', {
    config: { kind: 'audit', role: 'auditor' },
    schema: {
      summary: 'Who may go where and why, what ends when, and where the calls of a period went',
      querystring: ReportQuery,
    },
    handler: async (request, reply) => {
      const cells = cellsOf(rooms, request.caller);
      const { gateway } = rooms.config;
      if (request.query.format === 'dora') return sendCsv(reply, doraCsv(gateway));
      const nowMs = rooms.nowMs();
      const period = periodOf(request.query, nowMs);
      const { since } = request.query;
      return fromStore(async () => ({
        ...policyReport(gateway, nowMs),
        cells: await each(cells, ({ store }) => cellReport(store, gateway, period, nowMs)),
        changes:
          since === undefined
            ? null
            : (await each(cells, ({ store }) => allPolicyChanges(store, dayOf(since)))).flat(),
      }));
    },
  });

  server.get<{ Querystring: { since: string } }>('/v1/residency/changes', {
    config: { kind: 'audit', role: 'auditor' },
    schema: { summary: 'What changed in the residency policy since a day', querystring: ChangesQuery },
    handler: async (request) => {
      const cells = cellsOf(rooms, request.caller);
      const sinceMs = dayOf(request.query.since);
      return fromStore(async () => ({
        changes: (await each(cells, ({ store }) => allPolicyChanges(store, sinceMs))).flat(),
      }));
    },
  });
}

/** One store after the other: a report must not take all connections at once. */
async function each<Result>(
  cells: readonly Cell[],
  work: (cell: Cell) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const cell of cells) results.push(await work(cell));
  return results;
}

/** Hosted cells of the jurisdictions that the key was granted. */
function cellsOf(rooms: Rooms, caller: Caller | null): readonly Cell[] {
  if (caller === null) throw new CountersignError('KEY_MISSING');
  const { jurisdictions } = caller.grants;
  const reached = rooms.config.gateway.cells.filter((cell) =>
    cell.jurisdictions.some((id) => jurisdictions.includes(id)),
  );
  return reached.flatMap(({ id }) => rooms.cells.get(id) ?? []);
}

function periodOf({ from, to }: Reporting['Querystring'], nowMs: number) {
  const toMs = to === undefined ? Math.floor(nowMs / msOfDay) * msOfDay + msOfDay : dayOf(to);
  const fromMs = from === undefined ? toMs - periodDays * msOfDay : dayOf(from);
  if (fromMs >= toMs || toMs - fromMs > periodDaysMax * msOfDay) {
    const detail = `"from" must be before "to", by ${periodDaysMax} days at most.`;
    throw new CountersignError('REQUEST_INVALID', { detail });
  }
  return { fromMs, toMs };
}

function dayOf(text: string): number {
  const ms = startOfDayMs(text);
  if (Number.isNaN(ms)) throw new CountersignError('REQUEST_INVALID', { detail: `${text} is no day.` });
  return ms;
}

function sendCsv(reply: FastifyReply, csv: string): string {
  void reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="dora.csv"');
  return csv;
}
