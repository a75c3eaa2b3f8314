import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { until, verify } from './support/ledger.ts';

let gateway: TestGateway;
let key: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  await until(async () => (await gateway.get('/ledger/eu/checkpoint')).status === 200);
  key = (await gateway.get(`/ledger/eu/${await periodNow()}/log.vkey`)).text.trim();
});
afterAll(() => gateway.stop());

async function periodNow(): Promise<string> {
  const origin = (await gateway.get('/ledger/eu/checkpoint')).text.split('\n')[0] ?? '';
  return origin.split('/').at(-1) ?? '';
}

const decide = (note: string) =>
  gateway.post('/v1/decisions', { input: { note } }, { decisionType: 'claims-triage' });

describe('the ledger over HTTP', () => {
  it('is what the auditor’s program fetches and verifies, every tile of it', async () => {
    for (let i = 0; i < 3; i++) await decide(`claim ${i}`);
    const period = await periodNow();
    const verdict = await verify('ledger', `${gateway.url}/ledger/eu/${period}`, '--key', key);
    expect(verdict).toMatchObject({ holds: true });
    const checkpoint = await gateway.get(`/ledger/eu/${period}/checkpoint`);
    expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(checkpoint.headers.get('cache-control')).toBe('no-cache');
    const size = Number(checkpoint.text.split('\n')[1]);
    const tile = await gateway.get(`/ledger/eu/${period}/tile/0/000.p/${size}`);
    expect(tile.headers.get('content-type')).toBe('application/octet-stream');
    expect(tile.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await gateway.get(`/ledger/eu/tile/entries/000.p/${size}`)).status).toBe(200);
  });

  it.each([
    '/ledger/nowhere/checkpoint',
    '/ledger/eu/1999h1/checkpoint',
    '/ledger/eu/1999h1/log.vkey',
    '/ledger/eu/%27%20OR%201/checkpoint',
    '/ledger/eu/tile/0/000',
    '/ledger/eu/tile/0/999',
    '/ledger/eu/tile/9/000.p/1',
    '/ledger/eu/tile/0/000.p/0',
    '/ledger/eu/tile/0/0',
    '/ledger/eu/tile/entries/x000/000',
    '/ledger/eu/tile/..%2fcheckpoint',
  ])('has no %s', async (path) => {
    const answer = await gateway.get(path);
    expect(answer.status).toBe(404);
    expect(['LEDGER_UNKNOWN', 'ROUTE_UNKNOWN']).toContain(answer.code);
  });

  it('takes no other method', async () => {
    const answer = await gateway.post('/ledger/eu/tile/0/000.p/1', {});
    expect([answer.status, answer.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });
});

describe('a decision', () => {
  it('carries a promise that is kept, and has a receipt for each of its entries', async () => {
    const answer = await decide('The roof was damaged by hail.');
    expect([200, 202]).toContain(answer.status);
    const promise = answer.headers.get('countersign-promise') ?? '';
    const path = `/v1/decisions/${answer.decisionId}/receipt`;
    const first = await gateway.get(path);
    if (first.status === 202) {
      expect(first.headers.get('retry-after')).toBe('1');
      expect(first.body).toMatchObject({ decisionId: answer.decisionId, status: 'promised' });
    }
    await until(async () => (await gateway.get(path)).status === 200);
    const ledger = `${gateway.url}/ledger/eu/${await periodNow()}`;
    expect(await verify('promise', promise, '--key', key, '--ledger', ledger)).toMatchObject({ holds: true });
    const story = await gateway.story(answer.decisionId);
    const file = join(gateway.folder, 'receipt');
    for (const { header } of story?.entries ?? []) {
      const receipt = await gateway.get(`${path}?entry=${header.entryId}`);
      expect(receipt.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      await writeFile(file, receipt.text);
      expect(await verify('inclusion', file, '--key', key)).toMatchObject({ holds: true });
    }
  });

  it('shows its receipt to auditors whose grants cover it, and to nobody else', async () => {
    const { decisionId } = await decide('Another claim.');
    const path = `/v1/decisions/${decisionId}/receipt`;
    const as = async (grants: Parameters<TestGateway['keyFor']>[0], tenant?: string) =>
      (await gateway.get(path, { key: await gateway.keyFor(grants, tenant) })).code;
    expect(await as({ roles: ['caller'] })).toBe('ROLE_MISSING');
    expect(await as({ roles: ['auditor'], jurisdictions: ['US'] })).toBe('DECISION_UNKNOWN');
    expect(await as({ roles: ['auditor'] }, 'other')).toBe('DECISION_UNKNOWN');
    expect((await gateway.get(`${path}?entry=${decisionId}`)).code).toBe('DECISION_UNKNOWN');
  });

  it('carries a promise on the drop-in route, too', async () => {
    const answer = await gateway.post(
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: 'What is my balance?' }] },
      { decisionType: 'chat-test' },
    );
    expect(answer.headers.get('countersign-promise')).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });
});

it('is for auditors only where the configuration says so', async () => {
  const closed = await startTestGateway({ ledger: { public: false } });
  try {
    await until(async () => (await closed.get('/ledger/eu/checkpoint')).status === 200);
    const anybody = await fetch(`${closed.url}/ledger/eu/checkpoint`);
    expect([anybody.status, ((await anybody.json()) as { code: string }).code]).toEqual([401, 'KEY_MISSING']);
    const caller = { key: await closed.keyFor({ roles: ['caller'] }) };
    expect((await closed.get('/ledger/eu/checkpoint', caller)).code).toBe('ROLE_MISSING');
    const auditor = { key: await closed.keyFor({ roles: ['auditor'] }) };
    expect((await closed.get('/ledger/eu/checkpoint', auditor)).status).toBe(200);
  } finally {
    await closed.stop();
  }
});

it('exports what the leader knows of its ledgers', async () => {
  const { text } = await gateway.get('/metrics');
  for (const name of ['size', 'unsequenced_seconds', 'checkpoint_age_seconds', 'inconsistent']) {
    expect(text).toMatch(new RegExp(`^countersign_ledger_${name}\\{cell="eu"\\} \\d`, 'm'));
  }
});
