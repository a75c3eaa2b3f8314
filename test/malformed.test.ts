import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorCode, errorTable } from '../src/decision/errors.ts';
import { type TestGateway, errorOf, startTestGateway } from './support/gateway.ts';
import { benign } from './support/payloads.ts';
import { pdfBombs } from './support/pdf-bombs.ts';
import { type RawAnswer, exchange, rawRequest } from './support/raw-http.ts';

/*
 * More than two hundred ways to send something that is no request. Each gets a 4xx with a code of the
 * error table and a sentence, the process goes on, and nothing personal is logged or told.
 */

/** Planted wherever a request can hold text; found nowhere afterwards. */
const canaries = ['Canary Mustermann', 'DE89370400440532013000', 'canary@example.com'];
const personal = canaries.join(' / ');
const mebibyte = 1024 * 1024;

let gateway: TestGateway;
let key: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  key = await gateway.keyFor();
});
afterAll(() => gateway.stop());

type Headers = readonly (readonly [string, string])[];
interface Malformed {
  readonly name: string;
  readonly send: () => Promise<RawAnswer>;
  /** Where only some refusals would be right; otherwise any 4xx of the table is. */
  readonly codes?: readonly ErrorCode[];
}

const decisions = '/v1/decisions';
const chat = '/v1/chat/completions';
const goodDecision = {
  input: { note: personal },
  context: [{ id: 'kb-1', version: '1', text: personal }],
  toolResults: [{ tool: 'lookup', text: personal }],
  documents: [{ mediaType: 'text/plain', base64: Buffer.from(personal).toString('base64') }],
};
const goodChat = { messages: [{ role: 'user', content: personal }], temperature: 0 };

function labelled(url: string, more: Headers = []): Headers {
  const type = url === chat ? 'chat-test' : 'claims-triage';
  return [
    ['authorization', `Bearer ${key}`],
    ['countersign-jurisdiction', 'EU'],
    ['countersign-decision-type', type],
    ...more,
  ];
}

function post(url: string, body: string | Buffer, more: Headers = [['content-type', 'application/json']]) {
  return exchange(gateway.url, rawRequest(gateway.url, `POST ${url}`, labelled(url, more), body));
}

function postJson(url: string, value: unknown) {
  return post(url, JSON.stringify(value));
}

function request(line: string, more: Headers = [], body: string | Buffer = '') {
  return exchange(gateway.url, rawRequest(gateway.url, line, labelled('', more), body));
}

/** Bytes as they are, and no more: for what is no HTTP, or not all of it. */
function raw(...parts: readonly (string | Buffer)[]) {
  return exchange(gateway.url, parts, { end: true });
}

const truncated: Malformed[] = [
  [decisions, JSON.stringify(goodDecision)] as const,
  [chat, JSON.stringify(goodChat)] as const,
].flatMap(([url, text]) =>
  Array.from({ length: 24 }, (_, i) => Math.floor((text.length * i) / 24)).map((length) => ({
    name: `${url}: JSON cut after ${length} of ${text.length} bytes`,
    send: () => post(url, text.slice(0, length)),
    codes:
      length === 0 ? (['REQUEST_MALFORMED', 'REQUEST_INVALID'] as const) : (['REQUEST_MALFORMED'] as const),
  })),
);

const values: Readonly<Record<string, unknown>> = {
  number: 17,
  string: personal,
  boolean: true,
  null: null,
  array: [personal],
  object: { note: personal },
};

/** Every field of a body with every type that it does not have. */
function wrongTypes(
  url: string,
  fields: readonly (readonly [string, readonly string[], (value: unknown) => unknown])[],
) {
  return fields.flatMap(([field, right, bodyWith]) =>
    Object.entries(values)
      .filter(([type]) => !right.includes(type))
      .map(
        ([type, value]): Malformed => ({
          name: `${url}: ${type} as ${field}`,
          send: () => postJson(url, bodyWith(value)),
          codes: ['REQUEST_INVALID'],
        }),
      ),
  );
}

