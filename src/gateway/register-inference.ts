import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CountersignError } from '../decision/errors.ts';
import { readClaims, withReferences } from './claims.ts';
import { decide } from './decide.ts';
import { isDropIn } from './dialect.ts';
import { labelled } from './label-refusal.ts';
import { readMultipart } from './multipart-body.ts';
import type { InferenceRoute } from './routes/inference-route.ts';
import { inferenceRoutes } from './routes/inference-routes.ts';
import type { Rooms } from './rooms.ts';
import type { ServerOptions } from './server.ts';
import type { Reply, Submission } from './submission.ts';
import { WorkInProgress } from './work.ts';

/** Registers every model route on the one pipeline (I4). */
export function registerInference(server: FastifyInstance, options: ServerOptions): void {
  const { rooms } = options;
  const work = new WorkInProgress(rooms.config.gateway.limits.concurrentRequests);
  // A client that hangs up does not end its decision: the stores must outlive it.
  server.addHook('onClose', () => work.idle());
  for (const route of inferenceRoutes) {
    server.route({
      method: 'POST',
      url: route.url,
      config: { kind: 'inference', role: 'caller', dialect: route.dialect },
      schema: { summary: route.summary, body: route.bodySchema },
      preValidation: async (request) => {
        if (request.isMultipart()) await takeMultipart(rooms, route, request);
      },
      handler: (request, reply) =>
        work.during(async () => {
          const startedMs = performance.now();
          const answer = await decide(rooms, await submissionOf(rooms, route, request));
          const overheadMs = Math.max(0, performance.now() - startedMs - answer.upstreamMs);
          rooms.metrics.overhead(route.url, overheadMs);
          void reply
            .header('countersign-decision-id', answer.decisionId)
            .header('countersign-verdict', answer.verdict)
            .header('countersign-overhead-ms', overheadMs.toFixed(2));
          if (answer.endpoint !== null) void reply.header('countersign-endpoint', answer.endpoint);
          if (answer.promise !== null) void reply.header('countersign-promise', answer.promise);
          return send(route, answer, reply);
        }),
    });
  }
}

async function send(route: InferenceRoute, answer: Reply, reply: FastifyReply) {
  // A drop-in client knows no "202": to it, an answer that a person must see first is an error.
  if (isDropIn(route.dialect) && answer.verdict === 'in_review') {
    const { reasons } = JSON.parse(answer.body) as { reasons: unknown };
    throw new CountersignError('IN_REVIEW', {
      extra: { decisionId: answer.decisionId, decisionStatus: 'in_review', reasons },
    });
  }
  return reply.status(answer.httpStatus).type('application/json; charset=utf-8').send(answer.body);
}

/** Headers that contradict each other are a label that is refused, counted and recorded like any other. */
async function submissionOf(
  rooms: Rooms,
  route: InferenceRoute,
  request: FastifyRequest,
): Promise<Submission> {
  const { caller } = request;
  if (caller === null) throw new CountersignError('KEY_MISSING');
  return labelled(rooms, caller, async () => {
    const { headers, raw } = request;
    const own = readClaims(headers, raw.rawHeaders);
    return route.toSubmission({
      caller,
      claims: await withReferences(own, headers, rooms.references, caller.tenant),
      body: request.body,
      bodyText: request.bodyText,
      files: request.documentFiles ?? [],
    });
  });
}

async function takeMultipart(rooms: Rooms, route: InferenceRoute, request: FastifyRequest): Promise<void> {
  if (!route.acceptsMultipart) throw new CountersignError('MEDIA_TYPE_UNSUPPORTED');
  const { text, value, files } = await readMultipart(request, rooms.config.gateway.limits.requestBytes);
  request.bodyText = text;
  request.body = value;
  request.documentFiles = files;
}
