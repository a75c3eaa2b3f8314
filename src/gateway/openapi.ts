import swagger from '@fastify/swagger';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { type ErrorCode, errorTable } from '../decision/errors.ts';
import { isDropIn } from './dialect.ts';
import { gatewayVersion } from './version.ts';

type Kind = NonNullable<FastifyContextConfig['kind']>;

/** What can go wrong before a route has seen anything. */
const everywhere: readonly ErrorCode[] = [
  'REQUEST_MALFORMED',
  'REQUEST_TIMEOUT',
  'HEADERS_TOO_LARGE',
  'URL_INVALID',
  'ROUTE_UNKNOWN',
  'METHOD_NOT_ALLOWED',
  'SHUTTING_DOWN',
  'INTERNAL',
];
const withKey: readonly ErrorCode[] = [
  'KEY_MISSING',
  'KEY_UNKNOWN',
  'TOKEN_INVALID',
  'ROLE_MISSING',
  'STORE_UNAVAILABLE',
];
const withBody: readonly ErrorCode[] = [
  'REQUEST_INVALID',
  'REQUEST_TOO_DEEP',
  'REQUEST_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
];

const ofKind: Readonly<Record<Kind, readonly ErrorCode[]>> = {
  service: everywhere,
  audit: [
    ...everywhere,
    ...withKey,
    ...withBody,
    'CELL_UNKNOWN',
    'REPORT_UNKNOWN',
    'RECORD_ALTERED',
    'LABEL_UNGRANTED',
    'QUARANTINE_UNKNOWN',
    'RECONCILIATION_UNKNOWN',
  ],
  reading: [
    ...everywhere,
    ...withKey,
    'DECISION_ID_INVALID',
    'DECISION_UNKNOWN',
    'LEDGER_UNKNOWN',
    'RECORD_ALTERED',
    'RECORD_GONE',
    'HEADER_INVALID',
  ],
  evidence: [
    ...everywhere,
    ...withKey,
    'REQUEST_INVALID',
    'HEADER_INVALID',
    'DECISION_ID_INVALID',
    'DECISION_UNKNOWN',
    'RECORD_ALTERED',
    'RECEIPT_PENDING',
    'EVIDENCE_TOO_LARGE',
  ],
  replay: [
    ...everywhere,
    ...withKey,
    ...withBody,
    'HEADER_INVALID',
    'DECISION_ID_INVALID',
    'DECISION_UNKNOWN',
    'RECORD_ALTERED',
    'VALIDATION_FAILED',
    'ANSWER_WITHHELD',
  ],
  retention: [
    ...everywhere,
    ...withKey,
    ...withBody,
    'LABEL_UNGRANTED',
    'DECISION_ID_INVALID',
    'DECISION_UNKNOWN',
    'NOTHING_TO_ERASE',
    'ERASE_BY_SUBJECT',
    'ERASURE_UNKNOWN',
    'HOLD_UNKNOWN',
    'RECORD_ALTERED',
  ],
  review: [
    ...everywhere,
    ...withKey,
    ...withBody,
    'LABEL_UNGRANTED',
    'DECISION_TYPE_UNKNOWN',
    'TASK_UNKNOWN',
    'TASK_NOT_CLAIMED',
    'TASK_CLOSED',
    'TASK_EXPIRED',
    'TASK_OF_ANOTHER_PERSON',
    'EVIDENCE_CHANGED',
    'FIRST_ANSWER_MISSING',
    'FIRST_ANSWER_GIVEN',
    'REASON_CODE_UNKNOWN',
    'SEED_UNFIT',
    'SECOND_PERSON_NEEDED',
    'SUSPENSION_UNKNOWN',
    'DECISION_ID_INVALID',
    'DECISION_UNKNOWN',
    'RECORD_GONE',
    'HEADER_INVALID',
    'RECORD_ALTERED',
  ],
  inference: [
    ...everywhere,
    ...withKey,
    ...withBody,
    'HEADER_DUPLICATE',
    'HEADER_INVALID',
    'LABEL_MISSING',
    'LABEL_CONFLICT',
    'LABEL_UNGRANTED',
    'REFERENCE_INVALID',
    'CELL_ELSEWHERE',
    'DECISION_TYPE_MISSING',
    'DECISION_TYPE_UNKNOWN',
    'DECISION_TYPE_MISMATCH',
    'INPUT_REFUSED',
    'SURFACE_CLOSED',
    'DOCUMENT_UNREADABLE',
    'DOCUMENT_UNSUPPORTED',
    'INPUT_TOO_LARGE',
    'VALIDATION_FAILED',
    'NO_LAWFUL_ENDPOINT',
    'LAWFUL_ENDPOINTS_FAILED',
    'RESIDENCY_EVIDENCE_MISMATCH',
    'COUNTER_FAILED',
    'ANSWER_WITHHELD',
    'OUTPUT_REFUSED',
    'TOOL_NOT_ALLOWED',
    'TOOL_CALL_REFUSED',
    'PROBING_THROTTLED',
    'IDEMPOTENCY_IN_PROGRESS',
    'IDEMPOTENCY_MISMATCH',
    'RECORD_ALTERED',
    'RECORD_GONE',
    'OVERLOADED',
  ],
};
const dropInOnly: readonly ErrorCode[] = ['IN_REVIEW'];
const chatOnly: readonly ErrorCode[] = ['STREAM_UNSUPPORTED'];

/** The OpenAPI document, from the routes' own schemas and the error table. */
export async function describeApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Countersign',
        version: gatewayVersion,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    // Added to the document only: as schemas of the routes they would serialise the answers, too.
    transform: ({ schema, url, route }) => ({
      url,
      schema: { ...schema, response: responsesOf(route.config ?? {}) },
    }),
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${i}`,
    },
  });
}

/** Responses of a route by HTTP status. */
function responsesOf(config: FastifyContextConfig): Record<string, unknown> {
  const isDecision = config.kind === 'inference' && config.dialect === 'decision';
  return {
    200: { description: 'The answer.' },
    ...(isDecision ? { 202: { description: 'A person decides; read the decision later by its id.' } } : {}),
    ...errorResponses(config),
  };
}

function errorResponses({ kind, dialect }: FastifyContextConfig): Record<string, unknown> {
  if (kind === undefined) return {};
  const codes = [
    ...ofKind[kind],
    ...(isDropIn(dialect) ? dropInOnly : []),
    ...(dialect === 'openai-chat' ? chatOnly : []),
  ];
  const statuses = [...new Set(codes.map((code) => errorTable[code][0]))];
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = codes.filter((code) => errorTable[code][0] === status);
      const description = ofStatus.map((code) => `${code}: ${errorTable[code][1]}`).join('\n\n');
      const content = isDropIn(dialect)
        ? { 'application/json': { schema: openaiSchema(ofStatus) } }
        : { 'application/problem+json': { schema: problemSchema(status, ofStatus) } };
      return [String(status), { description, content }];
    }),
  );
}

/** RFC 9457, with our code. */
function problemSchema(status: number, codes: readonly ErrorCode[]) {
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer', enum: [status] },
      detail: { type: 'string' },
      code: { type: 'string', enum: codes },
      requestId: { type: 'string' },
      decisionId: { type: 'string' },
    },
  };
}

function openaiSchema(codes: readonly ErrorCode[]) {
  const error = {
    type: 'object',
    required: ['message', 'type', 'code'],
    properties: {
      message: { type: 'string' },
      type: { type: 'string' },
      code: { type: 'string', enum: codes },
    },
  };
  return { type: 'object', required: ['error'], properties: { error, countersign: { type: 'object' } } };
}
