import { createServer as createTlsServer } from 'node:https';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { digestOf } from '../decision/canonical.ts';
import { InvariantError } from '../decision/errors.ts';
import type { Label } from '../decision/label.ts';
import type { CommittedIntent, LawfulEndpoint } from '../decision/passage.ts';
import { createEgressCounter } from './egress-counter.ts';
import { createEgress, type Egress, type EgressOptions, type SendRequest } from './egress.ts';
import { createLawfulFilter } from './lawful.ts';
import { endpointFixture, july2026Ms, labelFixture, policyFixture } from './policy-fixture.ts';
import type { Endpoint } from './policy.ts';

const body = Buffer.from('{"model":"scorecard"}');
const later = july2026Ms + 5_000;
/** For localhost, made for this test; worth nothing anywhere else. */
const selfSigned = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjicEGWgVPU9+y7xq
D3UoktCSst+x9ZSBeOn4q1p3JxuhRANCAAR0U3XHb0km1Z2vey7Vgze6bZHcyIS4
SYsrBH7cYGZLACaik5It6dgipypP+S3ci29oYhBgKj9qKd3U/TX1EDDN
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUMDV4hmeeecuAcm75F2NkpD1OQR0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE2NTIzM1oYDzIxMjYxMDI5
MTY1MjMzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAR0U3XHb0km1Z2vey7Vgze6bZHcyIS4SYsrBH7cYGZLACaik5It6dgi
pypP+S3ci29oYhBgKj9qKd3U/TX1EDDNo28wbTAdBgNVHQ4EFgQUowu/7HToBA+c
FIyhiOz7R5qjJDYwHwYDVR0jBBgwFoAUowu/7HToBA+cFIyhiOz7R5qjJDYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgL2d7RbBUuCYxDaAh+2NOLithnK4rKwc7qtBUpJ4KxiYCIQDf
OMU9EVLK94xAXNRXXdd2u3jTL1Lx9KVrtVq6zJONfw==
-----END CERTIFICATE-----`;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function listen(server: Server | TcpServer): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** A real HTTP server that remembers what reached it. */
async function upstream(answer: RequestListener) {
  const seen: { path: string; headers: IncomingMessage['headers']; body: string }[] = [];
  let connectionCount = 0;
  const url = await listen(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        });
        answer(request, response);
      });
    }).on('connection', () => {
      connectionCount += 1;
    }),
  );
  return { url, seen, connectionCount: () => connectionCount };
}

/** A TCP server that answers every request with the same bytes, valid HTTP or not. */
async function rawUpstream(answer: (socket: Socket) => void) {
  const seen: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      seen.push(chunk.toString());
      answer(socket);
    });
  });
  return { url: await listen(server), seen };
}

const committed = new WeakSet<object>();
function intentFor(
  endpointId: string,
  requestDigest: string = digestOf(body),
  label: Label = labelFixture(),
): CommittedIntent {
  const { jurisdiction, others = [], dataClass, cell } = label;
  const callId = '01939a5e-0000-7000-8000-000000000000';
  const facts = {
    endpointId,
    requestDigest,
    callId,
    entryId: 'e',
    jurisdiction,
    dataClass,
    cell,
    others,
  };
  const intent: CommittedIntent = JSON.parse(JSON.stringify(facts));
  committed.add(intent);
  return intent;
}

function setUp(url: string, changes: Partial<Endpoint> = {}, options: Partial<EgressOptions> = {}) {
  const clock = { nowMs: july2026Ms };
  const policy = policyFixture({
    endpoints: [endpointFixture({ id: 'eu-1', url: `${url}/v1`, ...changes })],
  });
  const filter = createLawfulFilter(policy);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-egress-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const faults: string[] = [];
  const counter = createEgressCounter({
    folder,
    nowMs: () => clock.nowMs,
    onFault: (cell, fault) => faults.push(`${cell} ${fault}`),
  });
  const egress = createEgress({
    counter,
    endpoints: policy.endpoints,
    resolveCredential: (reference) => `secret of ${reference}`,
    isLawful: (candidate) => filter.isLawful(candidate),
    isCommitted: (candidate) =>
      typeof candidate === 'object' && candidate !== null && committed.has(candidate),
    nowMs: () => clock.nowMs,
    ...options,
  });
  cleanups.push(() => egress.close());
  const verdict = filter.lawful({
    label: labelFixture(),
    purpose: changes.purposes?.[0] ?? 'inference',
    nowMs: july2026Ms,
  });
  if (verdict.kind !== 'pass') throw new Error('the fixture has no lawful endpoint');
  const [endpoint] = verdict.endpoints;
  const request = (more: Partial<SendRequest> = {}): SendRequest => ({
    endpoint,
    intent: intentFor('eu-1'),
    body,
    path: '/chat/completions',
    headers: { 'content-type': 'application/json' },
    deadlineMs: later,
    ...more,
  });
  const send = (more: Partial<SendRequest> = {}) => egress.send(request(more));
  return { clock, filter, egress, endpoint, request, send, folder, faults };
}

describe('a good day', () => {
  it('sends exactly the committed bytes to the endpoint’s path, with its credential, and returns exactly what came', async () => {
    const { url, seen } = await upstream((_request, response) => {
      response.setHeader('x-request-id', 'req_1');
      response.setHeader('set-cookie', 'tracking=1');
      response.setHeader('content-type', 'application/json');
      response.write('{"answer"');
      setImmediate(() => response.end(':42}'));
    });
    const { send } = setUp(url, { credential: 'env:EU_KEY' });
    const result = await send();
    expect(result).toEqual({
      kind: 'answer',
      httpStatus: 200,
      body: Buffer.from('{"answer":42}'),
      headers: { 'content-type': 'application/json' },
      providerRequestId: 'req_1',
      upstreamMs: expect.any(Number),
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ path: '/v1/chat/completions', body: body.toString() });
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer secret of env:EU_KEY',
      'accept-encoding': 'identity',
    });
  });

  it.each([400, 401, 429, 500, 503])('hands over a %i as an answer with its body', async (status) => {
    const { url } = await upstream((_request, response) => {
      response.writeHead(status, { 'retry-after': '7' });
      response.end('{"error":"x"}');
    });
    expect(await setUp(url).send()).toMatchObject({
      kind: 'answer',
      httpStatus: status,
      body: Buffer.from('{"error":"x"}'),
      headers: { 'retry-after': '7' },
    });
  });

  it('sends no credential where there is none', async () => {
    const { url, seen } = await upstream((_request, response) => response.end());
    await setUp(url).send();
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it('takes no request id that could hide text', async () => {
    const { url } = await upstream((_request, response) => {
      response.setHeader('x-request-id', 'Jane Doe, born 1980');
      response.end();
    });
    expect(await setUp(url).send()).toMatchObject({ kind: 'answer', providerRequestId: null });
  });

  it('ignores a proxy named in the environment', async () => {
    const proxy = await upstream((_request, response) => response.end());
    const { url, seen } = await upstream((_request, response) => response.end());
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : proxy.url;
    cleanups.push(() => {
      names.forEach((name, n) => {
        const value = before[n];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      });
    });
    await setUp(url).send();
    expect([proxy.seen.length, seen.length]).toEqual([0, 1]);
  });
});

describe('a bad day is a fault, and one request at most', () => {
  it.each([301, 302, 303, 307, 308])('does not follow a %i to another host', async (status) => {
    const other = await upstream((_request, response) => response.end('{}'));
    const { url, seen } = await upstream((_request, response) => {
      response.writeHead(status, { location: `${other.url}/v1/chat/completions` });
      response.end();
    });
    expect(await setUp(url).send()).toMatchObject({ kind: 'fault', fault: 'REDIRECT', sent: true });
    expect([seen.length, other.seen.length]).toEqual([1, 0]);
  });

  it('refused connection', async () => {
    const { send } = setUp('http://127.0.0.1:1', { connections: 1 });
    const results = await Promise.all([send(), send(), send()]);
    for (const result of results)
      expect(result).toMatchObject({ kind: 'fault', fault: 'ECONNREFUSED', sent: false });
  });

  it('a certificate that no authority vouches for, whatever the environment says', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    cleanups.push(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    let count = 0;
    const server = createTlsServer({ key: selfSigned, cert: selfSigned }, (_request, response) => {
      count += 1;
      response.end();
    });
    const { port } = new URL(await listen(server));
    const { send } = setUp(`https://localhost:${port}`);
    expect(await send()).toMatchObject({ kind: 'fault', fault: 'DEPTH_ZERO_SELF_SIGNED_CERT', sent: false });
    expect(count).toBe(0);
  });

  it('unresolvable name', async () => {
    const { send } = setUp('http://127.0.0.1:1', { url: 'https://eu.invalid/v1' });
    const result = await send();
    expect(result).toMatchObject({ kind: 'fault', sent: false });
    expect(result.kind === 'fault' && result.fault).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  it('reset before any answer, and after a kept-alive one', async () => {
    let count = 0;
    const { url, seen } = await rawUpstream((socket) => {
      count += 1;
      if (count === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.resetAndDestroy();
    });
    const { send } = setUp(url, { connections: 1 });
    expect(await send()).toMatchObject({ kind: 'answer', body: Buffer.from('ok') });
    expect(await send()).toMatchObject({ kind: 'fault', fault: 'ECONNRESET', sent: true });
    expect(seen).toHaveLength(2);
  });

  it('reset in the middle of the body', async () => {
    const { url, seen } = await rawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half"', () => socket.resetAndDestroy());
    });
    expect(await setUp(url).send()).toMatchObject({ kind: 'fault', sent: true });
    expect(seen).toHaveLength(1);
  });

  it('an end in the middle of the body', async () => {
    const { url, seen } = await rawUpstream((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half"');
    });
    expect(await setUp(url).send()).toMatchObject({ kind: 'fault', sent: true });
    expect(seen).toHaveLength(1);
  });

  it('garbage', async () => {
    const { url, seen } = await rawUpstream((socket) => socket.end('\u0000\u0001 not HTTP at all\r\n\r\n'));
    expect(await setUp(url).send()).toMatchObject({ kind: 'fault', fault: 'NOT_HTTP', sent: true });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['headers', ''],
    ['body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half"'],
  ])('a hang before the %s ends', async (_name, beginning) => {
    const { url, seen } = await rawUpstream((socket) => socket.write(beginning));
    expect(await setUp(url, { timeoutMs: 150 }).send()).toMatchObject({
      kind: 'fault',
      fault: 'TIMEOUT',
      sent: true,
    });
    expect(await setUp(url).send({ deadlineMs: july2026Ms + 150 })).toMatchObject({
      kind: 'fault',
      fault: 'TIMEOUT',
    });
    expect(seen).toHaveLength(2);
  });

  it.each<[string, RequestListener]>([
    ['announced', (_request, response) => response.end(Buffer.alloc(2_000))],
    [
      'in pieces',
      (_request, response) => {
        response.write(Buffer.alloc(900));
        setImmediate(() => response.end(Buffer.alloc(900)));
      },
    ],
  ])('an answer too large, %s', async (_name, answer) => {
    const { url } = await upstream(answer);
    const { send } = setUp(url, {}, { responseBytesMax: 1_000 });
    expect(await send()).toMatchObject({ kind: 'fault', fault: 'TOO_LARGE', sent: true });
  });

  it('an encoding that nobody asked for', async () => {
    const { url } = await upstream((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('{}'));
    });
    expect(await setUp(url).send()).toMatchObject({ kind: 'fault', fault: 'CONTENT_ENCODED' });
  });

  it('an abort by the caller, before and while waiting', async () => {
    const { url, seen } = await upstream(() => undefined);
    const { send } = setUp(url);
    expect(await send({ signal: AbortSignal.abort() })).toMatchObject({ fault: 'ABORTED', sent: false });
    const controller = new AbortController();
    const waiting = send({ signal: controller.signal });
    await expect.poll(() => seen.length).toBe(1);
    controller.abort();
    expect(await waiting).toMatchObject({ kind: 'fault', fault: 'ABORTED', sent: true });
  });

  it('a deadline that has passed', async () => {
    const { url, seen } = await upstream((_request, response) => response.end());
    expect(await setUp(url).send({ deadlineMs: july2026Ms })).toMatchObject({
      fault: 'DEADLINE',
      sent: false,
    });
    expect(seen).toHaveLength(0);
  });

  it('a closed egress', async () => {
    const { url, seen } = await upstream((_request, response) => response.end());
    const { egress, send } = setUp(url);
    await egress.close();
    cleanups.pop();
    expect(await send()).toMatchObject({ kind: 'fault', fault: 'CLOSED', sent: false });
    expect(seen).toHaveLength(0);
  });
});

