import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Share } from '../src/residency/report/shares.ts';
import { sharesOf } from '../src/residency/report/shares.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ endpointTimeoutMs: 2_000 });
  const chat = { model: 'scorecard', messages: [{ role: 'user', content: 'Is the office open on Monday?' }] };
  const ask = (jurisdiction: string) =>
    gateway.post('/v1/chat/completions', chat, {
      decisionType: 'chat-test',
      headers: { 'countersign-jurisdiction': jurisdiction },
    });
  for (const jurisdiction of ['EU', 'EU', 'EU', 'US']) await ask(jurisdiction);
  // Nothing leaves: the intents are there, and they are not calls.
  await gateway.eu.setBehaviour({ mode: 'refuse' });
  await ask('EU');
});
afterAll(() => gateway.stop());

const report = async (query = '') => gateway.get(`/v1/residency/report${query}`);

interface ReportBody {
  readonly matrix: readonly {
    jurisdiction: string;
    dataClass: string;
    purpose: string;
    endpoints: { id: string }[];
  }[];
  readonly expiries: readonly { object: string }[];
  readonly cells: readonly { cell: string; shares: Share[] }[];
  readonly changes: readonly { changes: string[] }[] | null;
  readonly notice: string;
}

describe('GET /v1/residency/report', () => {
  it('says who may go where, what ends, and that counsel must check it', async () => {
    const body = (await report()).body as unknown as ReportBody;
    const row = body.matrix.find(
      ({ jurisdiction, dataClass, purpose }) =>
        jurisdiction === 'EU' && dataClass === 'personal' && purpose === 'inference',
    );
    expect(row?.endpoints.map(({ id }) => id)).toEqual(['simulator-eu']);
    expect(body.expiries.map(({ object }) => object)).toContain('mechanism:eu-domestic');
    expect(body.notice).toContain('counsel');
    expect(body.changes).toBeNull();
  });

  it('counts the calls that left, by jurisdiction, endpoint and evidence', async () => {
    const body = (await report()).body as unknown as ReportBody;
    const shares = body.cells.flatMap(({ cell, shares: ofCell }) =>
      ofCell.map(({ jurisdiction, endpoint, calls, share }) => [cell, jurisdiction, endpoint, calls, share]),
    );
    expect(shares).toEqual([
      ['eu', 'EU', 'simulator-eu', 3, 1],
      ['us', 'US', 'simulator-us', 1, 1],
    ]);
  });

  it('counts a day once, and nothing of a period without calls', async () => {
    const cell = gateway.rooms.cells.get('eu');
    if (cell === undefined) throw new Error('no cell eu');
    const nowMs = Date.now();
    const calls = async (fromMs: number, toMs: number) =>
      (await sharesOf(cell.store.query, { fromMs, toMs })).reduce((sum, share) => sum + share.calls, 0);
    const hourMs = 3_600_000;
    expect(await calls(nowMs - 70 * hourMs, nowMs + hourMs)).toBe(3);
    expect(await calls(nowMs - hourMs, nowMs + 70 * hourMs)).toBe(3);
    expect(await calls(nowMs - 70 * hourMs, nowMs - hourMs)).toBe(0);
  });

  it('tells what changed since a day', async () => {
    const { body } = await report('?since=2026-01-01');
    expect(body['changes']).toMatchObject([
      { cell: 'eu', changes: ['the first policy of this cell'] },
      { cell: 'us', changes: ['the first policy of this cell'] },
    ]);
    const since = await gateway.get('/v1/residency/changes?since=2026-01-01');
    expect(since.body['changes']).toEqual(body['changes']);
    expect((await gateway.get('/v1/residency/changes?since=2999-01-01')).body).toEqual({ changes: [] });
  });

  it('has rows for the register of information', async () => {
    const answer = await report('?format=dora');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.text.split('\r\n')[1]).toMatch(/^simulator-eu,simulator-eu,Countersign simulator,/);
  });

  it.each([
    '?from=2026-02-30',
    '?from=2026-03-02&to=2026-03-01',
    '?from=2020-01-01&to=2026-01-01',
    '?format=xml',
    '?unknown=1',
  ])('refuses %s', async (query) => {
    expect((await report(query)).code).toBe('REQUEST_INVALID');
  });

  it('is for auditors, of the jurisdictions they were granted', async () => {
    const caller = await gateway.keyFor({ roles: ['caller', 'operator'] });
    expect((await gateway.get('/v1/residency/report', { key: caller })).code).toBe('ROLE_MISSING');
    const american = await gateway.keyFor({ jurisdictions: ['US'] });
    const { body } = await gateway.get('/v1/residency/report', { key: american });
    expect((body as unknown as ReportBody).cells.map(({ cell }) => cell)).toEqual(['us']);
  });
});

describe('countersign residency', () => {
  const root = join(import.meta.dirname, '..');
  const run = async (...args: string[]) => {
    const command = ['--import', 'tsx', join(root, 'src/cli/main.ts'), 'residency', ...args];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });
    return stdout;
  };
  const config = () => ['--config', join(gateway.folder, 'countersign.yaml')];

  it('reports beside a running gateway', async () => {
    const text = await run('report', ...config(), '--since', '2026-01-01');
    expect(text).toContain('EU  personal  inference\n  simulator-eu: DE by eu-domestic; until 2030-01-01');
    expect(text).toMatch(/EU → simulator-eu: 3 \(100\.0 %\), place by [a-z-]+, not verified/);
    expect(text).toContain('the first policy of this cell');
    const json = JSON.parse(await run('report', ...config(), '--cell', 'us', '--json')) as ReportBody;
    expect(json.cells.map(({ cell }) => cell)).toEqual(['us']);
  }, 60_000);

  it('prints changes and the library', async () => {
    const changes = JSON.parse(await run('changes', ...config(), '--since', '2026-01-01', '--json')) as {
      changes: unknown[];
    };
    expect(changes.changes).toHaveLength(2);
    const yaml = await run('library', '--jurisdiction', 'EU', '--yaml');
    expect(yaml).toContain('Counsel must check');
    expect(yaml).toContain('    to: [GB]\n    recipient: "*"');
    expect(await run('library', '--kind', 'denied')).toContain('CN HK MO CU IR KP RU VE');
    expect(await run('library', '--jurisdiction', 'XX')).toContain('No row is about that.');
  }, 60_000);
});
