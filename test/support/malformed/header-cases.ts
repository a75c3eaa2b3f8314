import { rawRequest } from '../raw-http.ts';
import { type Malformed, chat, decisions, goodBody, json, personal, request } from './request.ts';

const claims = [
  ['countersign-jurisdiction', 'EU'],
  ['countersign-data-class', 'personal'],
  ['countersign-decision-type', 'claims-triage'],
  ['countersign-subject', 's-1'],
  ['idempotency-key', 'k-1'],
] as const;

const evidenceHash = `sha256:${'0'.repeat(64)}`;

/** Headers that say nothing, too much, or two things. */
export const headerCases: readonly Malformed[] = [
  ...claims.flatMap(([name, value]): Malformed[] => [
    {
      name: `${name} twice`,
      parts: request(`POST ${decisions}`, [json, [name, value], [name, value]], goodBody),
    },
    {
      name: `${name} with a tab`,
      parts: request(`POST ${decisions}`, [json, [name, `a\tb ${personal}`]], goodBody),
    },
    {
      name: `${name} of 300 characters`,
      parts: request(`POST ${decisions}`, [json, [name, 'x'.repeat(300)]], goodBody),
    },
    {
      name: `${name} with an umlaut`,
      parts: request(`POST ${decisions}`, [json, [name, `M\u00fcller ${personal}`]], goodBody),
    },
  ]),
  {
    name: 'a header of 64 KB',
    parts: request(`POST ${decisions}`, [json, ['x-note', personal.repeat(1_000)]], goodBody),
  },
  {
    name: 'many headers',
    parts: request(
      `POST ${decisions}`,
      [json, ...Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'y'.repeat(500)] as const)],
      goodBody,
    ),
  },
  ...[
    '',
    'Basic Y2FuYXJ5',
    'Bearer',
    'Bearer ',
    `Bearer ${personal}`,
    'Bearer cs_short',
    `Bearer cs_${'A'.repeat(43)}`,
    `Bearer cs_${'A'.repeat(5_000)}`,
  ].map(
    (value): Malformed => ({
      name: `authorization "${value.slice(0, 20)}" of ${value.length} characters`,
      parts: ({ url }) => rawRequest(url, `POST ${decisions}`, [json, ['authorization', value]], goodBody),
      codes: ['KEY_MISSING', 'KEY_UNKNOWN'],
    }),
  ),
  {
    name: 'an expectation that nobody meets',
    parts: request(`POST ${decisions}`, [json, ['expect', '200-ok']], goodBody),
  },
];

const someId = '01890000-0000-7000-8000-000000000000';
/** Routes and methods that are not there, and ids that are none. */
export const addressCases: readonly Malformed[] = [
  ...[
    'GET /',
    'GET /v1',
    `GET /v1/${encodeURIComponent(personal)}`,
    'POST /v1/completions',
    'POST /v1/responses',
    'POST /v1/embeddings',
    'POST /v1/messages',
    'GET /admin',
    'GET /.env',
    'GET /v1/decisions/../../etc/passwd',
    'GET /v1/decisions/%2e%2e/record',
    'GET //v1/decisions',
    'GET /v1/decisions/%ff',
    'GET /v1/decisions/%zz',
    'GET /%',
    `GET /v1/decisions/${someId}`,
    `GET /v1/decisions/${someId}/record`,
    'GET /v1/decisions/1',
    `GET /v1/decisions/${encodeURIComponent(personal)}`,
    `GET /v1/decisions/${'a'.repeat(300)}`,
    `GET /v1/decisions/${'a'.repeat(3_000)}`,
    'GET /v1/decisions/00000000-0000-4000-8000-000000000000',
    'GET /v1/reviews?state=lost',
    'GET /v1/reviews?nobody=1',
    'GET /v1/reviews?cell=mars',
    'GET /v1/reviews?cursor=%00',
    `GET /v1/reviews?cursor=${encodeURIComponent(personal)}`,
    'GET /v1/reviews?state=open&state=claimed',
    `GET /v1/reviews/${someId}`,
    'GET /v1/reviews/1',
    `POST /v1/reviews/${someId}/claim`,
    'POST /v1/reviews/1/claim',
    `POST /v1/reviews/${someId}/release`,
    'POST /v1/reviews/%00/release',
  ].map(
    (line): Malformed => ({
      name: line.length > 90 ? `${line.slice(0, 40)}… (${line.length})` : line,
      parts: request(line),
    }),
  ),
  ...[
    {},
    { verdict: 1, reasonCodes: ['R01'], evidenceHash },
    { verdict: 'approve', evidenceHash },
    { verdict: 'approve', reasonCodes: [], evidenceHash },
    { verdict: 'approve', reasonCodes: 'R01', evidenceHash },
    { verdict: 'approve', reasonCodes: ['R01'], note: 1, evidenceHash },
    { verdict: 'approve', reasonCodes: ['R01'], by: personal, evidenceHash },
    { verdict: 'approve', reasonCodes: ['R01'], note: personal, evidenceHash },
  ].map(
    (answer, i): Malformed => ({
      name: `an answer to a review (${i})`,
      parts: request(`POST /v1/reviews/${someId}/answer`, [json], JSON.stringify(answer)),
    }),
  ),
  ...['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].flatMap((method): Malformed[] =>
    [decisions, chat].map((url) => ({
      name: `${method} ${url}`,
      parts: request(`${method} ${url}`),
      codes: ['METHOD_NOT_ALLOWED'],
    })),
  ),
  {
    name: 'DELETE of a decision',
    parts: request(`DELETE /v1/decisions/${someId}`),
    codes: ['METHOD_NOT_ALLOWED'],
  },
  {
    name: 'POST /healthz',
    parts: request('POST /healthz', [json], '{}'),
    codes: ['METHOD_NOT_ALLOWED'],
  },
];