describe('lawfulness at the moment of sending', () => {
  it('is gone when a mechanism ended between filter and send', async () => {
    const { url, connectionCount } = await upstream((_request, response) => response.end());
    const { clock, endpoint, send } = setUp(url);
    clock.nowMs = endpoint.validUntilMs;
    expect(await send({ deadlineMs: clock.nowMs + 5_000 })).toMatchObject({
      kind: 'fault',
      fault: 'EXPIRED',
      sent: false,
    });
    expect(connectionCount()).toBe(0);
  });

  it('is gone when it ended while the request waited for a socket', async () => {
    let release: (() => void) | undefined;
    const { url, seen } = await upstream((_request, response) => {
      release = () => response.end();
    });
    const { clock, endpoint, send } = setUp(url, { connections: 1 });
    const first = send({ deadlineMs: Number.POSITIVE_INFINITY });
    const second = send({ deadlineMs: Number.POSITIVE_INFINITY });
    await expect.poll(() => seen.length).toBe(1);
    clock.nowMs = endpoint.validUntilMs;
    release?.();
    expect(await first).toMatchObject({ kind: 'answer' });
    expect(await second).toMatchObject({ kind: 'fault', fault: 'EXPIRED', sent: false });
    expect(seen).toHaveLength(1);
  });
});