const typed: Malformed[] = [
  ...wrongTypes(decisions, [
    ['body', ['object'], (body) => body],
    ['decisionType', ['string'], (decisionType) => ({ ...goodDecision, decisionType })],
    ['input', ['object'], (input) => ({ input })],
    ['context', [], (context) => ({ input: {}, context })],
    ['context/0/id', ['string'], (id) => ({ input: {}, context: [{ id, version: '1', text: '' }] })],
    [
      'context/0/version',
      ['string'],
      (version) => ({ input: {}, context: [{ id: 'a', version, text: '' }] }),
    ],
    ['context/0/text', ['string'], (text) => ({ input: {}, context: [{ id: 'a', version: '1', text }] })],
    ['toolResults', [], (toolResults) => ({ input: {}, toolResults })],
    ['toolResults/0/tool', ['string'], (tool) => ({ input: {}, toolResults: [{ tool, text: '' }] })],
    ['documents', [], (documents) => ({ input: {}, documents })],
    [
      'documents/0/base64',
      ['string'],
      (base64) => ({ input: {}, documents: [{ mediaType: 'text/plain', base64 }] }),
    ],
    [
      'documents/0/mediaType',
      ['string'],
      (mediaType) => ({ input: {}, documents: [{ mediaType, base64: 'YQ==' }] }),
    ],
  ]),
  ...wrongTypes(chat, [
    ['body', ['object'], (body) => body],
    ['messages', [], (messages) => ({ messages })],
    ['messages/0/role', [], (role) => ({ messages: [{ role, content: 'a' }] })],
    ['messages/0/content', ['string', 'null'], (content) => ({ messages: [{ role: 'user', content }] })],
    ['tools', [], (tools) => ({ ...goodChat, tools })],
    ['tools/0/function', ['object'], (fn) => ({ ...goodChat, tools: [{ type: 'function', function: fn }] })],
    ['temperature', ['number'], (temperature) => ({ ...goodChat, temperature })],
    ['max_tokens', ['number'], (max) => ({ ...goodChat, max_tokens: max })],
    ['stream', ['boolean'], (stream) => ({ ...goodChat, stream })],
    ['n', [], (n) => ({ ...goodChat, n })],
  ]),
];

const nested = (depth: number, open: string, close: string) =>
  `{"input":{"a":${open.repeat(depth)}1${close.repeat(depth)}}}`;
const inInput = (json: string) => `{"input":${json}}`;

const notJson: Malformed[] = [
  ...Object.entries({
    'a lone continuation byte': [0x80],
    'an overlong slash': [0xc0, 0xaf],
    'a cut sequence': [0xe2, 0x82],
    'a surrogate in UTF-8': [0xed, 0xa0, 0x80],
    'a byte that UTF-8 never has': [0xff],
    'a code point beyond the last': [0xf4, 0x90, 0x80, 0x80],
  }).flatMap(([name, bytes]) =>
    [decisions, chat].map((url): Malformed => {
      const [before, after] = JSON.stringify(url === chat ? goodChat : goodDecision).split('Canary');
      return {
        name: `${url}: ${name}`,
        send: () =>
          post(url, Buffer.concat([Buffer.from(before ?? ''), Buffer.from(bytes), Buffer.from(after ?? '')])),
        codes: ['REQUEST_MALFORMED'],
      };
    }),
  ),
  ...Object.entries({
    'UTF-16': Buffer.from(JSON.stringify(goodDecision), 'utf16le'),
    gzip: gzipSync(JSON.stringify(goodDecision)),
    'two values': '{"input":{}}{"input":{}}',
    'a trailing comma': '{"input":{},}',
    'a comment': '{"input":{} /* x */}',
    'single quotes': "{'input':{}}",
    NaN: inInput('{"a":NaN}'),
    'a NUL byte': inInput('{"a":"\u0000"}'),
    'a raw line break in a string': inInput('{"a":"\n"}'),
    'a bad escape': inInput('{"a":"\\x41"}'),
    'half an escape': inInput('{"a":"\\u12"}'),
    'a lone high surrogate': inInput('{"a":"\\ud800"}'),
    'a lone low surrogate': inInput('{"a":"x\\uDC00y"}'),
    'a lone surrogate as a key': inInput('{"\\ud83d":1}'),
    __proto__: inInput('{"__proto__":{"admin":true}}'),
    '__proto__ in escapes': inInput('{"__pro\\u0074o__":{"admin":true}}'),
    'constructor.prototype': inInput('{"constructor":{"prototype":{"admin":true}}}'),
    'words only': personal,
  }).map(
    ([name, body]): Malformed => ({
      name: `JSON: ${name}`,
      send: () => post(decisions, body),
      codes: ['REQUEST_MALFORMED'],
    }),
  ),
  ...[65, 1_000, 100_000].flatMap((depth): Malformed[] => [
    {
      name: `arrays ${depth} deep`,
      send: () => post(decisions, nested(depth, '[', ']')),
      codes: ['REQUEST_TOO_DEEP'],
    },
    {
      name: `objects ${depth} deep`,
      send: () => post(decisions, nested(depth, '{"a":', '}')),
      codes: ['REQUEST_TOO_DEEP'],
    },
    {
      name: `brackets ${depth} deep and never closed`,
      send: () => post(chat, '['.repeat(depth)),
      codes: ['REQUEST_TOO_DEEP'],
    },
  ]),
];

