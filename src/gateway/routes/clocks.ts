import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { clockEvents, recordClockStart } from '../../audit/retention/clock.ts';
import { CountersignError } from '../../decision/errors.ts';
import { known, reachDecision } from '../reach.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const Params = Type.Object({ id: Type.String({ description: 'the decision id' }) });
const ClockStart = Type.Object(
  {
    event: Type.Enum(clockEvents, { description: 'what happened' }),
    at: Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?(Z|[+-]\\d{2}:\\d{2})$',
      description: 'when it happened, RFC 3339; of several reports the latest time counts',
    }),
  },
  { additionalProperties: false, $id: 'ClockStart' },
);

/** `POST /v1/decisions/:id/clock`: an event outside has started a retention clock. */
export function registerClocks(server: FastifyInstance, rooms: Rooms): void {
  server.post<{ Params: { id: string }; Body: Static<typeof ClockStart> }>('/v1/decisions/:id/clock', {
    config: { kind: 'retention', role: 'operator' },
    schema: { summary: 'Report what starts a retention clock', params: Params, body: ClockStart },
    handler: (request) => {
      const caller = known(request.caller);
      const { event, at } = request.body;
      const atMs = Date.parse(at);
      if (Number.isNaN(atMs) || atMs > rooms.nowMs())
        throw new CountersignError('REQUEST_INVALID', { detail: '"at" is no time that has been.' });
      return fromStore(async () => {
        const { cell, decisionId } = await reachDecision(rooms, caller, request.params.id);
        const start = { decisionId, tenant: caller.tenant, event, atMs, by: caller.keyId };
        const { entryId } = await recordClockStart(cell.store, start, rooms.nowMs);
        return { decisionId, event, at: new Date(atMs).toISOString(), entryId };
      });
    },
  });
}
