import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { accessReasons, caseReference } from '../../audit/access.ts';
import { accessStatement } from '../access-statement.ts';
import { known, reachDecision } from '../reach.ts';
import { replayDecision } from '../replay/replay-decision.ts';
import { createReplayer } from '../replay/replayer.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const Params = Type.Object({ id: Type.String({ description: 'the decision id' }) });
const ReplayBody = Type.Object(
  {
    callModel: Type.Optional(
      Type.Boolean({
        description: 'ask the model again too, under today’s rules, and report the similarity',
      }),
    ),
    reason: Type.Optional(Type.Enum(accessReasons, { description: 'why; or the header countersign-reason' })),
    case: Type.Optional(
      Type.String({
        pattern: caseReference.source,
        description: 'reference of the reader’s own case; or the header countersign-case',
      }),
    ),
  },
  { additionalProperties: false },
);
const OptionalBody = Type.Union([Type.Null(), ReplayBody]);

/**
 * Does a decision again from its record. No text of this request reaches a model: with `callModel`, the
 * recorded bytes are sent again, after today's validation and lawful filter have passed them.
 */
export function registerReplay(server: FastifyInstance, rooms: Rooms): void {
  const replayer = createReplayer();
  server.addHook('onClose', async () => replayer.close());
  server.post<{ Params: { id: string }; Body: Static<typeof OptionalBody> | undefined }>(
    '/v1/decisions/:id/replay',
    {
      config: { kind: 'replay', role: 'auditor' },
      schema: { summary: 'Do a decision again from its record', params: Params, body: OptionalBody },
      handler: (request, reply) =>
        fromStore(async () => {
          const caller = known(request.caller);
          const stated = accessStatement(request);
          const { callModel = false, reason = stated.reason, case: reference } = request.body ?? {};
          const { cell, decisionId } = await reachDecision(rooms, caller, request.params.id);
          void reply.header('countersign-decision-id', decisionId);
          const asked = {
            decisionId,
            tenant: caller.tenant,
            by: caller.keyId,
            reason,
            caseReference: reference ?? stated.caseReference,
            reveal: false,
          };
          return replayDecision(replayer, cell, asked, callModel ? rooms : null);
        }),
    },
  );
}
