import { type Static, Type } from 'typebox';
import { CountersignError } from '../../decision/errors.ts';
import type { SurfaceDocument, SurfaceText } from '../../decision/surface.ts';
import { decodeBase64 } from '../base64.ts';
import { textsOf } from '../body-texts.ts';
import type { RequestClaims } from '../submission.ts';
import type { InferenceRoute, ParsedRequest } from './inference-route.ts';

const closed = { additionalProperties: false } as const;

const DecisionRequest = Type.Object(
  {
    decisionType: Type.Optional(
      Type.String({ description: 'the decision type; or the header countersign-decision-type' }),
    ),
    input: Type.Record(Type.String(), Type.Unknown(), {
      description: 'the case: any JSON object. All of it is inspected and shown to the model as data',
    }),
    context: Type.Optional(
      Type.Array(
        Type.Object(
          {
            id: Type.String({ pattern: '^[\\w.:/@-]{1,200}$', description: 'id of the passage’s source' }),
            version: Type.String({
              pattern: '^[\\w.:/@-]{1,100}$',
              description: 'version of the source that day',
            }),
            text: Type.String({ description: 'the passage' }),
          },
          closed,
        ),
        { description: 'retrieved context, recorded with the call' },
      ),
    ),
    toolResults: Type.Optional(
      Type.Array(
        Type.Object(
          {
            tool: Type.String({ pattern: '^[\\w.:/@-]{1,100}$', description: 'name of the tool' }),
            text: Type.String({ description: 'what it answered' }),
          },
          closed,
        ),
        { description: 'results of the caller’s own tools' },
      ),
    ),
    documents: Type.Optional(
      Type.Array(
        Type.Object(
          {
            mediaType: Type.String({ description: 'application/pdf or text/plain' }),
            base64: Type.String({ description: 'the file, base64' }),
          },
          closed,
        ),
        { description: 'documents; in a multipart request, the file parts' },
      ),
    ),
  },
  { ...closed, $id: 'DecisionRequest' },
);
type DecisionRequest = Static<typeof DecisionRequest>;

const place = (
  name: string,
  surface: 'chat' | 'retrieved' | 'tool_result' | 'document',
  body: (text: string) => unknown,
) => ({
  name,
  surface,
  body,
});

/** `POST /v1/decisions`: one decision about one case. */
export const decisionsRoute: InferenceRoute = {
  url: '/v1/decisions',
  summary: 'Ask for one decision',
  dialect: 'decision',
  bodySchema: DecisionRequest,
  acceptsMultipart: true,
  places: [
    place('input field', 'chat', (text) => ({ input: { note: text } })),
    place('nested input', 'chat', (text) => ({ input: { a: [{ b: { c: text } }] } })),
    place('input key', 'chat', (text) => ({ input: { [text]: 1 } })),
    place('context', 'retrieved', (text) => ({ input: {}, context: [{ id: 'kb-1', version: '1', text }] })),
    place('tool result', 'tool_result', (text) => ({ input: {}, toolResults: [{ tool: 'lookup', text }] })),
    {
      ...place('text document', 'document', (text) => {
        const base64 = Buffer.from(text).toString('base64');
        return { input: {}, documents: [{ mediaType: 'text/plain', base64 }] };
      }),
    },
    {
      ...place('PDF document', 'document', (base64) => ({
        input: {},
        documents: [{ mediaType: 'application/pdf', base64 }],
      })),
      takesPdf: true,
    },
  ],
  toSubmission(request) {
    const body = request.body as DecisionRequest;
    const texts: SurfaceText[] = [
      ...textsOf(body.input, '/input', 'chat'),
      ...(body.context ?? []).flatMap((passage, i) =>
        textsOf(passage.text, `/context/${i}/text`, 'retrieved'),
      ),
      ...(body.toolResults ?? []).flatMap((result, i) =>
        textsOf(result.text, `/toolResults/${i}/text`, 'tool_result'),
      ),
    ];
    return {
      dialect: 'decision',
      route: '/v1/decisions',
      caller: request.caller,
      claims: withType(request.claims, body.decisionType),
      bodyText: request.bodyText,
      texts,
      documents: [...documentsOf(body), ...request.files],
      context: body.context ?? [],
      content: { kind: 'case', input: body.input, toolResults: body.toolResults ?? [] },
    };
  },
};

function documentsOf(body: DecisionRequest): SurfaceDocument[] {
  return (body.documents ?? []).map((document, i) => {
    const bytes = decodeBase64(document.base64);
    if (bytes === null) {
      throw new CountersignError('REQUEST_INVALID', {
        detail: `/documents/${i}/base64 holds no base64 data.`,
      });
    }
    return { origin: `/documents/${i}`, mediaType: document.mediaType, bytes };
  });
}

function withType(claims: ParsedRequest['claims'], named: string | undefined): RequestClaims {
  if (named === undefined) return claims;
  if (claims.decisionType !== null && claims.decisionType !== named)
    throw new CountersignError('LABEL_CONFLICT');
  return { ...claims, decisionType: named };
}
