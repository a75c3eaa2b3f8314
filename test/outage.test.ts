import { v7 as uuidV7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionFacts } from '../src/decision/entry.ts';
import { InvariantError } from '../src/decision/errors.ts';
import type { CallId, DecisionId, EntryId } from '../src/decision/ids.ts';
import type { CommittedIntent, LawfulEndpoint } from '../src/decision/passage.ts';
import type { Behaviour } from '../src/simulator/behaviour.ts';
import { type Answer, type TestGateway, startTestGateway } from './support/gateway.ts';

const attempts = 3;
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ limits: { attempts }, endpointTimeoutMs: 400 });
});
afterEach(() => gateway.eu.setBehaviour({ mode: 'ok' }));
afterAll(() => gateway.stop());

const application = {
  amount: 5_000,
  termMonths: 24,
  annualIncome: 60_000,
  monthlyDebtPayments: 200,
  employmentMonths: 80,
  creditHistoryMonths: 120,
  utilisationPercent: 10,
  missedPayments24Months: 0,
  enquiries6Months: 0,
};

interface Outage {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly completion: Partial<CompletionFacts>;
  /** Whether the requests reach the EU endpoint at all. */
  readonly reached: boolean;
}

const outages: readonly Outage[] = [
  {
    name: 'refuses',
    behaviour: { mode: 'refuse' },
    completion: { status: 'not_sent', fault: 'ECONNREFUSED' },
    reached: false,
  },
  {
    name: 'hangs',
    behaviour: { mode: 'hang' },
    completion: { status: 'timeout', fault: 'TIMEOUT' },
    reached: true,
  },
  {
    name: 'resets',
    behaviour: { mode: 'reset' },
    completion: { status: 'error', httpStatus: null },
    reached: true,
  },
  {
    name: 'resets in the middle of its answer',
    behaviour: { mode: 'reset-mid-body' },
    completion: { status: 'error', httpStatus: null },
    reached: true,
  },
  {
    name: 'answers 500',
    behaviour: { mode: 'status', status: 500 },
    completion: { status: 'error', httpStatus: 500 },
    reached: true,
  },
  {
    name: 'answers 429',
    behaviour: { mode: 'status', status: 429 },
    completion: { status: 'error', httpStatus: 429 },
    reached: true,
  },
  {
    name: 'answers garbage',
    behaviour: { mode: 'garbage' },
    completion: { status: 'ok', httpStatus: 200 },
    reached: true,
  },
];

const routes = [
  { url: '/v1/decisions', decisionType: 'credit-application', body: { input: application } },
  {
    url: '/v1/chat/completions',
    decisionType: 'chat-test',
    body: { messages: [{ role: 'user', content: 'What is my balance?' }] },
  },
];

describe.each(outages)('while the EU endpoint $name', ({ behaviour, completion, reached }) => {
  it.each(routes)(
    'an EU request to $url is refused, and nothing reaches the US',
    async ({ url, body, decisionType }) => {
      await gateway.eu.setBehaviour(behaviour);
      const answer = await gateway.post(url, body, { decisionType });
      expect([answer.status, answer.code]).toEqual([503, 'LAWFUL_ENDPOINTS_FAILED']);
      expect(gateway.us.requests()).toEqual([]);

      const received = gateway.eu.requests().filter(({ decisionId }) => decisionId === answer.decisionId);
      expect(received).toHaveLength(reached ? attempts : 0);
      await expectRecorded(
        answer,
        completion,
        received.map(({ callId }) => callId),
      );
    },
  );
});

describe('after the outage', () => {
  it('the EU endpoint is asked again, and its answers are released', async () => {
    for (const { url, body, decisionType } of routes) {
      const answer = await gateway.post(url, body, { decisionType });
      expect([answer.status, answer.headers.get('countersign-endpoint')]).toEqual([200, 'simulator-eu']);
    }
    expect(gateway.us.requests()).toEqual([]);
  });

  it('the US endpoint had been there all along, for US requests', async () => {
    const before = gateway.eu.requests().length;
    const headers = { 'countersign-jurisdiction': 'US' };
    const answer = await gateway.post(
      '/v1/decisions',
      { input: application },
      { decisionType: 'credit-application', headers },
    );
    expect([answer.status, answer.headers.get('countersign-endpoint')]).toEqual([200, 'simulator-us']);
    expect(gateway.us.requests().map(({ decisionId }) => decisionId)).toEqual([answer.decisionId]);
    expect(gateway.eu.requests()).toHaveLength(before);
  });
});

