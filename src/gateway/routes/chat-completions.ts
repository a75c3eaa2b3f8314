import { type Static, Type } from 'typebox';
import { CountersignError } from '../../decision/errors.ts';
import type { SurfaceDocument, SurfaceKind, SurfaceText } from '../../decision/surface.ts';
import { decodeBase64 } from '../base64.ts';
import { textsOf } from '../body-texts.ts';
import type { InferenceRoute } from './inference-route.ts';

const closed = { additionalProperties: false } as const;
const open = { additionalProperties: true } as const;

const Message = Type.Object(
  {
    role: Type.Enum(['system', 'developer', 'user', 'assistant', 'tool'], {
      description: 'author of the message',
    }),
    content: Type.Optional(
      Type.Union([
        Type.String(),
        Type.Null(),
        Type.Array(Type.Object({ type: Type.String() }, open), { description: 'content parts' }),
      ]),
    ),
  },
  open,
);

/**
 * The fields that are forwarded. Others are refused rather than dropped or passed on: some of them
 * send the request's bytes to further places (web search, stored completions), which no rule has seen.
 */
const ChatRequest = Type.Object(
  {
    model: Type.Optional(Type.String({ description: 'ignored: the decision type fixes the model' })),
    messages: Type.Array(Message, { minItems: 1, description: 'the conversation; every role is inspected' }),
    tools: Type.Optional(
      Type.Array(Type.Object({ type: Type.Literal('function'), function: Type.Object({}, open) }, closed), {
        description: 'function tools; their descriptions and schemas are inspected',
      }),
    ),
    tool_choice: Type.Optional(Type.Unknown({ description: 'as in OpenAI’s API' })),
    parallel_tool_calls: Type.Optional(Type.Boolean({ description: 'as in OpenAI’s API' })),
    response_format: Type.Optional(Type.Object({}, { ...open, description: 'as in OpenAI’s API' })),
    temperature: Type.Optional(Type.Number({ description: 'as in OpenAI’s API' })),
    top_p: Type.Optional(Type.Number({ description: 'as in OpenAI’s API' })),
    max_tokens: Type.Optional(Type.Integer({ minimum: 1, description: 'as in OpenAI’s API' })),
    max_completion_tokens: Type.Optional(Type.Integer({ minimum: 1, description: 'as in OpenAI’s API' })),
    presence_penalty: Type.Optional(Type.Number({ description: 'as in OpenAI’s API' })),
    frequency_penalty: Type.Optional(Type.Number({ description: 'as in OpenAI’s API' })),
    seed: Type.Optional(Type.Integer({ description: 'as in OpenAI’s API' })),
    stop: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], { description: 'as in OpenAI’s API' }),
    ),
    n: Type.Optional(Type.Literal(1, { description: 'one answer is one decision' })),
    stream: Type.Optional(Type.Boolean({ description: 'must be false for now' })),
    user: Type.Optional(Type.String({ description: 'kept in the record, not forwarded' })),
  },
  { ...closed, $id: 'ChatRequest' },
);
type ChatRequest = Static<typeof ChatRequest>;

const ask = (content: unknown) => ({ messages: [{ role: 'user', content }] });
const around = (message: unknown) => ({
  messages: [message, { role: 'assistant', content: 'Noted.' }, { role: 'user', content: 'Please go on.' }],
});
const tool = (fn: unknown) => ({
  ...ask('What is my balance?'),
  tools: [{ type: 'function', function: fn }],
});

