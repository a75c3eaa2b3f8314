import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IntentFacts, OutcomeFacts } from '../src/decision/entry.ts';
import { type Answer, type TestGateway, startTestGateway } from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const texts = ['A pipe burst on 1 October.', 'The floor of the hall is wet.'];

function embed(body: object, headers: Record<string, string> = {}): Promise<Answer> {
  return gateway.post('/v1/embeddings', body, { decisionType: 'embed-test', headers });
}

async function factsOf<Facts>(answer: Answer, type: string): Promise<Facts> {
  const story = await gateway.story(answer.decisionId);
  expect(story?.intact).toBe(true);
  return story?.entries.findLast(({ header }) => header.type === type)?.header.facts as unknown as Facts;
}

describe('POST /v1/embeddings', () => {
  it('gives one vector for each text, as OpenAI’s clients read them', async () => {
    const before = gateway.us.requests().length;
    const answer = await embed({ model: 'whatever', input: texts, dimensions: 8 });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ object: 'list', model: 'embedder-2026-11' });
    const data = answer.body['data'] as { index: number; embedding: number[] }[];
    expect(data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 8],
      [1, 8],
    ]);
    expect(answer.headers.get('countersign-verdict')).toBe('decided');
    expect(gateway.eu.requests().at(-1)).toMatchObject({
      route: 'POST /v1/embeddings',
      decisionId: answer.decisionId,
    });
    expect(gateway.us.requests()).toHaveLength(before);
  });

  it('is recorded under its own purpose, with no score and no band: it decides nothing', async () => {
    const answer = await embed({ input: texts[0] });
    const intent = await factsOf<IntentFacts>(answer, 'intent');
    expect([intent.purpose, intent.prompt]).toEqual(['embedding', null]);
    const outcome = await factsOf<OutcomeFacts>(answer, 'outcome');
    expect(outcome).toMatchObject({
      status: 'decided',
      decidedBy: 'model',
      band: null,
      bandSet: null,
      score: null,
    });
    expect(outcome.verdicts.map(({ gate, kind }) => `${gate} ${kind}`)).toEqual([
      'label pass',
      'validation pass',
      'residency pass',
      'output pass',
    ]);
  });

  it.each([
    ['numbers', { input: texts, encoding_format: 'float' }],
    ['base64', { input: texts[0], encoding_format: 'base64', dimensions: 4 }],
  ])('is replayed byte for byte: %s', async (_name, body) => {
    const answer = await embed(body);
    const replay = await gateway.post(`/v1/decisions/${answer.decisionId}/replay`, {
      reason: 'audit',
      callModel: true,
    });
    expect(replay.body).toMatchObject({
      result: 'equal',
      calledAgain: { kind: 'answered', textEqual: true },
    });
  });

  it('repeats an earlier answer for the same idempotency key, without a call', async () => {
    const headers = { 'idempotency-key': 'embed-once' };
    const first = await embed({ input: texts }, headers);
    const calls = gateway.callsReceived();
    const second = await embed({ input: texts }, headers);
    expect([second.text, second.decisionId]).toEqual([first.text, first.decisionId]);
    expect(gateway.callsReceived()).toBe(calls);
  });

  it.each([[[1, 2, 3]], [[[1, 2], [3]]]])('refuses tokens, which nobody can inspect: %j', async (input) => {
    const calls = gateway.callsReceived();
    const answer = await embed({ input });
    expect([answer.status, answer.code]).toEqual([400, 'REQUEST_INVALID']);
    expect(answer.text).toContain('Tokens cannot be inspected');
    expect(gateway.callsReceived()).toBe(calls);
  });

  it('takes an endpoint that gives no vectors for one that did not answer', async () => {
    await gateway.eu.setBehaviour({ mode: 'garbage' });
    const answer = await embed({ input: texts });
    await gateway.eu.setBehaviour({ mode: 'ok' });
    expect([answer.status, answer.code]).toEqual([503, 'LAWFUL_ENDPOINTS_FAILED']);
    const replay = await gateway.post(`/v1/decisions/${answer.decisionId}/replay`, { reason: 'audit' });
    expect(replay.body).toMatchObject({ result: 'equal' });
  });

  it.each([
    ['/v1/embeddings', 'chat-test', { input: 'Hello.' }],
    ['/v1/chat/completions', 'embed-test', { messages: [{ role: 'user', content: 'Hello.' }] }],
    ['/v1/decisions', 'embed-test', { input: { note: 'Hello.' } }],
  ])('and %s serve types of their own purpose only', async (path, decisionType, body) => {
    const calls = gateway.callsReceived();
    const answer = await gateway.post(path, body, { decisionType });
    expect([answer.status, answer.code]).toEqual([400, 'DECISION_TYPE_MISMATCH']);
    expect(gateway.callsReceived()).toBe(calls);
  });
});