describe('a router that skips the filter', () => {
  const facts = {
    id: 'simulator-us',
    modelId: 'scorecard',
    modelVersion: 'scorecard-2026-11',
    purpose: 'inference' as const,
    validUntilMs: Number.MAX_SAFE_INTEGER,
    basis: [],
    policyDigest: '',
  };

  const committed = {
    decisionId: uuidV7() as DecisionId,
    callId: uuidV7() as CallId,
    entryId: uuidV7() as EntryId,
    endpointId: 'simulator-us',
    jurisdiction: 'EU',
    dataClass: 'personal',
    cell: 'eu',
    requestDigest: '',
  };

  it('does not compile', () => {
    const plainEndpoint = { ...facts, label: euLabel() };
    // @ts-expect-error -- a plain object is no LawfulEndpoint, whatever it holds
    const forged: LawfulEndpoint = plainEndpoint;
    // @ts-expect-error -- and no plain object is a CommittedIntent
    const intent: CommittedIntent = committed;
    expect(gateway.rooms.lawfulFilter.isLawful(forged)).toBe(false);
    expect(intent).toBeDefined();
  });

  it('is stopped by egress, with a forged endpoint and with a copied one', async () => {
    const before = gateway.callsReceived();
    const lawful = gateway.rooms.lawfulFilter.lawful({
      label: euLabel(),
      purpose: 'inference',
      modelId: 'scorecard',
      nowMs: Date.now(),
    });
    if (lawful.kind !== 'pass') throw new Error('the EU endpoint should be lawful');
    expect(lawful.endpoints.map(({ id }) => id)).toEqual(['simulator-eu']);
    const forged = { ...facts, label: euLabel() } as unknown as LawfulEndpoint;
    const redirected: LawfulEndpoint = { ...lawful.endpoints[0], id: 'simulator-us' };
    const copied: LawfulEndpoint = { ...lawful.endpoints[0] };
    const notOfTheFilter = new InvariantError('an endpoint that the lawful filter did not return');
    for (const endpoint of [forged, redirected, copied]) {
      await expect(sendTo(endpoint)).rejects.toThrow(notOfTheFilter);
      await expect(
        gateway.rooms.egress.notify({
          endpoint,
          body: Buffer.from('{}'),
          headers: {},
          deadlineMs: Date.now() + 1_000,
        }),
      ).rejects.toThrow(notOfTheFilter);
    }
    expect(gateway.callsReceived()).toBe(before);
  });

  it('is stopped by egress without a committed intent', async () => {
    const before = gateway.callsReceived();
    const lawful = gateway.rooms.lawfulFilter.lawful({
      label: euLabel(),
      purpose: 'inference',
      modelId: 'scorecard',
      nowMs: Date.now(),
    });
    if (lawful.kind !== 'pass') throw new Error('the EU endpoint should be lawful');
    await expect(sendTo(lawful.endpoints[0])).rejects.toThrow('an intent that the audit room did not commit');
    expect(gateway.callsReceived()).toBe(before);
  });
});

function sendTo(endpoint: LawfulEndpoint): Promise<unknown> {
  const body = Buffer.from('{}');
  const intent = { endpointId: endpoint.id } as CommittedIntent;
  return gateway.rooms.egress.send({
    endpoint,
    intent,
    path: '/chat/completions',
    body,
    headers: {},
    deadlineMs: Date.now() + 1_000,
  });
}

function euLabel() {
  const jurisdiction = gateway.rooms.config.gateway.jurisdictions.find(({ id }) => id === 'EU');
  return {
    jurisdiction: 'EU',
    countries: jurisdiction?.countries ?? [],
    dataClass: 'personal',
    cell: 'eu',
    jurisdictionSource: 'header',
    dataClassSource: 'decision-type',
  } as const;
}

/** Each attempt has an intent and a completion of its own, before a refused outcome. */
async function expectRecorded(
  answer: Answer,
  completion: Partial<CompletionFacts>,
  received: readonly (string | null)[],
): Promise<void> {
  const story = await gateway.story(answer.decisionId);
  expect(story?.intact).toBe(true);
  const entries = story?.entries ?? [];
  const pair = ['intent', 'completion'];
  expect(entries.map(({ header }) => header.type)).toEqual([...pair, ...pair, ...pair, 'outcome']);
  const calls = entries.filter(({ header }) => header.type === 'intent').map(({ header }) => header.callId);
  expect(new Set(calls).size).toBe(attempts);
  const completions = entries.filter(({ header }) => header.type === 'completion');
  expect(completions.map(({ header }) => header.callId)).toEqual(calls);
  for (const { header } of completions)
    expect(header.facts).toMatchObject({ endpoint: 'simulator-eu', ...completion });
  // The endpoint's own account and the record name the same calls.
  if (received.length > 0) expect(received).toEqual(calls);
  expect(entries.at(-1)?.header.facts).toMatchObject({ kind: 'outcome', status: 'refused' });
}
