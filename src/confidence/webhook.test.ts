import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestPostgres, startTestPostgres } from '../../test/support/postgres.ts';
import { type DecisionId, parseDecisionId } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import { retryDelayMs, signWebhook } from './webhook.ts';
import { deliveryInsert } from './webhook-repository.ts';
import { type WebhookPorts, createWebhookWorker } from './webhook-worker.ts';

const secret = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
const oldSecret = Buffer.from('the one it has followed').toString('base64');
const changedAtMs = Date.UTC(2026, 10, 22, 9, 30);

function mintDecisionId(): DecisionId {
  const id = parseDecisionId(uuidV7());
  if (id === null) throw new Error('not a UUIDv7');
  return id;
}

describe('signWebhook', () => {
  const decisionId = mintDecisionId();
  const notice = { decisionId, decisionType: 'credit-application', status: 'decided', changedAtMs } as const;

  it('signs as Standard Webhooks says, also with the secret before', () => {
    const { body, headers } = signWebhook(notice, 'msg_1', [secret, oldSecret], Date.now());
    const expected = {
      type: 'decision.updated',
      timestamp: '2026-11-22T09:30:00.000Z',
      data: { decisionId, decisionType: 'credit-application', status: 'decided' },
    };
    expect(new Webhook(secret).verify(body, headers)).toEqual(expected);
    expect(new Webhook(oldSecret).verify(body, headers)).toEqual(expected);
    expect(() => new Webhook(Buffer.from('another').toString('base64')).verify(body, headers)).toThrow(
      'signature',
    );
    expect(() => new Webhook(secret).verify(body.replace('decided', 'refused'), headers)).toThrow(
      'signature',
    );
    expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow(
      'signature',
    );
  });

  it('gives the signature that the formula of the specification gives', async () => {
    const { createHmac } = await import('node:crypto');
    const { body, headers } = signWebhook(notice, 'msg_1', [oldSecret], 1_700_000_000_999);
    const mac = createHmac('sha256', 'the one it has followed')
      .update(`msg_1.1700000000.${body}`)
      .digest('base64');
    expect(headers).toMatchObject({ 'webhook-timestamp': '1700000000', 'webhook-signature': `v1,${mac}` });
  });

  it('does not send unsigned', () => {
    expect(() => signWebhook(notice, 'msg_1', [], Date.now())).toThrow('no secret');
    expect(() => signWebhook(notice, 'msg_1', ['!'], Date.now())).toThrow();
  });
});

describe('retryDelayMs', () => {
  it('waits longer each time, at most a tenth over the schedule, and ends with the tenth attempt', () => {
    const seconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    seconds.forEach((each, index) => {
      const delayMs = retryDelayMs(index + 1, 'a');
      expect(delayMs).toBeGreaterThanOrEqual(each * 1000);
      expect(delayMs).toBeLessThanOrEqual(each * 1100);
      expect(retryDelayMs(index + 1, 'a')).toBe(delayMs);
    });
    expect(retryDelayMs(10, 'a')).toBeNull();
    expect(new Set(['a', 'b', 'c', 'd'].map((id) => retryDelayMs(5, id))).size).toBe(4);
  });
});

