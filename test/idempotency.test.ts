import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type TestGateway, startTestGateway } from './support/gateway.ts';
import { payloads } from './support/payloads.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.eu.setBehaviour({ mode: 'ok' }));
afterAll(() => gateway.stop());

const sound = {
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
const chat = { messages: [{ role: 'user', content: 'What is my balance?' }] };

const routes = [
  { url: '/v1/decisions', decisionType: 'credit-application', body: { input: sound } },
  { url: '/v1/chat/completions', decisionType: 'chat-test', body: chat },
];

let keys = 0;
/** A key that no other test uses. */
const freshKey = () => `order-${(keys += 1)}`;

function send(
  at: { url: string; decisionType: string; body: unknown },
  key: string,
  headers = {},
): Promise<Answer> {
  return gateway.post(at.url, at.body, {
    decisionType: at.decisionType,
    headers: { 'idempotency-key': key, ...headers },
  });
}

describe.each(routes)('the same key on $url', (route) => {
  it('makes one call when used again, and gets the same bytes', async () => {
    const before = gateway.callsReceived();
    const key = freshKey();
    const first = await send(route, key);
    expect(first.status).toBe(200);
    for (let i = 0; i < 3; i++) {
      const again = await send(route, key);
      expect(again.status).toBe(200);
      expect(again.text).toBe(first.text);
      expect(again.decisionId).toBe(first.decisionId);
    }
    expect(gateway.callsReceived()).toBe(before + 1);
  });

  it('makes one call when twenty use it at once', async () => {
    await gateway.eu.setBehaviour({ mode: 'slow', delayMs: 200 });
    const before = gateway.callsReceived();
    const key = freshKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(route, key)));
    expect(gateway.callsReceived()).toBe(before + 1);
    const answered = answers.filter(({ status }) => status === 200);
    const waiting = answers.filter(({ status }) => status !== 200);
    expect(answered.length).toBeGreaterThan(0);
    expect(new Set(answered.map(({ text }) => text)).size).toBe(1);
    expect(waiting.filter(({ code }) => code !== 'IDEMPOTENCY_IN_PROGRESS')).toEqual([]);
    expect((await send(route, key)).text).toBe(answered[0]?.text);
    expect(gateway.callsReceived()).toBe(before + 1);
  });

  it('is refused for another body, another label or another subject', async () => {
    const key = freshKey();
    await send(route, key);
    const before = gateway.callsReceived();
    const others = [
      send(
        {
          ...route,
          body: { ...route.body, ...(route.url === '/v1/decisions' ? { context: [] } : { seed: 1 }) },
        },
        key,
      ),
      send(route, key, { 'countersign-data-class': 'special-category' }),
      send(route, key, { 'countersign-subject': 'somebody-else' }),
    ];
    for (const answer of await Promise.all(others)) {
      expect([answer.status, answer.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    }
    expect(gateway.callsReceived()).toBe(before);
  });

  it('is a refusal again when the first was one, without a second inspection’s call', async () => {
    const before = gateway.callsReceived();
    const key = freshKey();
    const attack =
      route.url === '/v1/decisions'
        ? { input: { note: payloads.plain } }
        : { messages: [{ role: 'user', content: payloads.plain }] };
    const first = await send({ ...route, body: attack }, key);
    const again = await send({ ...route, body: attack }, key);
    expect(first.status).toBeGreaterThan(200);
    expect([again.status, again.code, again.decisionId]).toEqual([
      first.status,
      first.code,
      first.decisionId,
    ]);
    expect(gateway.callsReceived()).toBe(before);
  });

  it('does not ask again after an outage', async () => {
    const key = freshKey();
    await gateway.eu.setBehaviour({ mode: 'status', status: 500 });
    const first = await send(route, key);
    expect(first.code).toBe('LAWFUL_ENDPOINTS_FAILED');
    await gateway.eu.setBehaviour({ mode: 'ok' });
    const before = gateway.callsReceived();
    const again = await send(route, key);
    expect([again.status, again.code, again.decisionId]).toEqual([
      first.status,
      first.code,
      first.decisionId,
    ]);
    expect(gateway.callsReceived()).toBe(before);
  });
});

describe('a key', () => {
  it('belongs to its caller: others may use the same', async () => {
    const key = freshKey();
    const [mine, theirs] = [await gateway.keyFor(), await gateway.keyFor({}, 'other-tenant')];
    const before = gateway.callsReceived();
    const headers = { 'idempotency-key': key };
    const [route] = routes;
    if (!route) throw new Error('no route');
    const { url, body, decisionType } = route;
    const first = await gateway.post(url, body, { key: mine, decisionType, headers });
    const second = await gateway.post(url, body, { key: theirs, decisionType, headers });
    expect(second.decisionId).not.toBe(first.decisionId);
    expect(gateway.callsReceived()).toBe(before + 2);
  });

  it('is not kept in plain text', async () => {
    const [route] = routes;
    if (!route) throw new Error('no route');
    const key = 'invoice-of-Jane-Canary';
    await send(route, key);
    for (const cell of gateway.rooms.cells.values()) {
      const rows = await cell.store.query({ text: 'SELECT * FROM idempotency_keys', values: [] });
      expect(JSON.stringify(rows)).not.toContain('Canary');
      for (const row of rows)
        for (const value of Object.values(row as object)) expect(String(value)).not.toContain('Canary');
    }
  });
});