async function expectRefused(egress: Egress, request: SendRequest, message: string) {
  const sending = egress.send(request);
  await expect(sending).rejects.toThrow(InvariantError);
  await expect(sending).rejects.toThrow(message);
}

describe('what egress does not believe', () => {
  it('does not compile without the stations before it', async () => {
    const { url, seen } = await upstream((_request, response) => response.end());
    const { egress, request } = setUp(url);
    const { endpoint, intent, ...rest } = request();
    const plainEndpoint = { id: 'eu-1', modelId: 'scorecard', modelVersion: '1', validUntilMs: later };
    const plainIntent = { endpointId: 'eu-1', requestDigest: digestOf(body) };
    // @ts-expect-error a plain object is no LawfulEndpoint
    await expect(egress.send({ ...rest, intent, endpoint: plainEndpoint })).rejects.toThrow(InvariantError);
    // @ts-expect-error a plain object is no CommittedIntent
    await expect(egress.send({ ...rest, endpoint, intent: plainIntent })).rejects.toThrow(InvariantError);
    // @ts-expect-error an endpoint without an intent is not enough
    await expect(egress.send({ ...rest, endpoint })).rejects.toThrow(InvariantError);
    expect(seen).toHaveLength(0);
  });

  it('a forged endpoint, even a copy of a genuine one', async () => {
    const { url, seen } = await upstream((_request, response) => response.end());
    const { egress, request, endpoint } = setUp(url);
    const copied = 'an endpoint that the lawful filter did not return';
    const parsed: LawfulEndpoint = JSON.parse(JSON.stringify(endpoint));
    await expectRefused(egress, request({ endpoint: parsed }), copied);
    await expectRefused(egress, request({ endpoint: { ...endpoint } }), copied);
    expect(seen).toHaveLength(0);
  });

  it('a forged, reused or unfitting intent, or other bytes', async () => {
    const { url, seen } = await upstream((_request, response) => response.end());
    const { egress, request } = setUp(url);
    const copy: CommittedIntent = JSON.parse(JSON.stringify(intentFor('eu-1')));
    await expectRefused(egress, request({ intent: copy }), 'did not commit');
    await expectRefused(egress, request({ intent: intentFor('us-1') }), 'for another endpoint');
    const american = intentFor('eu-1', digestOf(body), labelFixture({ jurisdiction: 'US' }));
    await expectRefused(egress, request({ intent: american }), 'lawful for other data');
    const alsoBritish = intentFor('eu-1', digestOf(body), labelFixture({ others: ['UK'] }));
    await expectRefused(egress, request({ intent: alsoBritish }), 'lawful for other data');
    await expectRefused(egress, request({ body: Buffer.from('{"model":"other"}') }), 'a body other than');
    expect(seen).toHaveLength(0);
    const intent = intentFor('eu-1');
    expect(await egress.send(request({ intent }))).toMatchObject({ kind: 'answer' });
    await expectRefused(egress, request({ intent }), 'used before');
    expect(seen).toHaveLength(1);
  });

  it('an intent that was spent on a fault', async () => {
    const { egress, request } = setUp('http://127.0.0.1:1');
    const intent = intentFor('eu-1');
    expect(await egress.send(request({ intent }))).toMatchObject({ fault: 'ECONNREFUSED' });
    await expectRefused(egress, request({ intent }), 'used before');
  });

  it.each(['Host', 'authorization', 'transfer-encoding', 'proxy-authorization', 'X-Api-Key'])(
    'a caller’s %s header',
    async (name) => {
      const { url, seen } = await upstream((_request, response) => response.end());
      const { egress, request } = setUp(url);
      await expectRefused(egress, request({ headers: { [name]: 'us.example.com' } }), 'only egress may set');
      expect(seen).toHaveLength(0);
    },
  );

  it.each([
    '',
    'x',
    '//us.example.com',
    '/../admin',
    '/a/../../admin',
    '/a b',
    '/a?b=c',
    '/%2e%2e/admin',
    'http://us.example.com/',
  ])('the path "%s"', async (path) => {
    const { url, seen } = await upstream((_request, response) => response.end());
    const { egress, request } = setUp(url);
    await expectRefused(egress, request({ path }), 'a path that leaves its endpoint');
    expect(seen).toHaveLength(0);
  });
});

