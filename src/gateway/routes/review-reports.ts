import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { agreementOf } from '../../confidence/review-agreement.ts';
import { agreementCounts, queueLines, reviewerLines } from '../../confidence/review-report.ts';
import { CountersignError } from '../../decision/errors.ts';
import { personOf } from '../caller.ts';
import { known, reachCells, reachDecision } from '../reach.ts';
import type { Rooms } from '../rooms.ts';
import { plantSeed } from '../seeding.ts';
import { fromStore } from './reading.ts';

const closed = { additionalProperties: false } as const;
const moment = (description: string) =>
  Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}(?:T[0-9:.]+Z)?$', description }));
const ReportQuery = Type.Object(
  {
    cell: Type.Optional(Type.String({ description: 'cell; all that the key reaches when left out' })),
    since: moment('from this day or moment on, UTC; 30 days back when left out'),
    until: moment('up to and without this day or moment, UTC; now when left out'),
  },
  closed,
);
const SeedSchema = Type.Object(
  {
    decisionId: Type.String({ description: 'a sealed decision, whose case is planted' }),
    verdict: Type.String({ description: 'the verdict that is known to be right' }),
  },
  closed,
);
const config = { kind: 'review', role: 'operator' } as const;
const spanMs = 30 * 24 * 60 * 60 * 1000;

/** Routes of those who run a review desk. */
export function registerReviewReports(server: FastifyInstance, rooms: Rooms): void {
  server.get<{ Querystring: { cell?: string; since?: string; until?: string } }>('/v1/reviews/reports', {
    config,
    schema: { summary: 'How review went, by reviewer and by queue, in counts', querystring: ReportQuery },
    handler: (request) => {
      const caller = known(request.caller);
      const { cell, since, until } = request.query;
      const untilMs = readMoment(until) ?? rooms.nowMs();
      const sinceMs = readMoment(since) ?? untilMs - spanMs;
      const { tenant, grants } = caller;
      const span = { tenant, decisionTypes: grants.decisionTypes, sinceMs, untilMs };
      return fromStore(async () => ({
        since: new Date(sinceMs).toISOString(),
        until: new Date(untilMs).toISOString(),
        cells: await Promise.all(
          reachCells(rooms, caller, cell).map(async ({ id, store }) => {
            const counts = await agreementCounts(store, span);
            return {
              cell: id,
              reviewers: await reviewerLines(store, span),
              queues: await queueLines(store, span),
              agreement: agreementOf(counts),
            };
          }),
        ),
      }));
    },
  });
  server.post<{ Body: { decisionId: string; verdict: string } }>('/v1/reviews/seeded', {
    config,
    schema: { summary: 'Plant a case with a known answer among the tasks of its type', body: SeedSchema },
    handler: (request) => {
      const caller = known(request.caller);
      const { verdict } = request.body;
      return fromStore(async () => {
        const { cell, decisionId } = await reachDecision(rooms, caller, request.body.decisionId);
        const seed = { decisionId, verdict, by: personOf(caller), plantedFor: null };
        return { cell: cell.id, task: await plantSeed(rooms.types, cell, seed, rooms.nowMs) };
      });
    },
  });
}

function readMoment(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new CountersignError('REQUEST_INVALID', { detail: 'That is no moment in UTC.' });
  return ms;
}