const wrongShapes: Malformed[] = [
  ...Object.entries({
    'no input': {},
    'an unknown field': { ...goodDecision, [canaries[0] ?? '']: 1 },
    'an unknown field of a context': {
      input: {},
      context: [{ id: 'a', version: '1', text: '', url: personal }],
    },
    'an unknown field of a document': {
      input: {},
      documents: [{ mediaType: 'text/plain', base64: 'YQ==', name: personal }],
    },
    'a context without a version': { input: {}, context: [{ id: 'a', text: personal }] },
    'a context id that is a sentence': { input: {}, context: [{ id: personal, version: '1', text: '' }] },
    'a context id with a NUL': { input: {}, context: [{ id: 'a\u0000b', version: '1', text: '' }] },
    'a tool name that is a sentence': { input: {}, toolResults: [{ tool: personal, text: '' }] },
    'base64 that is none': { input: {}, documents: [{ mediaType: 'text/plain', base64: '!!!!' }] },
    'base64 with foreign characters': {
      input: {},
      documents: [{ mediaType: 'text/plain', base64: 'YWJj*ZGVm' }],
    },
    'base64 with a letter too many': { input: {}, documents: [{ mediaType: 'text/plain', base64: 'YWJjZ' }] },
    'a document without bytes': { input: {}, documents: [{ mediaType: 'text/plain', base64: '' }] },
  }).map(
    ([name, body]): Malformed => ({
      name: `${decisions}: ${name}`,
      send: () => postJson(decisions, body),
      codes: ['REQUEST_INVALID'],
    }),
  ),
  ...Object.entries({
    'no messages': {},
    'an empty list of messages': { messages: [] },
    'an unknown role': { messages: [{ role: 'root', content: personal }] },
    'an unknown field': { ...goodChat, logit_bias: {} },
    'web search': { ...goodChat, web_search_options: {} },
    'a message without role': { messages: [{ content: personal }] },
    'a part without type': { messages: [{ role: 'user', content: [{ text: personal }] }] },
    'a negative number of tokens': { ...goodChat, max_tokens: -1 },
    'half a token': { ...goodChat, max_tokens: 0.5 },
    'several answers': { ...goodChat, n: 2 },
    'a tool of an unknown kind': { ...goodChat, tools: [{ type: 'web_search', function: {} }] },
  }).map(
    ([name, body]): Malformed => ({
      name: `${chat}: ${name}`,
      send: () => postJson(chat, body),
      codes: ['REQUEST_INVALID'],
    }),
  ),
  {
    name: `${chat}: a stream`,
    send: () => postJson(chat, { ...goodChat, stream: true }),
    codes: ['STREAM_UNSUPPORTED'],
  },
  ...[
    'data:application/pdf;base64,****',
    'data:application/pdf;base64,',
    'data:application/pdf,plain',
    'data:;base64,YQ==',
    `https://example.com/${encodeURIComponent(personal)}`,
    personal,
  ].map(
    (data, i): Malformed => ({
      name: `${chat}: a file that cannot be read (${i})`,
      send: () =>
        postJson(chat, {
          messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: data } }] }],
        }),
      codes: ['DOCUMENT_UNSUPPORTED', 'DOCUMENT_UNREADABLE', 'REQUEST_INVALID'],
    }),
  ),
];

