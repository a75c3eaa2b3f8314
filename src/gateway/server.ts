import multipart from '@fastify/multipart';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { CountersignError } from '../decision/errors.ts';
import type { SurfaceDocument } from '../decision/surface.ts';
import type { Authenticator } from './api-key.ts';
import type { Caller, Role } from './caller.ts';
import type { Dialect } from './dialect.ts';
import { parseJsonBody } from './json-body.ts';
import { describeApi } from './openapi.ts';
import { problemDocument, problemMediaType } from './problem.ts';
import { registerInference } from './register-inference.ts';
import { type RequestLog, notHttp, refuseOnSocket, renderError } from './render-error.ts';
import { registerAlerts } from './routes/alerts.ts';
import { registerCompleteness } from './routes/completeness.ts';
import { registerLedger } from './routes/ledger.ts';
import { registerClocks } from './routes/clocks.ts';
import { registerErasures } from './routes/erasures.ts';
import { registerEvidence } from './routes/evidence.ts';
import { registerHolds } from './routes/holds.ts';
import { registerReading } from './routes/reading.ts';
import { registerReceipt } from './routes/receipt.ts';
import { registerReplay } from './routes/replay.ts';
import { registerResidencyEvidence } from './routes/residency-evidence.ts';
import { registerResidencyReports } from './routes/residency-reports.ts';
import { registerReviewReports } from './routes/review-reports.ts';
import { registerReviews } from './routes/reviews.ts';
import { registerService } from './routes/service.ts';
import { registerSuspensions } from './routes/suspensions.ts';
import type { Rooms } from './rooms.ts';
import { closeSilentConnections } from './silent-connections.ts';
import { refuseUnknownRoutes } from './unknown-routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON body exactly as it arrived; empty where there was none. */
    bodyText: string;
    caller: Caller | null;
    /** Files of a multipart request; null in any other. */
    documentFiles: readonly SurfaceDocument[] | null;
  }
  interface FastifyContextConfig {
    /** What the route is: every route says it, and the architecture test asks. */
    kind?: 'inference' | 'reading' | 'review' | 'retention' | 'evidence' | 'replay' | 'audit' | 'service';
    /** Role that the caller's key must have; routes of the service kind may need none. */
    role?: Role | null;
    dialect?: Dialect;
  }
}

export interface ServerOptions {
  readonly rooms: Rooms;
  readonly authenticator: Authenticator;
  readonly log: RequestLog;
  /** Prometheus text of the whole gateway, all of its processes together. */
  readonly metricsText: () => Promise<string>;
  /** True while the process may serve; false once it is shutting down. */
  readonly accepting: () => boolean;
}

/** The HTTP face. It authenticates, translates and renders; what it may answer is decided elsewhere. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { limits } = options.rooms.config.gateway;
  const server = Fastify({
    bodyLimit: limits.requestBytes,
    requestTimeout: limits.requestTimeoutMs + 5_000,
    routerOptions: { maxParamLength: 200 },
    logger: false,
    // Coercion and silent removal would let a request mean something else than what was inspected.
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false },
    },
    // Without this, Node answers a missing Host by itself and says nothing.
    http: { requireHostHeader: false },
    clientErrorHandler: refuseOnSocket,
    frameworkErrors: (error, request, reply) => void renderError(options.log, error, request, reply),
  });
  closeSilentConnections(server);
  server.decorateRequest('bodyText', '');
  server.decorateRequest('caller', null);
  server.decorateRequest('documentFiles', null);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      const { text, value } = parseJsonBody(bytes as Buffer);
      request.bodyText = text;
      done(null, value);
    } catch (error) {
      done(error as Error);
    }
  });
  server.setErrorHandler((error, request, reply) => renderError(options.log, error as Error, request, reply));
  refuseUnknownRoutes(server, options.log);
  refuseExpectations(server);
  authenticateRequests(server, options);
  await server.register(multipart, {
    limits: {
      fileSize: limits.requestBytes,
      files: 20,
      fields: 5,
      fieldSize: limits.requestBytes,
      parts: 25,
    },
  });
  await describeApi(server);
  await server.register(async (routes) => {
    registerInference(routes, options);
    registerReading(routes, options.rooms);
    registerReceipt(routes, options.rooms);
    registerReplay(routes, options.rooms);
    registerLedger(routes, options.rooms);
    registerEvidence(routes, options.rooms);
    registerReviews(routes, options.rooms);
    registerReviewReports(routes, options.rooms);
    registerSuspensions(routes, options.rooms);
    registerClocks(routes, options.rooms);
    registerHolds(routes, options.rooms);
    registerErasures(routes, options.rooms);
    registerCompleteness(routes, options.rooms);
    registerAlerts(routes, options.rooms);
    registerResidencyReports(routes, options.rooms);
    registerResidencyEvidence(routes, options.rooms);
    registerService(routes, options);
  });
  return server;
}

function authenticateRequests(server: FastifyInstance, options: ServerOptions): void {
  server.addHook('onRequest', async (request) => {
    if (!isHttp1(request.raw)) throw notHttp();
    if (!options.accepting()) throw new CountersignError('SHUTTING_DOWN');
    const { role } = request.routeOptions.config;
    if (role === null || request.is404) return;
    const header = request.headers.authorization;
    const key = header === undefined ? undefined : /^Bearer (\S+)$/i.exec(header)?.[1];
    if (key === undefined) throw new CountersignError('KEY_MISSING');
    const caller = await options.authenticator.authenticate(key);
    if (!caller) throw new CountersignError('KEY_UNKNOWN');
    // A route that forgot to name its role is closed to everybody (I6).
    if (role === undefined || !caller.grants.roles.includes(role)) throw new CountersignError('ROLE_MISSING');
    request.caller = caller;
  });
  server.addHook('onResponse', async (request, reply) => {
    options.rooms.metrics.request(request.routeOptions.url ?? 'unknown', reply.statusCode);
  });
}

/** HTTP/0.9 has no headers, so no label; and a request without Host may be meant for somebody else. */
function isHttp1({ httpVersion, headers }: FastifyRequest['raw']): boolean {
  return httpVersion === '1.0' || (httpVersion === '1.1' && headers.host !== undefined);
}

/** Node answers an `Expect` other than `100-continue` by itself, without a word. */
function refuseExpectations(server: FastifyInstance): void {
  server.server.on('checkExpectation', (_request, response) => {
    const body = JSON.stringify(problemDocument(notHttp()));
    response.writeHead(400, { 'content-type': problemMediaType, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
}
