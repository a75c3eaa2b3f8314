import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Day, dayAt, dayMs } from '../src/audit/completeness/day.ts';
import type { CompletenessFacts } from '../src/audit/completeness/facts.ts';
import { importUsage } from '../src/audit/completeness/usage-import.ts';
import type { Provider } from '../src/audit/completeness/usage-row.ts';
import { completeDay, reportDueDays } from '../src/gateway/completing.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { openOwner } from './support/owner.ts';
import { soundApplication } from './support/waiting.ts';

const attempts = 2;
const samples = 'test/samples/usage';
const model = { id: 'scorecard', version: 'scorecard-2026-11' };
let gateway: TestGateway;
let day: Day;
const exports = mkdtempSync(join(tmpdir(), 'countersign-usage-'));

beforeAll(async () => {
  gateway = await startTestGateway({ limits: { attempts }, endpointTimeoutMs: 400 });
  day = dayAt(Date.now());
});
afterAll(async () => {
  rmSync(exports, { recursive: true });
  await gateway.stop();
});

/** Of the cell, as nobody but the gateway has it. */
function storeOf(cell: string) {
  const found = gateway.rooms.cells.get(cell);
  if (!found) throw new Error(`no cell ${cell}`);
  return found.store;
}

const counterFile = () => join(gateway.folder, 'egress/eu', `${day.name}.ndjson`);
const counterLines = () =>
  readFileSync(counterFile(), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const apply = () =>
  gateway.post('/v1/decisions', { input: soundApplication }, { decisionType: 'credit-application' });

async function count(cell = 'eu'): Promise<CompletenessFacts> {
  const answer = await gateway.post(`/v1/completeness/${cell}/${day.name}`, undefined);
  expect(answer.status).toBe(200);
  return answer.body['counts'] as CompletenessFacts;
}

/** As the daily job counts, when the day is long over. */
async function countLater(): Promise<CompletenessFacts> {
  const later = { ...gateway.rooms, store: storeOf('eu'), nowMs: () => day.toMs + dayMs };
  return (await completeDay(later, day, 'asked')).facts;
}

async function asOwner(text: string, values: readonly unknown[]): Promise<number> {
  const owner = await openOwner(join(gateway.folder, 'data'), 'eu');
  try {
    return (await owner.query(text, [...values])).rowCount ?? 0;
  } finally {
    await owner.end();
  }
}

async function alertsOf(kind: string): Promise<readonly { cell: string; detail: Record<string, unknown> }[]> {
  await gateway.rooms.alerts.settle();
  const answer = await gateway.get(`/v1/alerts?kind=${kind}`);
  return answer.body['alerts'] as { cell: string; detail: Record<string, unknown> }[];
}

/** Imports a sample after it was made to speak of today. */
function importSample(
  name: string,
  provider: Provider,
  change: (text: string) => string,
  knownKeys?: string[],
) {
  const file = join(exports, `${Math.random()}-${name}`);
  writeFileSync(file, change(readFileSync(`${samples}/${name}`, 'utf8')));
  return importUsage(storeOf('eu'), file, {
    endpoint: 'simulator-eu',
    provider,
    knownKeys: knownKeys ?? null,
  });
}

describe('a day with traffic', () => {
  it('counts the same from every side: the simulator, the counter, intents and completions', async () => {
    for (let n = 0; n < 3; n++) expect((await apply()).status).toBe(200);
    await gateway.eu.setBehaviour({ mode: 'status', status: 500 });
    expect((await apply()).status).toBe(503);
    await gateway.eu.setBehaviour({ mode: 'hang' });
    expect((await apply()).status).toBe(503);
    await gateway.eu.setBehaviour({ mode: 'refuse' });
    expect((await apply()).status).toBe(503);
    await gateway.eu.setBehaviour({ mode: 'ok' });
    const counts = await count();
    const left = 3 + 2 * attempts;
    expect(gateway.eu.requests()).toHaveLength(left);
    expect(counts).toMatchObject({
      callsWithoutRecord: 0,
      completions: { ok: 3, error: attempts, timeout: attempts, unknown: 0, not_sent: attempts },
      egressLines: { damaged: 0, in: left, out: left },
      endpoints: [{ endpoint: 'simulator-eu', model: model.id, calls: left, ok: 3 }],
      intents: left + attempts,
      open: { count: 0 },
      partial: true,
      problems: [],
      reconciled: true,
      uncounted: { count: 0 },
      usage: 'not imported',
    });
    const received = gateway.eu.requests().map(({ callId }) => callId);
    const counted = counterLines().filter((line) => line['event'] === 'out');
    expect(counted.map((line) => line['callId'])).toEqual(received);
  });

  it('names the provider’s request ids in the counter as in the record', async () => {
    const ids = gateway.eu.requests().map(({ requestId }) => requestId);
    const answered = counterLines().filter((line) => line['httpStatus'] === 200);
    for (const line of answered) expect(ids).toContain(line['providerRequestId']);
    expect(answered).toHaveLength(3);
  });

  it('has nothing of the application in the counter', () => {
    const text = readFileSync(counterFile(), 'utf8');
    expect(text).not.toContain(String(soundApplication.annualIncome));
    expect(text).not.toContain('acme');
  });

  it('is read again as it was recorded, by an auditor only', async () => {
    const counts = await count();
    const answer = await gateway.get(`/v1/completeness/eu/${day.name}`);
    expect(answer.body['counts']).toEqual(counts);
    expect(answer.body['headerDigest']).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(answer.body['header']).toMatchObject({ type: 'completeness', cell: 'eu', facts: counts });
    const again = await count();
    expect(again.supersedes).toBe(answer.body['headerDigest']);
    const caller = await gateway.keyFor({ roles: ['caller'] });
    expect((await gateway.get(`/v1/completeness/eu/${day.name}`, { key: caller })).code).toBe('ROLE_MISSING');
    const american = await gateway.keyFor({ jurisdictions: ['US'] });
    expect((await gateway.get(`/v1/completeness/eu/${day.name}`, { key: american })).code).toBe(
      'CELL_UNKNOWN',
    );
  });

  it.each([
    ['1999-01-01', 'REPORT_UNKNOWN'],
    ['2026-02-30', 'REQUEST_INVALID'],
    ['2999-01-01', 'REQUEST_INVALID'],
    ['today', 'REQUEST_INVALID'],
  ])('says of %s: %s', async (name, code) => {
    expect((await gateway.get(`/v1/completeness/eu/${name}`)).code).toBe(code);
  });
});

describe('what the provider says', () => {
  /** The samples are about two days of their own; here they are about today and tomorrow. */
  const times = (text: string) => {
    const dates: Readonly<Record<string, string>> = {
      '2026-11-21': day.name,
      '2026-11-22': dayAt(day.toMs).name,
      '1795219200': String(day.fromMs / 1000),
      '1795305600': String(day.toMs / 1000),
      '1795392000': String((day.toMs + dayMs) / 1000),
    };
    return text.replaceAll(/2026-11-2[12]|1795\d{6}/g, (date) => dates[date] ?? date);
  };
  let ours: { inputTokens: number; outputTokens: number; calls: number };

  beforeAll(async () => {
    for (let n = 0; n < 2; n++) await apply();
    const [group] = (await count()).endpoints;
    if (!group) throw new Error('no traffic was counted');
    ours = group;
  });

  /** The first line of OpenAI's sample with our own numbers, and without the second. */
  const openai =
    (change: Partial<typeof ours> = {}, name = model.version) =>
    (text: string) => {
      const { inputTokens, outputTokens, calls } = { ...ours, ...change };
      const page = JSON.parse(times(text)) as {
        data: [{ results: Record<string, unknown>[] }, ...unknown[]];
      };
      const [result] = page.data[0].results;
      page.data[0].results = [
        {
          ...result,
          model: name,
          input_tokens: inputTokens,
          output_tokens: outputTokens,
          num_model_requests: calls,
        },
      ];
      return JSON.stringify(page);
    };

  it('agrees when OpenAI counted what we did, under the name of the deployed version', async () => {
    await importSample('openai-completions.json', 'openai', openai(), ['key_gateway_eu']);
    const { usage, reconciled } = await countLater();
    expect(usage).toMatchObject([
      {
        endpoint: 'simulator-eu',
        lines: [{ model: model.id, difference: { requests: 0, inputTokens: 0, outputTokens: 0 } }],
        problems: [],
        unknownKeys: [],
      },
    ]);
    expect(reconciled).toBe(true);
  });

  it.each<[string, (text: string) => string, string[], string[]]>([
    [
      'more requests than left',
      (text) => openai({ calls: ours.calls + 1 })(text),
      [],
      ['usage-more-requests'],
    ],
    ['fewer requests than were answered', (text) => openai({ calls: 1 })(text), [], ['usage-fewer-requests']],
    [
      'fewer tokens than were answered',
      (text) => openai({ outputTokens: 0 })(text),
      [],
      ['usage-fewer-tokens'],
    ],
    [
      'a model that nobody configured',
      (text) => openai({}, 'gpt-unknown')(text),
      [],
      ['usage-fewer-requests', 'usage-fewer-tokens', 'usage-unknown-model'],
    ],
    ['a key that is not the gateway’s', (text) => openai()(text), ['key_other'], ['usage-unknown-key']],
  ])('is unreconciled when it is %s', async (_name, change, keys, problems) => {
    await importSample('openai-completions.json', 'openai', change, keys.length === 0 ? undefined : keys);
    const facts = await countLater();
    expect(facts.problems).toEqual(problems);
    expect(facts.reconciled).toBe(false);
    const [alert] = await alertsOf('usage-unreconciled');
    expect(alert).toMatchObject({
      cell: 'eu',
      detail: { day: day.name, problems, endpoints: ['simulator-eu'] },
    });
  });

  it('is held against tokens only where Anthropic counts no requests', async () => {
    const change =
      ({ extra }: { extra: number }) =>
      (text: string) => {
        const page = JSON.parse(times(text)) as { data: [{ results: Record<string, unknown>[] }] };
        const [result] = page.data[0].results;
        const cached = { ephemeral_1h_input_tokens: 10, ephemeral_5m_input_tokens: 5 };
        page.data[0].results = [
          {
            ...result,
            uncached_input_tokens: ours.inputTokens - 20 - extra,
            cache_read_input_tokens: 5,
            cache_creation: cached,
            output_tokens: ours.outputTokens,
          },
        ];
        return JSON.stringify(page);
      };
    await importSample('anthropic-messages.json', 'anthropic', change({ extra: 0 }));
    expect(await countLater()).toMatchObject({
      reconciled: true,
      usage: [
        { provider: 'anthropic', lines: [{ provider: { requests: null }, difference: { inputTokens: 0 } }] },
      ],
    });
    await importSample('anthropic-messages.json', 'anthropic', change({ extra: 1 }));
    expect((await countLater()).problems).toEqual(['usage-fewer-tokens']);
  });

  it('is joined by request id where plain CSV has them; an id we do not know is named, and one it lacks', async () => {
    const answers = counterLines().filter(
      (line) => line['event'] === 'in' && line['httpStatus'] !== undefined,
    );
    const ids = answers.map((line) => String(line['providerRequestId']));
    const ok = answers.find((line) => line['httpStatus'] === 200);
    const csv = (names: readonly string[]) => (text: string) => {
      const [header] = text.split('\n');
      // All tokens in the first row, so that the sums are ours.
      const rows = names.map((id, n) => [
        day.name,
        model.id,
        1,
        n ? 0 : ours.inputTokens,
        n ? 0 : ours.outputTokens,
        id,
      ]);
      return [header, ...rows.map((row) => row.join(','))].join('\n');
    };
    await importSample('plain.csv', 'csv', csv(ids));
    expect(await countLater()).toMatchObject({
      problems: [],
      usage: [{ requestIds: { matched: ids.length, missing: { count: 0 }, unknown: { count: 0 } } }],
    });
    const lacking = ids.filter((id) => id !== ok?.['providerRequestId']);
    await importSample('plain.csv', 'csv', csv([...lacking, 'req-of-a-bypass']));
    const facts = await countLater();
    expect(facts.problems).toEqual(['usage-missing-requests', 'usage-unknown-requests']);
    expect(facts.usage).toMatchObject([
      {
        requestIds: {
          missing: { count: 1, ids: [ok?.['callId']] },
          unknown: { count: 1, ids: ['req-of-a-bypass'] },
        },
      },
    ]);
  });

  it('changes nothing when the same file comes twice, and the newest file counts', async () => {
    const file = join(exports, 'twice.json');
    writeFileSync(file, openai()(readFileSync(`${samples}/openai-completions.json`, 'utf8')));
    const about = {
      endpoint: 'simulator-eu',
      provider: 'openai',
      knownKeys: ['key_gateway_eu', 'x'],
    } as const;
    expect(await importUsage(storeOf('eu'), file, about)).toMatchObject({ isNew: true, rows: 1, days: 2 });
    expect(await importUsage(storeOf('eu'), file, about)).toMatchObject({ isNew: false });
    expect((await countLater()).reconciled).toBe(true);
    const rows = await storeOf('eu').query<{ n: string }>({
      text: 'SELECT count(*) AS n FROM usage_imports',
      values: [],
    });
    expect(Number(rows[0]?.n)).toBeGreaterThan(5);
  });

  it('is a bypass when it is about an endpoint that nobody configured', async () => {
    const file = join(exports, 'elsewhere.csv');
    writeFileSync(file, `day,model,requests,input_tokens,output_tokens\n${day.name},gpt-x,3,10,10\n`);
    await importUsage(storeOf('eu'), file, {
      endpoint: 'openai-elsewhere',
      provider: 'csv',
      knownKeys: null,
    });
    const facts = await countLater();
    expect(facts.problems).toEqual(['usage-unknown-endpoint', 'usage-unknown-model']);
    writeFileSync(file, `day,model,requests,input_tokens,output_tokens\n${day.name},gpt-x,0,0,0\n`);
    await importUsage(storeOf('eu'), file, {
      endpoint: 'openai-elsewhere',
      provider: 'csv',
      knownKeys: null,
    });
    expect((await countLater()).problems).toEqual([]);
  });
});

describe('a cell without traffic', () => {
  const nothing = {
    callsWithoutRecord: 0,
    egressFileDigest: null,
    egressLines: { out: 0 },
    intents: 0,
    problems: [],
    reconciled: true,
  };

  it('is reported all the same', async () => {
    expect(await count('us')).toMatchObject(nothing);
  });

  it('is reported by the daily job for each day once, after a pause of days too', async () => {
    const store = storeOf('us');
    const daysLater = (days: number) => ({
      ...gateway.rooms,
      store,
      nowMs: () => day.fromMs + days * dayMs + dayMs / 2,
    });
    const term = { query: store.query, signal: new AbortController().signal };
    const log = () => undefined;
    expect(await reportDueDays(daysLater(0), term, log)).toEqual([]);
    const names = [0, 1, 2].map((n) => dayAt(day.fromMs + n * dayMs).name);
    expect(await reportDueDays(daysLater(3), term, log)).toEqual(names);
    expect(await reportDueDays(daysLater(3), term, log)).toEqual([]);
    const report = await gateway.get(`/v1/completeness/us/${names[0]}`);
    expect(report.body['counts']).toMatchObject({ ...nothing, day: names[0], partial: false });
    // After a year, what is older than forty days is left to be asked for.
    expect(await reportDueDays(daysLater(365), term, log)).toHaveLength(40);
  });

  it('is reported again after an import of its usage, which the first report could not know', async () => {
    const store = storeOf('us');
    const later = { ...gateway.rooms, store, nowMs: () => day.fromMs + 3.5 * dayMs };
    const term = { query: store.query, signal: new AbortController().signal };
    const file = join(exports, 'late.csv');
    writeFileSync(file, `day,model,requests,input_tokens,output_tokens\n${day.name},scorecard,3,10,10\n`);
    await importUsage(store, file, { endpoint: 'simulator-us', provider: 'csv', knownKeys: null });
    expect(await reportDueDays(later, term, () => undefined)).toEqual([day.name]);
    expect(await reportDueDays(later, term, () => undefined)).toEqual([]);
    const report = await gateway.get(`/v1/completeness/us/${day.name}`);
    expect(report.body['counts']).toMatchObject({
      callsWithoutRecord: 0,
      problems: ['usage-more-requests', 'usage-more-tokens'],
      reconciled: false,
    });
  });

  it('is not reported by two leaders twice', async () => {
    const completing = { ...gateway.rooms, store: storeOf('eu'), nowMs: () => day.toMs + dayMs / 2 };
    const results = await Promise.allSettled([
      completeDay(completing, day, 'daily'),
      completeDay(completing, day, 'daily'),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a call that has no record', () => {
  it('is named when it was sent around the record', async () => {
    const callId = uuidV7();
    const line = {
      at: new Date().toISOString(),
      callId,
      cell: 'eu',
      endpoint: 'simulator-eu',
      event: 'out',
      model: model.id,
    };
    appendFileSync(counterFile(), `${JSON.stringify(line)}\n`);
    const counts = await count();
    expect(counts).toMatchObject({
      callsWithoutRecord: 1,
      callsWithoutRecordIds: [callId],
      reconciled: false,
    });
    const [alert] = await alertsOf('calls-without-record');
    expect(alert).toMatchObject({ cell: 'eu', detail: { day: day.name, count: 1, calls: [callId] } });
    const metrics = await gateway.get('/metrics');
    expect(metrics.text).toContain('countersign_alerts_total{kind="calls-without-record",cell="eu"} 1');
    // Taken out again, so that what follows stands alone.
    const kept = readFileSync(counterFile(), 'utf8').replace(`${JSON.stringify(line)}\n`, '');
    writeFileSync(counterFile(), kept);
    expect((await count()).callsWithoutRecord).toBe(0);
  });

  it('is named when the owner deleted its intent', async () => {
    const { decisionId } = await apply();
    expect(
      await asOwner(`DELETE FROM entries WHERE decision_id = $1 AND type = 'intent'`, [decisionId]),
    ).toBe(1);
    const callId = gateway.eu.requests().find((request) => request.decisionId === decisionId)?.callId;
    expect(await count()).toMatchObject({ callsWithoutRecord: 1, callsWithoutRecordIds: [callId] });
  });

  it('is named when the owner deleted everything of it', async () => {
    const { decisionId } = await apply();
    await asOwner('DELETE FROM entries WHERE decision_id = $1', [decisionId]);
    const callId = gateway.eu.requests().find((request) => request.decisionId === decisionId)?.callId;
    const counts = await count();
    expect(counts.callsWithoutRecord).toBe(2);
    expect(counts.callsWithoutRecordIds).toContain(callId);
  });

  it('is open when the owner deleted its completion', async () => {
    const { decisionId } = await apply();
    await asOwner(`DELETE FROM entries WHERE decision_id = $1 AND type = 'completion'`, [decisionId]);
    const callId = gateway.eu.requests().find((request) => request.decisionId === decisionId)?.callId;
    expect(await count()).toMatchObject({ inFlight: 1, open: { count: 0 } });
    expect(await countLater()).toMatchObject({ inFlight: 0, open: { count: 1, ids: [callId] } });
  });

  it('is uncounted when its line is gone from the counter', async () => {
    const { decisionId } = await apply();
    const callId = gateway.eu.requests().find((request) => request.decisionId === decisionId)?.callId ?? '';
    const lines = readFileSync(counterFile(), 'utf8').split('\n');
    writeFileSync(counterFile(), lines.filter((line) => !line.includes(callId)).join('\n'));
    const counts = await count();
    expect(counts.uncounted).toEqual({ count: 1, ids: [callId] });
    expect(counts.problems).toContain('calls-uncounted');
  });

  it('makes the file itself suspect when a line of it is damaged', async () => {
    appendFileSync(counterFile(), 'not a line of ours\n');
    const counts = await count();
    expect(counts.egressLines.damaged).toBe(1);
    expect(counts.problems).toContain('counter-file-damaged');
  });
});

describe('a counter that cannot be written', () => {
  it('stops every call before it leaves, says so, and lets calls pass again afterwards', async () => {
    const folder = join(gateway.folder, 'egress/eu');
    renameSync(folder, `${folder}-away`);
    writeFileSync(folder, 'no folder');
    // The gateway looks once a second whether its file is still there.
    await new Promise((resolve) => {
      setTimeout(resolve, 1_100);
    });
    const before = gateway.callsReceived();
    const answer = await apply();
    expect([answer.status, answer.code]).toEqual([503, 'COUNTER_FAILED']);
    expect(gateway.callsReceived()).toBe(before);
    const story = await gateway.story(String(answer.body['decisionId']));
    expect(story?.entries.map(({ header }) => header.type)).toEqual(['intent', 'completion', 'outcome']);
    expect(story?.entries[1]?.header.facts).toMatchObject({ status: 'not_sent', fault: 'COUNTER_FAILED' });
    expect(story?.entries[2]?.header.facts).toMatchObject({ status: 'refused' });
    expect(await alertsOf('counter-failed')).toMatchObject([{ cell: 'eu', detail: { fault: 'ENOTDIR' } }]);
    rmSync(folder);
    renameSync(`${folder}-away`, folder);
    expect((await apply()).status).toBe(200);
    expect(gateway.callsReceived()).toBe(before + 1);
  });
});

describe('alerts', () => {
  it('gather what a caller repeats', async () => {
    const unlabelled = { headers: { 'countersign-jurisdiction': '' } };
    for (let n = 0; n < 3; n++) {
      await gateway.post(
        '/v1/decisions',
        { input: soundApplication },
        { decisionType: 'credit-application', ...unlabelled },
      );
    }
    const alerts = await alertsOf('label-refused');
    // The first at once, the two others together.
    expect(alerts.map((alert) => alert.detail['count'])).toEqual([2, 1]);
  });

  it('are listed newest first, in pages, to operators', async () => {
    for (let n = 0; n < 60; n++)
      gateway.rooms.alerts.raise({ kind: 'archive-failed', cell: 'us', detail: { n } });
    await gateway.rooms.alerts.settle();
    const page = async (query: string) => (await gateway.get(`/v1/alerts?kind=archive-failed${query}`)).body;
    const first = await page('');
    const second = await page(`&cursor=${String(first['nextCursor'])}`);
    const both = [first, second].map((body) => body['alerts'] as { id: string; raisedAt: string }[]);
    expect(both.map((list) => list.length)).toEqual([50, 10]);
    expect(second['nextCursor']).toBeNull();
    const ids = both.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(60);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const auditor = await gateway.keyFor({ roles: ['auditor'] });
    expect((await gateway.get('/v1/alerts', { key: auditor })).code).toBe('ROLE_MISSING');
  });
});