const boundary = 'frontier';
const multipartType: Headers = [['content-type', `multipart/form-data; boundary=${boundary}`]];
const part = (disposition: string, content: string, type?: string) =>
  `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n${type ? `content-type: ${type}\r\n` : ''}\r\n${content}\r\n`;
const closing = `--${boundary}--\r\n`;
const requestPart = part('name="request"', JSON.stringify({ input: { note: personal } }));
const filePart = part(`name="file"; filename="${canaries[0]}.txt"`, personal, 'text/plain');

const multipart: Malformed[] = [
  ...Object.entries({
    nothing: '',
    'no field "request"': filePart + closing,
    'the field twice': requestPart + requestPart + closing,
    'a field that nobody knows': requestPart + part('name="note"', personal) + closing,
    'a request that is no JSON': part('name="request"', personal) + closing,
    'a request that is cut': part('name="request"', '{"input":{"a":') + closing,
    'a request of another shape': part('name="request"', '{"input":1}') + closing,
    'no end': requestPart + filePart,
    'no boundary line': 'just text',
    'a part without a name': `--${boundary}\r\n\r\n${personal}\r\n${closing}`,
    '__proto__ as a field': requestPart + part('name="__proto__"', personal) + closing,
    'thirty files': requestPart + filePart.repeat(30) + closing,
    'ten fields': requestPart + part('name="a"', '1').repeat(10) + closing,
    'an image': requestPart + part('name="file"; filename="a.png"', 'x', 'image/png') + closing,
    'an empty file': requestPart + part('name="file"; filename="a.pdf"', '', 'application/pdf') + closing,
  }).map(
    ([name, body]): Malformed => ({
      name: `multipart: ${name}`,
      send: () => post(decisions, body, multipartType),
    }),
  ),
  {
    name: 'multipart: no boundary',
    send: () => post(decisions, requestPart, [['content-type', 'multipart/form-data']]),
  },
  {
    name: 'multipart: on a route that takes none',
    send: () => post(chat, requestPart + closing, multipartType),
  },
  ...[
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'text/json',
    'application/octet-stream',
    'json',
    '',
  ].map(
    (type): Malformed => ({
      name: `media type "${type}"`,
      send: () => post(decisions, JSON.stringify(goodDecision), [['content-type', type]]),
      codes: ['MEDIA_TYPE_UNSUPPORTED'],
    }),
  ),
  {
    name: 'no media type',
    send: () => post(decisions, JSON.stringify(goodDecision), []),
    codes: ['MEDIA_TYPE_UNSUPPORTED'],
  },
  { name: 'no body and no media type', send: () => post(decisions, '', []) },
];

const json = ['content-type', 'application/json'] as const;
const body = JSON.stringify(goodDecision);
const claims = [
  ['countersign-jurisdiction', 'EU'],
  ['countersign-data-class', 'personal'],
  ['countersign-decision-type', 'claims-triage'],
  ['countersign-subject', 's-1'],
  ['idempotency-key', 'k-1'],
] as const;

