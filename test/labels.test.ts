import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorTable } from '../src/decision/errors.ts';
import type { Grants } from '../src/gateway/caller.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { exchange, rawRequest } from './support/raw-http.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const secret = 'Jane Canary, born 1990-01-01';

interface Case {
  readonly name: string;
  readonly grants?: Partial<Grants>;
  /** A header set to null is not sent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly code: keyof typeof errorTable;
}

const jurisdiction = 'countersign-jurisdiction';
const dataClass = 'countersign-data-class';
const decisionType = 'countersign-decision-type';

const cases: readonly Case[] = [
  { name: 'no jurisdiction, and two granted', headers: { [jurisdiction]: null }, code: 'LABEL_MISSING' },
  {
    name: 'no jurisdiction, and none granted',
    grants: { jurisdictions: [] },
    headers: { [jurisdiction]: null },
    code: 'LABEL_MISSING',
  },
  { name: 'a jurisdiction that does not exist', headers: { [jurisdiction]: 'XX' }, code: 'LABEL_CONFLICT' },
  { name: 'a country in place of a jurisdiction', headers: { [jurisdiction]: 'DE' }, code: 'LABEL_CONFLICT' },
  { name: 'two jurisdictions in one header', headers: { [jurisdiction]: 'EU, US' }, code: 'LABEL_CONFLICT' },
  { name: 'a jurisdiction in other letters', headers: { [jurisdiction]: 'eu' }, code: 'LABEL_CONFLICT' },
  {
    name: 'a jurisdiction not granted',
    grants: { jurisdictions: ['EU'] },
    headers: { [jurisdiction]: 'US' },
    code: 'LABEL_UNGRANTED',
  },
  { name: 'a data class that does not exist', headers: { [dataClass]: 'secret' }, code: 'LABEL_CONFLICT' },
  { name: 'a data class below the type’s own', headers: { [dataClass]: 'public' }, code: 'LABEL_CONFLICT' },
  {
    name: 'a data class not granted',
    grants: { dataClasses: ['personal'] },
    headers: { [dataClass]: 'special-category' },
    code: 'LABEL_UNGRANTED',
  },
  {
    name: 'a type whose data class is not granted',
    grants: { dataClasses: ['public'] },
    code: 'LABEL_UNGRANTED',
  },
  {
    name: 'no decision type, and several granted',
    headers: { [decisionType]: null },
    code: 'DECISION_TYPE_MISSING',
  },
  {
    name: 'a decision type not granted',
    grants: { decisionTypes: ['claims-triage'] },
    code: 'LABEL_UNGRANTED',
  },
  {
    name: 'a decision type that does not exist',
    grants: { decisionTypes: ['ghost'] },
    headers: { [decisionType]: 'ghost' },
    code: 'DECISION_TYPE_UNKNOWN',
  },
  {
    name: 'one decision type in the header and another in the body',
    body: { decisionType: 'claims-triage' },
    code: 'LABEL_CONFLICT',
  },
  {
    name: 'a jurisdiction that cannot be read',
    headers: { [jurisdiction]: 'E\u00dc' },
    code: 'HEADER_INVALID',
  },
  { name: 'an empty jurisdiction', headers: { [jurisdiction]: '' }, code: 'HEADER_INVALID' },
];

describe('a request is refused, counted and recorded without payload for', () => {
  it.each(cases)('$name: $code', async ({ grants, headers = {}, body = {}, code }) => {
    const key = await gateway.keyFor({ jurisdictions: ['EU', 'US'], ...grants });
    const before = await counted(code);
    const sent = { [jurisdiction]: 'EU', [decisionType]: 'credit-application', ...headers };
    const answer = await post(
      JSON.stringify({ input: { note: secret }, ...body }),
      key,
      Object.entries(sent),
    );
    expect([answer.status, answer.body['code']]).toEqual([errorTable[code][0], code]);
    expect(gateway.callsReceived()).toBe(0);
    expect(await counted(code)).toBe(before + 1);
    if (grants?.jurisdictions?.length !== 0) await expectRecorded(answer.body['decisionId'], code);
  });

  it.each([jurisdiction, dataClass, decisionType, 'countersign-subject', 'idempotency-key', 'authorization'])(
    'a second %s header, the same or another',
    async (name) => {
      const key = await gateway.keyFor();
      const values: Record<string, string> = {
        [jurisdiction]: 'EU',
        [dataClass]: 'personal',
        [decisionType]: 'credit-application',
        'countersign-subject': 's-1',
        'idempotency-key': 'k-1',
        authorization: `Bearer ${key}`,
      };
      const value = values[name] ?? '';
      for (const [second, spelled] of [
        [value, name],
        ['US', name.toUpperCase()],
      ] as const) {
        const before = await counted('HEADER_DUPLICATE');
        const headers = Object.entries(values).filter(([other]) => other !== 'authorization');
        const answer = await post(JSON.stringify({ input: { note: secret } }), key, [
          ...headers,
          [spelled, second],
        ]);
        expect([answer.status, answer.body['code'], answer.body['header']]).toEqual([
          400,
          'HEADER_DUPLICATE',
          name,
        ]);
        expect(await counted('HEADER_DUPLICATE')).toBe(before + 1);
        await expectRecorded(answer.body['decisionId'], 'HEADER_DUPLICATE');
      }
      expect(gateway.callsReceived()).toBe(0);
    },
  );

  it('and nothing of the request is in the log, in the metrics or in the answer', async () => {
    const metrics = (await gateway.get('/metrics')).text;
    expect([...gateway.logLines, metrics, await gateway.databaseLog()].join('\n')).not.toContain('Canary');
  });
});

describe('a request is let through', () => {
  it('with the only jurisdiction, class and type that were granted, and no header', async () => {
    const grants = { jurisdictions: ['EU'], decisionTypes: ['credit-application'] };
    const answer = await post(
      JSON.stringify({ input: { note: 'A loan.' } }),
      await gateway.keyFor(grants),
      [],
    );
    expect([200, 202]).toContain(answer.status);
    expect(gateway.eu.requests()).toHaveLength(1);
  });
});

/** Sends exactly these headers, in this order, on a connection of its own. */
async function post(body: string, key: string, headers: readonly (readonly [string, string | null])[]) {
  const sent = headers.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  const own = [
    ['content-type', 'application/json'],
    ['authorization', `Bearer ${key}`],
  ] as const;
  const answer = await exchange(
    gateway.url,
    rawRequest(gateway.url, 'POST /v1/decisions', [...own, ...sent], body),
  );
  expect(answer.head + answer.text).not.toContain('Canary');
  return answer;
}

async function counted(code: string): Promise<number> {
  const { text } = await gateway.get('/metrics');
  return text
    .split('\n')
    .filter((line) => line.startsWith('countersign_label_refusals_total{') && line.includes(`code="${code}"`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

async function expectRecorded(decisionId: unknown, code: string): Promise<void> {
  const story = await gateway.story(String(decisionId));
  expect(story?.intact).toBe(true);
  expect(story?.entries).toHaveLength(1);
  const entry = story?.entries[0];
  expect(entry?.header.type).toBe('refusal');
  expect(entry?.header.payload).toBeNull();
  expect(entry?.payload).toBeNull();
  expect(entry?.header).toMatchObject({ jurisdiction: null, dataClass: null, decisionType: null });
  expect(entry?.header.facts).toMatchObject({ kind: 'refusal', code });
}
