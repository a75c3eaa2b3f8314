import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToldEntry } from '../src/audit/story.ts';
import type { OutcomeFacts } from '../src/decision/entry.ts';
import type { InferenceRoute } from '../src/gateway/routes/inference-route.ts';
import { inferenceRoutes } from '../src/gateway/routes/inference-routes.ts';
import { type Answer, type TestGateway, startTestGateway } from './support/gateway.ts';
import { benign, payloads, pdfOf } from './support/payloads.ts';
import { type RegisteredRoute, routeProblems, watchRoutes } from './support/routes.ts';

/*
 * The list of ways round the filters of other gateways (earlier message, tool result, tool schema, PDF
 * part, system text, other routes), as one table: routes × places × payloads. Both the routes and the
 * places come from the gateway's own table, and the last part shows that the table is whole (I4).
 */

let gateway: TestGateway;
let routes: readonly RegisteredRoute[];

beforeAll(async () => {
  ({ result: gateway, routes } = await watchRoutes(() => startTestGateway()));
});
afterAll(() => gateway.stop());

const typeOf: Readonly<Record<InferenceRoute['dialect'], string>> = {
  decision: 'claims-triage',
  'openai-chat': 'chat-test',
  'openai-embeddings': 'embed-test',
};

const places = inferenceRoutes.flatMap((route) => route.places.map((place) => ({ route, place })));
const attacks = places.flatMap(({ route, place }) =>
  Object.entries(payloads).flatMap(([kind, payload]) => {
    const where = place.takesPdf ? (['visible', 'hidden'] as const) : ([null] as const);
    return where.map((layer) => ({
      name: `${route.url}, ${place.name}${layer ? ` (${layer})` : ''}: ${kind}`,
      route,
      place,
      text: layer ? pdfOf(payload, layer) : payload,
    }));
  }),
);

describe('a payload', () => {
  it.each(attacks)('is stopped in $name', async ({ route, place, text }) => {
    const before = gateway.callsReceived();
    const answer = await gateway.post(route.url, place.body(text), { decisionType: typeOf[route.dialect] });
    expect(gateway.callsReceived()).toBe(before);
    await expectStopped(answer, place.surface);
  });

  it('is tried in every place of every route', () => {
    expect(attacks.length).toBeGreaterThanOrEqual(places.length * Object.keys(payloads).length);
    expect(new Set(attacks.map(({ route }) => route.url)).size).toBe(inferenceRoutes.length);
  });
});

describe('an honest text', () => {
  it.each(places)('passes in $route.url, $place.name', async ({ route, place }) => {
    const text = place.takesPdf ? pdfOf(benign, 'visible') : benign;
    const answer = await gateway.post(route.url, place.body(text), { decisionType: typeOf[route.dialect] });
    expect(answer.decisionId).not.toBe('');
    expect(callsOf(answer)).toBe(1);
    expect([200, 202]).toContain(answer.status);
  });
});

/** Fields that are left out of the request to the model. */
const unforwarded: Readonly<Record<InferenceRoute['dialect'], readonly string[]>> = {
  decision: [],
  'openai-chat': ['/model', '/user'],
  'openai-embeddings': ['/model', '/user'],
};

/** A request in which every field that the route knows is used. */
const fullBodies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  '/v1/decisions': {
    decisionType: 'claims-triage',
    input: { note: benign, list: [benign], nested: { deeper: { still: benign } } },
    context: [{ id: 'kb-1', version: '1', text: benign }],
    toolResults: [{ tool: 'lookup', text: benign }],
    documents: [
      { mediaType: 'text/plain', base64: Buffer.from(benign).toString('base64') },
      { mediaType: 'application/pdf', base64: pdfOf(benign, 'visible') },
    ],
  },
  '/v1/chat/completions': {
    model: 'scorecard',
    messages: [
      { role: 'system', content: benign },
      { role: 'developer', content: benign, name: 'shop' },
      { role: 'user', content: [{ type: 'text', text: benign }], name: 'ann' },
      {
        role: 'assistant',
        content: null,
        refusal: null,
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"q":"floor"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: benign },
      { role: 'user', content: benign },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'find',
          description: benign,
          parameters: {
            type: 'object',
            properties: { q: { type: 'string', description: benign, enum: ['a'] } },
          },
        },
      },
    ],
    tool_choice: { type: 'function', function: { name: 'find' } },
    response_format: { type: 'json_schema', json_schema: { name: 'r', schema: { description: benign } } },
    stop: ['END'],
    user: 'u-1',
  },
  '/v1/embeddings': {
    model: 'embedder',
    input: Array.from({ length: 8 }, (_, i) => `${benign} ${i}`),
    encoding_format: 'float',
    dimensions: 8,
    user: 'u-1',
  },
};