const headers: Malformed[] = [
  ...claims.flatMap(([name, value]): Malformed[] => [
    {
      name: `${name} twice`,
      send: () => request(`POST ${decisions}`, [json, [name, value], [name, value]], body),
    },
    {
      name: `${name} with a tab`,
      send: () => request(`POST ${decisions}`, [json, [name, `a\tb ${personal}`]], body),
    },
    {
      name: `${name} of 300 characters`,
      send: () => request(`POST ${decisions}`, [json, [name, 'x'.repeat(300)]], body),
    },
    {
      name: `${name} with an umlaut`,
      send: () => request(`POST ${decisions}`, [json, [name, `M\u00fcller ${personal}`]], body),
    },
  ]),
  {
    name: 'a header of 64 KB',
    send: () => request(`POST ${decisions}`, [json, ['x-note', personal.repeat(1_000)]], body),
  },
  {
    name: 'many headers',
    send: () =>
      request(
        `POST ${decisions}`,
        [json, ...Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'y'.repeat(500)] as const)],
        body,
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
      send: () =>
        exchange(
          gateway.url,
          rawRequest(gateway.url, `POST ${decisions}`, [json, ['authorization', value]], body),
        ),
      codes: ['KEY_MISSING', 'KEY_UNKNOWN'],
    }),
  ),
  {
    name: 'an expectation that nobody meets',
    send: () => request(`POST ${decisions}`, [json, ['expect', '200-ok']], body),
  },
];

const someId = '01890000-0000-7000-8000-000000000000';
const addresses: Malformed[] = [
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
      send: () => request(line),
    }),
  ),
  ...[
    {},
    { verdict: 1, reasonCodes: ['R01'] },
    { verdict: 'approve' },
    { verdict: 'approve', reasonCodes: [] },
    { verdict: 'approve', reasonCodes: 'R01' },
    { verdict: 'approve', reasonCodes: ['R01'], note: 1 },
    { verdict: 'approve', reasonCodes: ['R01'], by: personal },
    { verdict: 'approve', reasonCodes: ['R01'], note: personal },
  ].map(
    (answer, i): Malformed => ({
      name: `an answer to a review (${i})`,
      send: () => request(`POST /v1/reviews/${someId}/answer`, [json], JSON.stringify(answer)),
    }),
  ),
  ...['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].flatMap((method): Malformed[] =>
    [decisions, chat].map((url) => ({
      name: `${method} ${url}`,
      send: () => request(`${method} ${url}`),
      codes: ['METHOD_NOT_ALLOWED'],
    })),
  ),
  {
    name: 'DELETE of a decision',
    send: () => request(`DELETE /v1/decisions/${someId}`),
    codes: ['METHOD_NOT_ALLOWED'],
  },
  {
    name: 'POST /healthz',
    send: () => request('POST /healthz', [json], '{}'),
    codes: ['METHOD_NOT_ALLOWED'],
  },
];

/** Head of a good request, with framing of one’s own. */
function framed(
  lines: readonly string[],
  { content = body, line = `POST ${decisions} HTTP/1.1`, end = false } = {},
) {
  const auth = labelled(decisions).map(([name, value]) => `${name}: ${value}`);
  const head = [line, 'host: localhost', ...auth, 'content-type: application/json', ...lines];
  return exchange(gateway.url, [`${head.join('\r\n')}\r\n\r\n`, content], { end });
}

