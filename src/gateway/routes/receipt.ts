import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { findEntries } from '../../audit/repository.ts';
import { CountersignError } from '../../decision/errors.ts';
import type { Digest } from '../../decision/ids.ts';
import { known, reachDecision } from '../reach.ts';
import type { Rooms } from '../rooms.ts';
import { fromStore } from './reading.ts';

const Params = Type.Object({ id: Type.String({ description: 'the decision id' }) });
const Query = Type.Object(
  { entry: Type.Optional(Type.String({ description: 'id of another entry than the last sealed one' })) },
  { additionalProperties: false },
);

const sealing = new Set(['outcome', 'refusal']);

/** Proof that an entry is in the ledger. It shows digests only, so it is no reading of the record. */
export function registerReceipt(server: FastifyInstance, rooms: Rooms): void {
  server.get<{ Params: { id: string }; Querystring: { entry?: string } }>('/v1/decisions/:id/receipt', {
    config: { kind: 'reading', role: 'auditor' },
    schema: {
      summary: 'Receipt of a decision’s last sealed entry: its place in the signed ledger (tlog-proof)',
      params: Params,
      querystring: Query,
    },
    handler: (request, reply) =>
      fromStore(async () => {
        const { cell, decisionId } = await reachDecision(rooms, known(request.caller), request.params.id);
        const entries = await findEntries(cell.store, decisionId);
        const wanted = request.query.entry;
        const entry =
          wanted === undefined
            ? (entries.findLast(({ header }) => sealing.has(header.type)) ?? entries.at(-1))
            : entries.find(({ header }) => header.entryId === wanted.toLowerCase());
        if (!entry) throw new CountersignError('DECISION_UNKNOWN');
        const { entryId } = entry.header;
        const receipt = await cell.ledger.receiptOf({ decisionId, entryId });
        if (receipt === null) throw new CountersignError('RECORD_ALTERED');
        void reply.header('countersign-decision-id', decisionId);
        if (receipt.kind === 'receipt') {
          const name = `${decisionId}.tlog-proof`;
          void reply
            .header('content-disposition', `inline; filename="${name}"`)
            .header('cache-control', 'no-cache');
          return reply.type('text/plain; charset=utf-8').send(receipt.text);
        }
        const headerDigest = `sha256:${entry.headerDigest.toString('hex')}` as Digest;
        const atMs = Date.parse(entry.header.time);
        const promise = cell.ledger.promise({ decisionId, entryId, headerDigest, atMs });
        void reply.status(202).header('retry-after', '1').type('application/json; charset=utf-8');
        return reply.send({ decisionId, entryId, status: 'promised', promise });
      }),
  });
}
