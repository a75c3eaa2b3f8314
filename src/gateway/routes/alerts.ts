import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { CountersignError } from '../../decision/errors.ts';
import { type AlertKind, alertKinds } from '../../telemetry/alerts.ts';
import { findAlerts } from '../alert-repository.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const Query = Type.Object(
  {
    kind: Type.Optional(Type.Enum(alertKinds, { description: 'only alerts of this kind' })),
    cursor: Type.Optional(
      Type.String({ pattern: '^[0-9a-f-]{36}$', description: 'nextCursor of the page before' }),
    ),
  },
  { additionalProperties: false },
);
const pageSize = 50;

/** What somebody must look at, for those who operate the gateway. */
export function registerAlerts(server: FastifyInstance, rooms: Rooms): void {
  server.get<{ Querystring: { kind?: AlertKind; cursor?: string } }>('/v1/alerts', {
    config: { kind: 'audit', role: 'operator' },
    schema: { summary: 'Alerts of the cells that the key reaches, newest first', querystring: Query },
    handler: async (request) => {
      if (request.caller === null) throw new CountersignError('KEY_MISSING');
      const { jurisdictions } = request.caller.grants;
      const { kind = null, cursor = null } = request.query;
      const reached = rooms.config.gateway.cells.filter((cell) =>
        cell.jurisdictions.some((id) => jurisdictions.includes(id)),
      );
      const stores = reached.flatMap(({ id }) => rooms.cells.get(id)?.store ?? []);
      const page = { kind, before: cursor, limit: pageSize };
      const found = await fromStore(() => Promise.all(stores.map((store) => findAlerts(store, page))));
      // Ids are in order of time, in all cells alike.
      const alerts = found
        .flat()
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, pageSize);
      return { alerts, nextCursor: alerts.length === pageSize ? (alerts.at(-1)?.id ?? null) : null };
    },
  });
}
