import { gzipSync } from 'node:zlib';
import {
  type Malformed,
  chat,
  decisions,
  goodChat,
  goodDecision,
  personal,
  post,
  postJson,
} from './request.ts';

const truncated: Malformed[] = [
  [decisions, JSON.stringify(goodDecision)] as const,
  [chat, JSON.stringify(goodChat)] as const,
].flatMap(([url, text]) =>
  Array.from({ length: 24 }, (_, i) => Math.floor((text.length * i) / 24)).map((length) => ({
    name: `${url}: JSON cut after ${length} of ${text.length} bytes`,
    parts: post(url, text.slice(0, length)),
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
          parts: postJson(url, bodyWith(value)),
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
        parts: post(
          url,
          Buffer.concat([Buffer.from(before ?? ''), Buffer.from(bytes), Buffer.from(after ?? '')]),
        ),
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
    'a key __proto__': inInput('{"__proto__":{"admin":true}}'),
    'a key __proto__ in escapes': inInput('{"__pro\\u0074o__":{"admin":true}}'),
    'constructor.prototype': inInput('{"constructor":{"prototype":{"admin":true}}}'),
    'words only': personal,
  }).map(
    ([name, body]): Malformed => ({
      name: `JSON: ${name}`,
      parts: post(decisions, body),
      codes: ['REQUEST_MALFORMED'],
    }),
  ),
  ...[65, 1_000, 100_000].flatMap((depth): Malformed[] => [
    {
      name: `arrays ${depth} deep`,
      parts: post(decisions, nested(depth, '[', ']')),
      codes: ['REQUEST_TOO_DEEP'],
    },
    {
      name: `objects ${depth} deep`,
      parts: post(decisions, nested(depth, '{"a":', '}')),
      codes: ['REQUEST_TOO_DEEP'],
    },
    {
      name: `brackets ${depth} deep and never closed`,
      parts: post(chat, '['.repeat(depth)),
      codes: ['REQUEST_TOO_DEEP'],
    },
  ]),
];

/** Bodies that are no JSON, or JSON of other types than the route’s. */
export const jsonCases: readonly Malformed[] = [...truncated, ...typed, ...notJson];
