import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Ledger } from '../../audit/ledger/ledger.ts';
import { verifierKey } from '../../audit/ledger/note.ts';
import { parseTilePath } from '../../audit/ledger/tile.ts';
import { CountersignError } from '../../decision/errors.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const cell = Type.String({ description: 'id of the cell' });
const period = Type.String({ description: 'half-year of the log, such as 2026h2' });
const tile = Type.String({
  description: '<level>/<number>, or entries/<number>, with .p/<width> when partial',
});

/** The parameters of all these routes; a route has some of them. */
interface Log {
  readonly cell: string;
  readonly period?: string;
  readonly '*'?: string;
}

const text = 'text/plain; charset=utf-8';

/**
 * The logs as C2SP tlog-tiles lays them out, from the tables of any process. They hold ids and digests only;
 * who may fetch them is the configuration's `ledger.public`.
 */
export function registerLedger(server: FastifyInstance, rooms: Rooms): void {
  const isPublic = rooms.config.gateway.ledger.public;
  const config = { kind: 'reading', role: isPublic ? null : 'auditor' } as const;
  const cacheable = (seconds: number) =>
    `${isPublic ? 'public' : 'private'}, max-age=${seconds}${seconds > 0 ? ', immutable' : ''}`;

  const find = async (params: Log): Promise<{ ledger: Ledger; period: string }> => {
    const ledger = rooms.cells.get(params.cell)?.ledger;
    if (!ledger) throw new CountersignError('LEDGER_UNKNOWN');
    const named = params.period ?? (await ledger.currentPeriod());
    if (named === null || !(await ledger.knows(named))) throw new CountersignError('LEDGER_UNKNOWN');
    return { ledger, period: named };
  };
  const sendCheckpoint = (params: Log, reply: FastifyReply) =>
    fromStore(async () => {
      const log = await find(params);
      const checkpoint = await log.ledger.checkpoint(log.period);
      if (checkpoint === null) throw new CountersignError('LEDGER_UNKNOWN');
      return reply.header('cache-control', 'no-cache').type(text).send(checkpoint);
    });
  const sendTile = (params: Log, reply: FastifyReply) =>
    fromStore(async () => {
      const name = parseTilePath(params['*'] ?? '');
      if (name === null) throw new CountersignError('LEDGER_UNKNOWN');
      const log = await find(params);
      const bytes = await log.ledger.tile(log.period, name);
      if (bytes === null) throw new CountersignError('LEDGER_UNKNOWN');
      // Of the current log the period is not in the address, and it will be another one day.
      const seconds = params.period === undefined ? 0 : 31_536_000;
      return reply.header('cache-control', cacheable(seconds)).type('application/octet-stream').send(bytes);
    });

  server.get<{ Params: Log }>('/ledger/:cell/checkpoint', {
    config,
    schema: { summary: 'Newest checkpoint of the current log', params: Type.Object({ cell }) },
    handler: (request, reply) => sendCheckpoint(request.params, reply),
  });
  server.get<{ Params: Log }>('/ledger/:cell/tile/*', {
    config,
    schema: { summary: 'A tile of the current log', params: Type.Object({ cell, '*': tile }) },
    handler: (request, reply) => sendTile(request.params, reply),
  });
  server.get<{ Params: Log }>('/ledger/:cell/:period/checkpoint', {
    config,
    schema: { summary: 'Newest checkpoint of a log', params: Type.Object({ cell, period }) },
    handler: (request, reply) => sendCheckpoint(request.params, reply),
  });
  server.get<{ Params: Log }>('/ledger/:cell/:period/tile/*', {
    config,
    schema: { summary: 'A tile of a log', params: Type.Object({ cell, period, '*': tile }) },
    handler: (request, reply) => sendTile(request.params, reply),
  });
  server.get<{ Params: Log }>('/ledger/:cell/:period/log.vkey', {
    config,
    schema: { summary: 'Verifier key of a log', params: Type.Object({ cell, period }) },
    handler: (request, reply) =>
      fromStore(async () => {
        const log = await find(request.params);
        const key = verifierKey(log.ledger.verifier(log.period));
        return reply.header('cache-control', cacheable(86_400)).type(text).send(`${key}\n`);
      }),
  });
}