describe('the worker', () => {
  let postgres: TestPostgres;
  let store: Store;
  let address: string;
  let clockMs: number;
  let faults: unknown[];
  const received: { headers: Record<string, string>; body: string }[] = [];
  let answerStatus = 204;
  let onReceived: (() => void) | null = null;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        ),
        body,
      });
      response.writeHead(answerStatus).end();
      onReceived?.();
    });
  });

  beforeAll(async () => {
    postgres = await startTestPostgres();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const bound = server.address();
    address = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}/`;
  });
  afterAll(async () => {
    server.close();
    await postgres.stop();
  });
  beforeEach(async () => {
    store = await postgres.freshStore('eu', { timeoutMs: 10_000 });
    clockMs = Date.now();
    faults = [];
    received.length = 0;
    answerStatus = 204;
  });
  afterEach(() => {
    expect(faults).toEqual([]);
  });

  function worker(ports: Partial<WebhookPorts> = {}) {
    return createWebhookWorker({
      store,
      noticeOf: (decisionId) =>
        Promise.resolve({ decisionId, decisionType: 'credit-application', status: 'in_review', changedAtMs }),
      secretsOf: () => [secret],
      async send({ body, headers }) {
        const response = await fetch(address, { method: 'POST', body, headers });
        return { ok: response.ok, fault: response.ok ? null : `HTTP_${response.status}` };
      },
      nowMs: () => clockMs,
      onFault: (fault) => faults.push(fault),
      ...ports,
    });
  }

  async function enqueue(cell = 'eu'): Promise<{ deliveryId: string; decisionId: DecisionId }> {
    const delivery = {
      deliveryId: uuidV7(),
      decisionId: mintDecisionId(),
      tenant: 'acme',
      endpoint: 'core-banking',
      dueAtMs: clockMs,
    };
    await store.commit({ inserts: [deliveryInsert(cell, delivery)] });
    return delivery;
  }

  async function rowOf(deliveryId: string) {
    const [row] = await store.query<{
      attempts: number;
      wait_ms: number | null;
      delivered: boolean;
      last_fault: string | null;
    }>({
      text: `SELECT attempts, last_fault, delivered_at IS NOT NULL AS delivered,
                    (extract(epoch FROM next_attempt_at) * 1000)::float8 - $2::float8 AS wait_ms
               FROM webhook_deliveries WHERE delivery_id = $1`,
      values: [deliveryId, clockMs],
    });
    return row;
  }

  it('delivers what is due, once, signed over HTTP', async () => {
    const { deliveryId, decisionId } = await enqueue();
    expect(await worker().drainOnce()).toBe(1);
    expect(await worker().drainOnce()).toBe(0);
    expect(received).toHaveLength(1);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      data: { decisionId, status: 'in_review' },
    });
    expect(headers).toMatchObject({ 'webhook-id': deliveryId, 'content-type': 'application/json' });
    expect(await rowOf(deliveryId)).toEqual({
      attempts: 1,
      wait_ms: null,
      delivered: true,
      last_fault: null,
    });
  });

  it('leaves other cells’ deliveries and those not due yet alone', async () => {
    await enqueue('us');
    clockMs += 1000;
    await enqueue();
    clockMs -= 1000;
    expect(await worker().drainOnce()).toBe(0);
  });

  it('tries ten times under the same id, then gives up and keeps the fault', async () => {
    const { deliveryId } = await enqueue();
    answerStatus = 500;
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      expect(await worker().drainOnce()).toBe(1);
      const row = await rowOf(deliveryId);
      expect(row).toMatchObject({ attempts: attempt, delivered: false, last_fault: 'HTTP_500' });
      expect(row?.wait_ms).toBe(retryDelayMs(attempt, deliveryId));
      clockMs += (row?.wait_ms ?? 0) - 1;
      expect(await worker().drainOnce()).toBe(0);
      clockMs += 1;
    }
    clockMs += 100 * 86_400_000;
    expect(await worker().drainOnce()).toBe(0);
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([deliveryId]));
    expect(received).toHaveLength(10);
  });

  it('sends again after its lease what a worker took and never finished', async () => {
    const { deliveryId } = await enqueue();
    await new Promise<void>((sending) => {
      const hanging = worker({
        send() {
          sending();
          return new Promise(() => {});
        },
      });
      void hanging.drainOnce();
    });
    expect(await worker().drainOnce()).toBe(0);
    clockMs += 120_000;
    expect(await worker().drainOnce()).toBe(1);
    expect(await rowOf(deliveryId)).toMatchObject({ attempts: 2, delivered: true });
  });

  it('does not wait for a notice that another worker is just taking, nor take it too', async () => {
    const { deliveryId } = await enqueue();
    await store.transaction(async (query) => {
      await query({
        text: `UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at + interval '2 minutes' WHERE delivery_id = $1`,
        values: [deliveryId],
      });
      expect(await worker().drainOnce()).toBe(0);
    });
    expect(received).toEqual([]);
  });

  it('two workers at once send each notice once', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 60; count += 1) ids.push((await enqueue()).deliveryId);
    const tried = await Promise.all([worker().drainOnce(), worker().drainOnce(), worker().drainOnce()]);
    expect(tried.reduce((sum, each) => sum + each, 0)).toBe(60);
    expect(received).toHaveLength(60);
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(ids));
  });

  it('one notice that fails does not keep the others back', async () => {
    const [bad, gone, good] = [await enqueue(), await enqueue(), await enqueue()];
    const tolerant = worker({
      noticeOf: (decisionId) =>
        decisionId === gone.decisionId
          ? Promise.resolve(null)
          : Promise.resolve({
              decisionId,
              decisionType: decisionId === bad.decisionId ? 'unsigned' : 'credit-application',
              status: 'decided',
              changedAtMs,
            }),
      secretsOf: (_endpoint, decisionType) => (decisionType === 'unsigned' ? [] : [secret]),
    });
    expect(await tolerant.drainOnce()).toBe(3);
    expect(await rowOf(bad.deliveryId)).toMatchObject({ delivered: false, last_fault: 'Error' });
    expect(await rowOf(gone.deliveryId)).toMatchObject({ delivered: false, last_fault: 'DECISION_UNKNOWN' });
    expect(await rowOf(good.deliveryId)).toMatchObject({ delivered: true });
    expect(faults.splice(0)).toMatchObject([{ message: 'no secret to sign a webhook with' }]);
  });

  it('once started delivers by itself, until it is stopped', async () => {
    const running = worker();
    const first = new Promise<void>((resolve) => {
      onReceived = resolve;
    });
    await enqueue();
    running.start();
    running.start();
    await first;
    await running.stop();
    await enqueue();
    await running.stop();
    expect(received).toHaveLength(1);
  });
});
