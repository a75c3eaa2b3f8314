import type { Duplex } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CountersignError, type ErrorCode } from '../decision/errors.ts';
import { StoreUnavailableError } from '../storage/errors.ts';
import { isDropIn } from './dialect.ts';
import { openaiError, problemDocument, problemMediaType } from './problem.ts';

export type RequestLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, string | number>,
) => void;

const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_BAD_URL: 'URL_INVALID',
  FST_ERR_MAX_PARAM_LENGTH: 'URL_INVALID',
  FST_ERR_CTP_BODY_TOO_LARGE: 'REQUEST_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'REQUEST_MALFORMED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'REQUEST_MALFORMED',
  FST_REQ_FILE_TOO_LARGE: 'REQUEST_TOO_LARGE',
  FST_FILES_LIMIT: 'REQUEST_TOO_LARGE',
  FST_PARTS_LIMIT: 'REQUEST_TOO_LARGE',
  FST_FIELDS_LIMIT: 'REQUEST_TOO_LARGE',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
};

/** Turns anything thrown into one row of the error table. */
function toCountersignError(error: Error): CountersignError {
  if (error instanceof CountersignError) return error;
  if (error instanceof StoreUnavailableError)
    return new CountersignError('STORE_UNAVAILABLE', { cause: error });
  const { code, validation, statusCode } = error as Error & {
    code?: string;
    validation?: { instancePath: string; keyword: string; params: Record<string, unknown> }[];
    statusCode?: number;
  };
  if (validation)
    return new CountersignError('REQUEST_INVALID', { extra: { problems: validation.map(describe) } });
  const known = code === undefined ? undefined : frameworkCodes[code];
  if (known) return new CountersignError(known);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new CountersignError('REQUEST_MALFORMED');
  return new CountersignError('INTERNAL', { cause: error });
}

/** Path and rule of a schema violation; never the value (I8). */
function describe(problem: { instancePath: string; keyword: string; params: Record<string, unknown> }) {
  const { missingProperty, type, allowedValues } = problem.params;
  const rule = { missingProperty, type, allowedValues };
  return {
    at: problem.instancePath.slice(0, 200) || '/',
    rule: problem.keyword,
    ...Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined)),
  };
}

/** Answers with an error in the envelope of the route; what nobody expected is logged by name only (I8). */
export function renderError(
  log: RequestLog,
  thrown: Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = toCountersignError(thrown);
  if (error.code === 'INTERNAL') {
    const cause = (error.cause ?? thrown) as Error;
    log('error', 'a request failed and was closed', {
      requestId: request.id,
      route: request.routeOptions.url ?? 'unknown',
      fault: cause.name,
      at:
        (cause.stack ?? '')
          .split('\n')
          .find((line) => line.includes(' at '))
          ?.trim() ?? 'unknown',
    });
  }
  const decisionId = error.extra['decisionId'];
  if (typeof decisionId === 'string') void reply.header('countersign-decision-id', decisionId);
  void reply.header('countersign-verdict', error.code === 'IN_REVIEW' ? 'in_review' : 'refused');
  if (error.httpStatus === 503 || error.code === 'RECEIPT_PENDING') void reply.header('retry-after', '1');
  const { retryAfterSeconds } = error.extra;
  if (typeof retryAfterSeconds === 'number') void reply.header('retry-after', String(retryAfterSeconds));
  if (error.httpStatus === 401) void reply.header('www-authenticate', 'Bearer');
  // The framework would close at once, which resets the connection under a client that is still sending:
  // it would never read why. What it goes on sending is thrown away until the request's time is up.
  if (error.code === 'REQUEST_TOO_LARGE') reply.removeHeader('connection');
  void reply.status(error.httpStatus);
  if (isDropIn(request.routeOptions.config.dialect))
    return reply.type('application/json; charset=utf-8').send(openaiError(error));
  return reply.type(problemMediaType).send({ ...problemDocument(error), requestId: request.id });
}

/** Answers what is no HTTP request, so that no route and no hook has seen it. */
export function refuseOnSocket(fault: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable) return;
  const error = socketError(fault.code);
  const body = JSON.stringify(problemDocument(error));
  const head = [
    `HTTP/1.1 ${error.httpStatus} ${error.code}`,
    `Content-Type: ${problemMediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function socketError(code: string | undefined): CountersignError {
  if (code === 'HPE_HEADER_OVERFLOW') return new CountersignError('HEADERS_TOO_LARGE');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new CountersignError('REQUEST_TIMEOUT');
  return notHttp();
}

export function notHttp(): CountersignError {
  return new CountersignError('REQUEST_MALFORMED', {
    detail: 'The request is not well-formed HTTP/1.1 with one Host header, one length and no odd Expect.',
  });
}
