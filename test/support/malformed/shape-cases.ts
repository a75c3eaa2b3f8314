import {
  type Malformed,
  canaries,
  chat,
  decisions,
  goodChat,
  goodDecision,
  personal,
  postJson,
} from './request.ts';

/** JSON that is no request of the route. */
export const shapeCases: readonly Malformed[] = [
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
      parts: postJson(decisions, body),
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
      parts: postJson(chat, body),
      codes: ['REQUEST_INVALID'],
    }),
  ),
  {
    name: `${chat}: a stream`,
    parts: postJson(chat, { ...goodChat, stream: true }),
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
      parts: postJson(chat, {
        messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: data } }] }],
      }),
      codes: ['DOCUMENT_UNSUPPORTED', 'DOCUMENT_UNREADABLE', 'REQUEST_INVALID'],
    }),
  ),
];