describe('the egress counter', () => {
  const cellOf = (folder: string) => join(folder, labelFixture().cell);
  const linesIn = (folder: string) =>
    readdirSync(cellOf(folder)).flatMap((name) =>
      readFileSync(join(cellOf(folder), name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    );

  it('has the line of a call before the call arrives, and what came of it afterwards', async () => {
    const atArrival: unknown[] = [];
    const { url } = await upstream((_request, response) => {
      atArrival.push(...linesIn(folder));
      response.setHeader('x-request-id', 'req_1');
      response.end('{}');
    });
    const { folder, send, endpoint } = setUp(url);
    const { callId } = intentFor('eu-1');
    await send();
    const at = new Date(july2026Ms).toISOString();
    const model = endpoint.modelId;
    const out = { at, callId, cell: labelFixture().cell, endpoint: 'eu-1', event: 'out', model };
    expect(atArrival).toEqual([out]);
    const back = { at, callId, event: 'in', providerRequestId: 'req_1', httpStatus: 200 };
    expect(linesIn(folder)).toEqual([out, back]);
    expect(readdirSync(cellOf(folder))).toEqual(['2024-12-06.ndjson']);
  });

  it('counts nothing that did not leave', async () => {
    const { send, folder } = setUp('http://127.0.0.1:1');
    expect(await send()).toMatchObject({ fault: 'ECONNREFUSED', sent: false });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stops a call that it cannot write down, and lets calls pass again when it can', async () => {
    const { url, seen } = await upstream((_request, response) => response.end('{}'));
    const { send, folder, faults } = setUp(url);
    writeFileSync(cellOf(folder), 'a file where the folder should be');
    expect(await send()).toMatchObject({ kind: 'fault', fault: 'COUNTER_FAILED', sent: false });
    expect(seen).toHaveLength(0);
    expect(faults).toEqual([`${labelFixture().cell} EEXIST`]);
    rmSync(cellOf(folder));
    expect(await send()).toMatchObject({ kind: 'answer' });
    expect(linesIn(folder)).toHaveLength(2);
  });

  it('begins a new file within a second when somebody has taken the old one away', async () => {
    const { url } = await upstream((_request, response) => response.end('{}'));
    const { send, folder, clock } = setUp(url);
    await send({ deadlineMs: Number.POSITIVE_INFINITY });
    rmSync(cellOf(folder), { recursive: true });
    clock.nowMs += 1_000;
    await send({ deadlineMs: Number.POSITIVE_INFINITY });
    expect(linesIn(folder)).toHaveLength(2);
  });
});

describe('notify', () => {
  const notice = { body, headers: { 'webhook-id': 'msg_1' }, deadlineMs: later };

  it('posts to the URL of a webhook endpoint', async () => {
    const { url, seen } = await upstream((_request, response) => response.end());
    const { egress, endpoint } = setUp(url, { dialect: 'webhook', purposes: ['webhook'], models: [] });
    expect(await egress.notify({ ...notice, endpoint })).toMatchObject({ kind: 'answer', httpStatus: 200 });
    expect(seen).toMatchObject([{ path: '/v1', headers: { 'webhook-id': 'msg_1' }, body: body.toString() }]);
  });

  it('is no way to a model without an intent', async () => {
    const { url, seen } = await upstream((_request, response) => response.end());
    const { egress, endpoint } = setUp(url);
    await expect(egress.notify({ ...notice, endpoint })).rejects.toThrow('not lawful as a webhook');
    await expect(egress.notify({ ...notice, endpoint: { ...endpoint, purpose: 'webhook' } })).rejects.toThrow(
      'did not return',
    );
    expect(seen).toHaveLength(0);
  });
});
