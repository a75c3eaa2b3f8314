import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorCode, errorTable } from '../src/decision/errors.ts';
import { type TestGateway, errorOf, startTestGateway } from './support/gateway.ts';
import { framingCases } from './support/malformed/framing-cases.ts';
import { addressCases, headerCases } from './support/malformed/header-cases.ts';
import { jsonCases } from './support/malformed/json-cases.ts';
import { multipartCases } from './support/malformed/multipart-cases.ts';
import { type Malformed, canaries, decisions } from './support/malformed/request.ts';
import { shapeCases } from './support/malformed/shape-cases.ts';
import { bombCases, sizeCases } from './support/malformed/size-cases.ts';
import { benign } from './support/payloads.ts';
import { exchange } from './support/raw-http.ts';

/*
 * More than two hundred ways to send something that is no request. Each gets a 4xx with a code of the
 * error table and a sentence, the process goes on, and nothing personal is logged or told.
 */

let gateway: TestGateway;
let key: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  key = await gateway.keyFor();
});
afterAll(() => gateway.stop());

const all = [
  ...jsonCases,
  ...shapeCases,
  ...multipartCases,
  ...headerCases,
  ...addressCases,
  ...framingCases,
  ...sizeCases,
];

describe('a malformed request', () => {
  it('is made in more than two hundred ways, each its own', () => {
    const names = [...all, ...bombCases].map(({ name }) => name);
    expect(names.length).toBeGreaterThan(200);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(all)('gets a code and a sentence: $name', (malformed) => expectHelp(malformed));

  it('gets a code and a sentence when it is a PDF that is dear to read, or broken', async () => {
    // All at once: those that are dear are given up only after their time.
    await Promise.all(bombCases.map(expectHelp));
  }, 90_000);
});

async function expectHelp({ name, parts, codes, end = false }: Malformed): Promise<void> {
  const answer = await exchange(gateway.url, parts({ url: gateway.url, key }), { end });
  const { code, sentence } = errorOf(answer.body);
  expect(Object.keys(errorTable), `${name} ${answer.head}`).toContain(code);
  expect(answer.status).toBe(errorTable[code as ErrorCode][0]);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status, name).toBeLessThan(500);
  expect((sentence ?? '').length).toBeGreaterThan(20);
  if (codes) expect(codes, name).toContain(code);
  for (const canary of canaries) expect(answer.head + answer.text).not.toContain(canary);
}

describe('afterwards', () => {
  it('no request has reached a model', () => {
    expect(gateway.callsReceived()).toBe(0);
  });

  it('the process is well, and good requests are answered', async () => {
    expect((await gateway.get('/healthz')).status).toBe(200);
    expect((await gateway.get('/readyz')).status).toBe(200);
    const answer = await gateway.post(
      decisions,
      { input: { note: benign } },
      { decisionType: 'claims-triage' },
    );
    expect([200, 202]).toContain(answer.status);
    expect(gateway.callsReceived()).toBe(1);
  });

  it('nothing personal is in the log, in the database’s log or in the metrics', async () => {
    const metrics = (await gateway.get('/metrics')).text;
    const written = [...gateway.logLines, await gateway.databaseLog(), metrics].join('\n');
    for (const canary of canaries) expect(written).not.toContain(canary);
    expect(written).toContain('countersign_requests_total');
  });

  it('no request has failed inside the gateway', () => {
    // So many bad requests of one caller do raise alerts, which are logged as errors are.
    const expected = ['"kind":"label-refused"', '"kind":"probing"'];
    const errors = gateway.logLines.filter((line) => line.includes('"error"'));
    expect(errors.filter((line) => !expected.some((kind) => line.includes(kind)))).toEqual([]);
  });
});