const framing: Malformed[] = [
  ...['-1', '-9223372036854775808', 'abc', '1e3', '0x10', '99999999999999999999999', '12 34', '+5'].map(
    (length): Malformed => ({
      name: `content-length ${length}`,
      send: () => framed([`content-length: ${length}`]),
    }),
  ),
  { name: 'two lengths', send: () => framed([`content-length: ${body.length}`, 'content-length: 5']) },
  {
    name: 'a length and chunks',
    send: () => framed([`content-length: ${body.length}`, 'transfer-encoding: chunked']),
  },
  {
    name: 'a length longer than the body',
    send: () => framed([`content-length: ${body.length + 10}`], { end: true }),
  },
  { name: 'a length shorter than the body', send: () => framed([`content-length: ${body.length - 10}`]) },
  ...['-1', 'zz', 'ffffffffffffffffff', '5;\u0000', ''].map(
    (size): Malformed => ({
      name: `a chunk of size "${size.slice(0, 8)}"`,
      send: () => framed(['transfer-encoding: chunked'], { content: `${size}\r\n${body}\r\n0\r\n\r\n` }),
    }),
  ),
  {
    name: 'chunks that end early',
    send: () => framed(['transfer-encoding: chunked'], { content: `ffff\r\n${body}`, end: true }),
  },
  { name: 'an encoding that nobody knows', send: () => framed(['transfer-encoding: zip']) },
  { name: 'a header without a colon', send: () => framed([`content-length: ${body.length}`, personal]) },
  {
    name: 'a header with a NUL',
    send: () => framed([`content-length: ${body.length}`, `x-note: a\u0000${personal}`]),
  },
  { name: 'a space before the colon', send: () => framed([`content-length : ${body.length}`]) },
  {
    name: 'a folded header',
    send: () => framed([`content-length: ${body.length}`, 'x-note: a', ` ${personal}`]),
  },
  ...[
    `POST ${decisions} HTTP/9.9`,
    `POST ${decisions}`,
    `post ${decisions} HTTP/1.1`,
    `POST ${personal} HTTP/1.1`,
    `P\u0000ST ${decisions} HTTP/1.1`,
    `POST /${'a'.repeat(70_000)} HTTP/1.1`,
  ].map(
    (line): Malformed => ({
      name: `the line "${line.slice(0, 30)}"`,
      send: () => framed([`content-length: ${body.length}`], { line }),
    }),
  ),
  { name: 'no host', send: () => exchange(gateway.url, [`GET /healthz HTTP/1.1\r\n\r\n`]) },
  {
    name: 'two hosts',
    send: () => exchange(gateway.url, [`GET /v1/reviews HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n`]),
  },
  { name: 'the beginning of HTTP/2', send: () => raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') },
  { name: 'the beginning of TLS', send: () => raw(Buffer.from('16030100a5010000a10303', 'hex'), personal) },
  { name: 'bytes', send: () => raw(Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 37) % 256))) },
  { name: 'words', send: () => raw(`${personal}\r\n\r\n`) },
  { name: 'half a request line', send: () => raw('POST /v1/dec') },
];

function* chunks(head: string, total: number, wrap: (chunk: Buffer) => Buffer, tail: string) {
  yield head;
  const chunk = wrap(Buffer.alloc(mebibyte, 'x'));
  for (let sent = 0; sent < total; sent += mebibyte) yield chunk;
  yield tail;
}

function large(more: readonly string[], wrap: (chunk: Buffer) => Buffer, head: string, tail: string) {
  const lines = [
    `POST ${decisions} HTTP/1.1`,
    'host: localhost',
    ...labelled(decisions).map(([name, value]) => `${name}: ${value}`),
    ...more,
  ];
  return exchange(gateway.url, chunks(`${lines.join('\r\n')}\r\n\r\n${head}`, 50 * mebibyte, wrap, tail));
}

