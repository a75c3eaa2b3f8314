import { type Static, Type } from 'typebox';
import { CountersignError } from '../../decision/errors.ts';
import type { SurfaceText } from '../../decision/surface.ts';
import type { InferenceRoute } from './inference-route.ts';

const textsMax = 2048;
const Text = Type.String({ minLength: 1 });
const Token = Type.Integer({ minimum: 0 });

/** The fields that are forwarded; others are refused, as in a chat completion. */
const EmbeddingsRequest = Type.Object(
  {
    model: Type.Optional(Type.String({ description: 'ignored: the decision type fixes the model' })),
    input: Type.Union(
      [
        Text,
        Type.Array(Text, { minItems: 1, maxItems: textsMax }),
        Type.Array(Token, { minItems: 1 }),
        Type.Array(Type.Array(Token, { minItems: 1 }), { minItems: 1 }),
      ],
      { description: 'a text, or a list of texts; lists of tokens are refused, as nobody can inspect them' },
    ),
    encoding_format: Type.Optional(
      Type.Enum(['float', 'base64'], { description: 'how vectors are written; float when left out' }),
    ),
    dimensions: Type.Optional(Type.Integer({ minimum: 1, description: 'as in OpenAI’s API' })),
    user: Type.Optional(Type.String({ description: 'kept in the record, not forwarded' })),
  },
  { additionalProperties: false, $id: 'EmbeddingsRequest' },
);
type EmbeddingsRequest = Static<typeof EmbeddingsRequest>;

/** `POST /v1/embeddings`, as OpenAI's clients send it. */
export const embeddingsRoute: InferenceRoute = {
  url: '/v1/embeddings',
  summary: 'OpenAI-compatible embeddings through all gates; lawful for the purpose embedding only',
  dialect: 'openai-embeddings',
  bodySchema: EmbeddingsRequest,
  acceptsMultipart: false,
  places: [
    { name: 'a text', surface: 'chat', body: (text) => ({ input: text }) },
    { name: 'the only text of a list', surface: 'chat', body: (text) => ({ input: [text] }) },
    {
      name: 'a text among others',
      surface: 'chat',
      body: (text) => ({ input: ['A pipe burst.', text, 'The floor is wet.'] }),
    },
  ],
  toSubmission(request) {
    const { input, model: _model, user: _user, ...rest } = request.body as EmbeddingsRequest;
    const list = typeof input === 'string' ? [input] : input;
    const strings = list.filter((item) => typeof item === 'string');
    if (strings.length < list.length) {
      const detail = 'Tokens cannot be inspected. Send the texts themselves in "input".';
      throw new CountersignError('REQUEST_INVALID', { detail });
    }
    const texts: SurfaceText[] = strings.map((text, i) => ({
      surface: 'chat',
      origin: typeof input === 'string' ? '/input' : `/input/${i}`,
      text,
    }));
    return {
      dialect: 'openai-embeddings',
      route: '/v1/embeddings',
      caller: request.caller,
      claims: request.claims,
      bodyText: request.bodyText,
      texts,
      documents: [],
      context: [],
      content: { kind: 'texts', texts: strings, rest },
    };
  },
};