/** `POST /v1/chat/completions`, as OpenAI's clients send it. */
export const chatCompletionsRoute: InferenceRoute = {
  url: '/v1/chat/completions',
  summary: 'OpenAI-compatible chat completion through all gates',
  dialect: 'openai-chat',
  bodySchema: ChatRequest,
  acceptsMultipart: false,
  places: [
    { name: 'last user message', surface: 'chat', body: (text) => ask(text) },
    {
      name: 'earlier user message',
      surface: 'chat',
      body: (text) => around({ role: 'user', content: text }),
    },
    {
      name: 'earlier assistant message',
      surface: 'chat',
      body: (text) => around({ role: 'assistant', content: text }),
    },
    { name: 'system message', surface: 'chat', body: (text) => around({ role: 'system', content: text }) },
    {
      name: 'developer message',
      surface: 'chat',
      body: (text) => around({ role: 'developer', content: text }),
    },
    { name: 'text part', surface: 'chat', body: (text) => ask([{ type: 'text', text }]) },
    {
      name: 'tool result',
      surface: 'tool_result',
      body: (text) => around({ role: 'tool', tool_call_id: 'call_1', content: text }),
    },
    {
      name: 'tool call of an earlier turn',
      surface: 'chat',
      body: (text) =>
        around({
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'f', arguments: JSON.stringify({ q: text }) },
            },
          ],
        }),
    },
    {
      name: 'name of an author',
      surface: 'chat',
      body: (text) => around({ role: 'user', name: text, content: 'Hello.' }),
    },
    {
      name: 'tool description',
      surface: 'chat',
      body: (text) => tool({ name: 'f', description: text, parameters: {} }),
    },
    {
      name: 'tool schema',
      surface: 'chat',
      body: (text) =>
        tool({
          name: 'f',
          parameters: { type: 'object', properties: { q: { type: 'string', description: text } } },
        }),
    },
    {
      name: 'response format',
      surface: 'chat',
      body: (text) => ({
        ...ask('Hello.'),
        response_format: { type: 'json_schema', json_schema: { name: 'r', schema: { description: text } } },
      }),
    },
    { name: 'stop sequence', surface: 'chat', body: (text) => ({ ...ask('Hello.'), stop: [text] }) },
    {
      name: 'PDF part',
      surface: 'document',
      takesPdf: true,
      body: (base64) =>
        ask([
          { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${base64}` } },
        ]),
    },
  ],
  toSubmission(request) {
    const body = request.body as ChatRequest;
    if (body.stream === true) throw new CountersignError('STREAM_UNSUPPORTED');
    const { model: _model, messages, n: _n, stream: _stream, user: _user, ...rest } = body;
    const documents = messages.flatMap((message, m) => documentsOf(message, m));
    // Roles are checked by the schema: they are ours, not outside text.
    const skip = new Set([
      ...documents.map((document) => document.origin),
      ...messages.map((_message, m) => `/messages/${m}/role`),
    ]);
    const texts: SurfaceText[] = [
      ...messages.flatMap((message, m) => textsOf(message, `/messages/${m}`, surfaceOf(message.role), skip)),
      ...textsOf(rest, '', 'chat'),
    ];
    return {
      dialect: 'openai-chat',
      route: '/v1/chat/completions',
      caller: request.caller,
      claims: request.claims,
      bodyText: request.bodyText,
      texts,
      documents,
      context: [],
      content: { kind: 'messages', messages, rest },
    };
  },
};

function surfaceOf(role: string): SurfaceKind {
  return role === 'tool' ? 'tool_result' : 'chat';
}

/**
 * Every part of a message that is no text. What cannot be inspected (an image, a sound, a file id that
 * names something stored elsewhere) becomes a document of an unsupported kind, which validation refuses.
 */
function documentsOf(message: ChatRequest['messages'][number], m: number): SurfaceDocument[] {
  if (!Array.isArray(message.content)) return [];
  return message.content.flatMap((part: Record<string, unknown>, p) => {
    if (isPlainText(part)) return [];
    const file = part['file'] as Record<string, unknown> | undefined;
    const data = typeof file === 'object' && file !== null ? file['file_data'] : undefined;
    const decoded = typeof data === 'string' ? decodeDataUrl(data) : null;
    const origin = `/messages/${m}/content/${p}${decoded ? '/file/file_data' : ''}`;
    return [{ origin, ...(decoded ?? { mediaType: 'application/octet-stream', bytes: Buffer.alloc(0) }) }];
  });
}

function isPlainText(part: Record<string, unknown>): boolean {
  const type = part['type'];
  const isText = (type === 'text' || type === 'refusal') && typeof part[type] === 'string';
  return isText && Object.keys(part).length === 2;
}

function decodeDataUrl(url: string): { mediaType: string; bytes: Buffer } | null {
  const match = /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(url);
  const bytes = match && decodeBase64(url.slice(match[0].length));
  return match?.[1] && bytes ? { mediaType: match[1], bytes } : null;
}