const sizes: Malformed[] = [
  {
    name: '50 MB with their length',
    send: () =>
      large(
        [json.join(': '), `content-length: ${50 * mebibyte + 17}`],
        (chunk) => chunk,
        '{"input":{"a":"',
        '"}',
      ),
    codes: ['REQUEST_TOO_LARGE'],
  },
  {
    name: '50 MB in chunks',
    send: () => {
      const wrap = (chunk: Buffer) => Buffer.concat([Buffer.from('100000\r\n'), chunk, Buffer.from('\r\n')]);
      return large([json.join(': '), 'transfer-encoding: chunked'], wrap, '', '0\r\n\r\n');
    },
    codes: ['REQUEST_TOO_LARGE'],
  },
  {
    name: '50 MB as a file',
    send: () => {
      const type = multipartType.map(([name, value]) => `${name}: ${value}`);
      const tail = `\r\n${closing}`;
      const head = `${requestPart}--${boundary}\r\ncontent-disposition: form-data; name="f"; filename="f"\r\ncontent-type: text/plain\r\n\r\n`;
      return large(
        [...type, `content-length: ${50 * mebibyte + head.length + tail.length}`],
        (chunk) => chunk,
        head,
        tail,
      );
    },
    codes: ['REQUEST_TOO_LARGE'],
  },
  {
    name: 'more text than can be inspected',
    send: () => postJson(decisions, { input: { a: 'x'.repeat(5 * mebibyte) } }),
    codes: ['INPUT_TOO_LARGE'],
  },
  {
    name: 'more pieces of text than can be inspected',
    send: () => postJson(decisions, { input: { a: Array.from({ length: 50_000 }, () => 'x') } }),
    codes: ['INPUT_TOO_LARGE'],
  },
  {
    name: 'more documents than can be inspected',
    send: () =>
      postJson(decisions, {
        input: {},
        documents: Array.from({ length: 100 }, () => ({ mediaType: 'text/plain', base64: 'YQ==' })),
      }),
    codes: ['INPUT_TOO_LARGE'],
  },
];

const bombs: Malformed[] = Object.entries(pdfBombs()).map(([name, bytes]) => ({
  name: `a PDF with ${name}`,
  send: () =>
    postJson(decisions, {
      input: {},
      documents: [{ mediaType: 'application/pdf', base64: bytes.toString('base64') }],
    }),
  codes: ['DOCUMENT_UNREADABLE', 'INPUT_TOO_LARGE'],
}));

const all = [
  ...truncated,
  ...typed,
  ...notJson,
  ...wrongShapes,
  ...multipart,
  ...headers,
  ...addresses,
  ...framing,
  ...sizes,
];

describe('a malformed request', () => {
  it('is made in more than two hundred ways, each its own', () => {
    const names = [...all, ...bombs].map(({ name }) => name);
    expect(names.length).toBeGreaterThan(200);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(all)('gets a code and a sentence: $name', ({ send, codes }) => expectHelp(send(), codes));

  it('gets a code and a sentence when it is a PDF that is dear to read, or broken', async () => {
    // All at once: those that are dear are given up only after their time.
    await Promise.all(bombs.map(({ name, send, codes }) => expectHelp(send(), codes, name)));
  }, 90_000);
});

async function expectHelp(sent: Promise<RawAnswer>, codes?: readonly ErrorCode[], name = ''): Promise<void> {
  const answer = await sent;
  const { code, sentence } = errorOf(answer.body);
  expect(Object.keys(errorTable), `${name} ${answer.head}`).toContain(code);
  expect(answer.status).toBe(errorTable[code as ErrorCode][0]);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status, name).toBeLessThan(500);
  expect((sentence ?? '').length).toBeGreaterThan(20);
  if (codes) expect(codes, name).toContain(code);
  for (const canary of canaries) expect(answer.head + answer.text).not.toContain(canary);
}

describe('afterwards', () => {
  it('no request has reached a model', () => {
    expect(gateway.callsReceived()).toBe(0);
  });

  it('the process is well, and good requests are answered', async () => {
    expect((await gateway.get('/healthz')).status).toBe(200);
    expect((await gateway.get('/readyz')).status).toBe(200);
    const answer = await gateway.post(
      decisions,
      { input: { note: benign } },
      { decisionType: 'claims-triage' },
    );
    expect([200, 202]).toContain(answer.status);
    expect(gateway.callsReceived()).toBe(1);
  });

  it('nothing personal is in the log, in the database’s log or in the metrics', async () => {
    const metrics = (await gateway.get('/metrics')).text;
    const written = [...gateway.logLines, await gateway.databaseLog(), metrics].join('\n');
    for (const canary of canaries) expect(written).not.toContain(canary);
    expect(written).toContain('countersign_requests_total');
  });

  it('no request has failed inside the gateway', () => {
    expect(gateway.logLines.filter((line) => line.includes('"error"'))).toEqual([]);
  });
});