describe('every string of a whole request', () => {
  it.each(inferenceRoutes)('is inspected, or goes nowhere: $url', async (route) => {
    const full = fullBodies[route.url];
    if (!full) throw new Error(`give ${route.url} a full body here`);
    const decisionType = typeOf[route.dialect];
    const honest = await gateway.post(route.url, full, { decisionType });
    expect(callsOf(honest)).toBe(1);
    const variants = variantsOf(full, payloads.plain);
    expect(variants.length).toBeGreaterThan(10);
    const passed: string[] = [];
    for (const { pointer, body } of variants) {
      const answer = await gateway.post(route.url, body, { decisionType });
      if (answer.decisionId !== '' && callsOf(answer) > 0) passed.push(pointer);
      else expect(answer.status, pointer).toBeGreaterThanOrEqual(202);
      if (answer.decisionId !== '')
        expect(await forwarded(answer), pointer).not.toContain('previous instructions');
    }
    // What passed was left out of the request to the model.
    expect(passed).toEqual(unforwarded[route.dialect]);
  });
});

describe('a document that cannot be inspected', () => {
  const parts = {
    'an image': { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    'an image elsewhere': { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
    'a sound': { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
    'a file id': { type: 'file', file: { file_id: 'file-abc123' } },
    'a file of another kind': { type: 'file', file: { file_data: 'data:application/zip;base64,UEsDBA==' } },
    'a kind of part that nobody knows': { type: 'hologram', hologram: 'x' },
  };
  it.each(Object.entries(parts))('is refused: %s', async (_name, part) => {
    const before = gateway.callsReceived();
    const body = { messages: [{ role: 'user', content: [{ type: 'text', text: 'See here.' }, part] }] };
    const answer = await gateway.post('/v1/chat/completions', body, { decisionType: 'chat-test' });
    expect([answer.status, answer.code]).toEqual([415, 'DOCUMENT_UNSUPPORTED']);
    expect(gateway.callsReceived()).toBe(before);
    expect((await outcomeOf(answer)).status).toBe('refused');
  });

  it.each([
    ['audio/mpeg', 415, 'DOCUMENT_UNSUPPORTED'],
    ['application/zip', 415, 'DOCUMENT_UNSUPPORTED'],
    ['application/vnd.ms-excel', 415, 'DOCUMENT_UNSUPPORTED'],
    // Kinds that are read, when the bytes are something else.
    ['image/png', 400, 'DOCUMENT_UNREADABLE'],
    ['text/html', 400, 'DOCUMENT_UNREADABLE'],
  ])('is refused as a document of a decision, in JSON and multipart: %s', async (mediaType, status, code) => {
    const before = gateway.callsReceived();
    const bytes = Buffer.from('PK\u0003\u0004 a file');
    const json = { input: {}, documents: [{ mediaType, base64: bytes.toString('base64') }] };
    const inJson = await gateway.post('/v1/decisions', json, { decisionType: 'claims-triage' });
    const inParts = await gateway.post('/v1/decisions', form({ bytes, mediaType }), {
      decisionType: 'claims-triage',
    });
    for (const answer of [inJson, inParts]) {
      expect([answer.status, answer.code]).toEqual([status, code]);
    }
    expect(gateway.callsReceived()).toBe(before);
  });
});

describe('a multipart upload', () => {
  it.each(Object.entries(payloads))(
    'is inspected: %s in a PDF, a text and the request',
    async (_kind, payload) => {
      const before = gateway.callsReceived();
      const pdf = (layer: 'visible' | 'hidden') => Buffer.from(pdfOf(payload, layer), 'base64');
      const forms = [
        form({ bytes: pdf('visible'), mediaType: 'application/pdf' }),
        form({ bytes: pdf('hidden'), mediaType: 'application/pdf' }),
        form({ bytes: Buffer.from(payload), mediaType: 'text/plain' }),
      ];
      for (const body of forms) {
        const answer = await gateway.post('/v1/decisions', body, { decisionType: 'claims-triage' });
        await expectStopped(answer, 'document');
      }
      const inField = form({ bytes: Buffer.from(benign), mediaType: 'text/plain' }, { note: payload });
      await expectStopped(
        await gateway.post('/v1/decisions', inField, { decisionType: 'claims-triage' }),
        'chat',
      );
      expect(gateway.callsReceived()).toBe(before);
    },
  );

  it('passes when it is honest', async () => {
    const pdf = { bytes: Buffer.from(pdfOf(benign, 'visible'), 'base64'), mediaType: 'application/pdf' };
    const answer = await gateway.post('/v1/decisions', form(pdf), { decisionType: 'claims-triage' });
    expect([200, 202]).toContain(answer.status);
    expect(callsOf(answer)).toBe(1);
  });
});

describe('the table of model routes', () => {
  it('is whole', () => {
    expect(routeProblems(routes, inferenceRoutes)).toEqual([]);
    expect(routes.length).toBeGreaterThan(10);
    // Seen from the other side: what the server says about itself.
    const told = Object.entries(gateway.server.swagger().paths ?? {}).flatMap(([url, item]) =>
      Object.keys(item ?? {}).map(
        (method) => `${method.toUpperCase()} ${url.replaceAll(/\{(\w+)\}/g, ':$1').replace('{*}', '*')}`,
      ),
    );
    const seen = new Set(routes.map(({ method, url }) => `${method} ${url}`));
    expect(told.filter((route) => !seen.has(route))).toEqual([]);
  });

  it('would notice a model route that names no places', async () => {
    const made = await watchRoutes(async () => {
      const server = Fastify();
      const config = { kind: 'inference', role: 'caller' } as const;
      server.post('/v1/made-up', { config }, () => ({}));
      server.post('/v1/unsaid', () => ({}));
      await server.close();
    });
    const all = [...routes, ...made.routes];
    expect(routeProblems(all, inferenceRoutes)).toEqual([
      'POST /v1/made-up leads to a model and stands in no table',
      'POST /v1/unsaid does not say what kind it is',
    ]);
    expect(
      routeProblems(all, [...inferenceRoutes, { dialect: 'decision', url: '/v1/made-up', places: [] }]),
    ).toContain('/v1/made-up names no place where text can enter');
    expect(
      routeProblems(routes, [...inferenceRoutes, { dialect: 'decision', url: '/v1/absent', places: [] }]),
    ).toContain('/v1/absent stands in the table and is not registered');
  });

  it('leaves out no route that reaches a model', async () => {
    const others = routes.filter(({ kind, method }) => kind !== 'inference' && method !== 'HEAD');
    expect(others.some(({ method }) => method === 'POST')).toBe(true);
    const before = gateway.callsReceived();
    const bodies = [
      ...places.filter(({ place }) => !place.takesPdf).map(({ place }) => place.body(payloads.plain)),
      { verdict: 'approve', reasonCodes: ['R01'], note: payloads.plain },
      {},
    ];
    for (const { method, url } of others) {
      const path = url.replaceAll(/:\w+/g, '01890000-0000-7000-8000-000000000000');
      if (method === 'GET') await gateway.get(path);
      else for (const body of bodies) await gateway.post(path, body, { decisionType: 'chat-test' });
    }
    expect(gateway.callsReceived()).toBe(before);
  });
});

/** Stopped before the model, by validation, with a record that says so. */
async function expectStopped(answer: Answer, surface: string): Promise<void> {
  const refused = [400, 'INPUT_REFUSED'];
  const inReview = answer.body['error'] === undefined ? [202, undefined] : [403, 'IN_REVIEW'];
  expect([refused, inReview]).toContainEqual([answer.status, answer.code]);
  const facts = await outcomeOf(answer);
  expect(facts.status).toBe(answer.status === 400 ? 'refused' : 'in_review');
  const verdict = facts.verdicts.find(({ gate }) => gate === 'validation');
  expect(verdict?.kind).toBe(answer.status === 400 ? 'refuse' : 'review');
  expect(verdict?.findings.map((finding) => finding.surface)).toContain(surface);
}

/** The outcome in the record of a decision for which no call was intended. */
async function outcomeOf(answer: Answer): Promise<OutcomeFacts> {
  const story = await gateway.story(answer.decisionId);
  expect(story?.intact).toBe(true);
  expect(story?.entries.map(({ header }) => header.type)).toEqual(['outcome']);
  return story?.entries[0]?.header.facts as OutcomeFacts;
}

function callsOf(answer: Answer): number {
  const received = [...gateway.eu.requests(), ...gateway.us.requests()];
  return received.filter(({ decisionId }) => decisionId === answer.decisionId).length;
}

/** Everything that left for a model on behalf of a decision, as the record has it. */
async function forwarded(answer: Answer): Promise<string> {
  const story = await gateway.story(answer.decisionId);
  const isIntent = ({ header }: ToldEntry) => header.type === 'intent';
  return (story?.entries ?? [])
    .filter(isIntent)
    .map(({ payload }) => (payload as { upstream: string }).upstream)
    .join('\n');
}

function form(file: { bytes: Buffer; mediaType: string }, input: unknown = { note: benign }): FormData {
  const data = new FormData();
  data.append('request', JSON.stringify({ input }));
  data.append('files', new Blob([new Uint8Array(file.bytes)], { type: file.mediaType }), 'file');
  return data;
}

/** The body once for each of its strings, with the payload in its place; and for each object, as a key. */
function variantsOf(body: unknown, payload: string): { pointer: string; body: unknown }[] {
  const found: { pointer: string; body: unknown }[] = [];
  const visit = (value: unknown, pointer: string, replace: (by: unknown) => unknown): void => {
    if (typeof value === 'string') found.push({ pointer, body: replace(payload) });
    if (Array.isArray(value)) {
      value.forEach((item, i) => visit(item, `${pointer}/${i}`, (by) => replace(value.with(i, by))));
    } else if (typeof value === 'object' && value !== null) {
      found.push({ pointer: `${pointer}/~key`, body: replace({ ...value, [payload]: 1 }) });
      for (const [key, item] of Object.entries(value)) {
        visit(item, `${pointer}/${key}`, (by) => replace({ ...value, [key]: by }));
      }
    }
  };
  visit(body, '', (by) => by);
  return found;
}
