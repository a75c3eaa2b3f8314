import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Variant } from '../../audit/evidence/telling.ts';
import { accessStatement } from '../access-statement.ts';
import { exportEvidence } from '../exporting.ts';
import { known, reachDecision } from '../reach.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const Params = Type.Object({ id: Type.String({ description: 'the decision id' }) });
const Query = Type.Object(
  {
    variant: Type.Optional(
      Type.Union([Type.Literal('full'), Type.Literal('redacted')], {
        description: 'redacted: without the data of others, for a data subject or a counterparty',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The evidence bundle of a decision, as a zip. */
export function registerEvidence(server: FastifyInstance, rooms: Rooms): void {
  const witnessKeys = rooms.config.gateway.ledger.witnesses.map(({ key }) => key);
  server.get<{ Params: { id: string }; Querystring: { variant?: Variant } }>('/v1/decisions/:id/evidence', {
    config: { kind: 'evidence', role: 'auditor' },
    schema: { summary: 'Everything that proves a decision, as a zip', params: Params, querystring: Query },
    handler: async (request, reply) => {
      const stated = accessStatement(request);
      const caller = known(request.caller);
      const variant = request.query.variant ?? 'full';
      const { decisionId, bytes } = await fromStore(async () => {
        const { cell, decisionId: id } = await reachDecision(rooms, caller, request.params.id);
        const { nowMs } = rooms;
        const asked = { decisionId: id, tenant: caller.tenant, by: caller.keyId, variant, ...stated };
        return {
          decisionId: id,
          bytes: await exportEvidence(cell, { gates: rooms, witnessKeys, nowMs }, asked),
        };
      });
      return reply
        .header('countersign-decision-id', decisionId)
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="${bundleName(decisionId, variant)}"`)
        .type('application/zip')
        .send(bytes);
    },
  });
}

/** What the bundle's file is called, here and on the command line. */
export function bundleName(decisionId: string, variant: Variant): string {
  return `countersign-${decisionId}${variant === 'redacted' ? '-redacted' : ''}.zip`;
}
