import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionFacts, OutcomeFacts } from '../src/decision/entry.ts';
import type { Quarantine } from '../src/residency/assurance/quarantine-repository.ts';
import type { ReconciliationFacts } from '../src/residency/assurance/reconciliation.ts';
import type { Endpoint } from '../src/residency/policy.ts';
import { sendCanary } from '../src/gateway/canaries.ts';
import { replayDecision } from '../src/gateway/replay/replay-decision.ts';
import { createReplayer } from '../src/gateway/replay/replayer.ts';
import { lookForStranded } from '../src/gateway/stranding.ts';
import { importVendorLog } from '../src/gateway/vendor-logs.ts';
import { type Simulator, startSimulator } from '../src/simulator/server.ts';
import { certificate, otherCertificate } from './support/certificate.ts';
import { type Answer, type TestGateway, startTestGateway } from './support/gateway.ts';
import { waitUntil } from './support/waiting.ts';

/** Every endpoint is the same machine, which speaks TLS; each declares something else about it. */
const assurances: Readonly<Record<string, Endpoint['assurance']>> = {
  plain: {},
  pinned: { spkiSha256: [spkiOf(certificate.cert)], addressRanges: ['127.0.0.0/8'] },
  mispinned: { spkiSha256: [spkiOf(otherCertificate.cert)] },
  elsewhere: { addressRanges: ['192.0.2.0/24', '2001:db8::/32'] },
  region: { assertion: { kind: 'x-ms-region', values: ['germanywestcentral'], required: true } },
  geo: { assertion: { kind: 'inference_geo', values: ['eu'], required: false } },
  named: { assertion: { kind: 'model', values: ['scorecard-2026-11'], required: true } },
  watched: {
    assertion: { kind: 'x-ms-region', values: ['germanywestcentral'], required: true },
    canary: { everyMinutes: 1440 },
  },
};
const names = Object.keys(assurances);

let tls: Simulator;
let gateway: TestGateway;
let key: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-authorities-'));
  const authorities = join(folder, 'authority.pem');
  await writeFile(authorities, certificate.cert);
  tls = await startSimulator({ port: 0, region: 'tls', tls: certificate, model: 'scorecard' });
  await tls.setBehaviour({ mode: 'says', region: 'Germany West Central' });
  gateway = await startTestGateway({
    types: names.map((name) => ({ name: `to-${name}`, like: 'chat-test' as const, model: `model-${name}` })),
    change: (config) => ({
      ...config,
      endpoints: [
        ...config.endpoints,
        ...names.map((name) => ({
          ...config.endpoints[0]!,
          id: name,
          url: `${tls.url}/v1`,
          models: [{ id: `model-${name}`, version: '1' }],
          assurance: { authorities, ...assurances[name] },
        })),
      ],
    }),
  });
  key = await gateway.keyFor({ decisionTypes: names.map((name) => `to-${name}`) });
});
afterEach(async () => {
  await tls.setBehaviour({ mode: 'says', region: 'Germany West Central' });
});
afterAll(async () => {
  await gateway.stop();
  await tls.close();
  await rm(folder, { recursive: true });
});

function spkiOf(pem: string): string {
  const der = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64');
}

function ask(name: string): Promise<Answer> {
  const body = { messages: [{ role: 'user', content: 'Is the sky blue?' }] };
  return gateway.post('/v1/chat/completions', body, { key, decisionType: `to-${name}` });
}

async function completionOf(answer: Answer): Promise<CompletionFacts> {
  const story = await gateway.story(idOf(answer));
  const found = story?.entries.find(({ header }) => header.type === 'completion');
  return found?.header.facts as CompletionFacts;
}

function idOf({ decisionId, body }: Answer): string {
  if (decisionId !== '') return decisionId;
  const error = (body['error'] ?? body) as Readonly<Record<string, unknown>>;
  return String(error['decisionId']);
}

function endpointOf(id: string): Endpoint {
  const found = gateway.rooms.config.gateway.endpoints.find((endpoint) => endpoint.id === id);
  if (found === undefined) throw new Error(`no endpoint ${id}`);
  return found;
}

async function release(endpoint: string): Promise<Answer> {
  return gateway.post(`/v1/residency/quarantines/${endpoint}/release`, { reason: 'test', case: 'T-1' });
}

async function replayed(answer: Answer) {
  const cell = gateway.rooms.cells.get('eu')!;
  const story = await gateway.story(idOf(answer));
  const replayer = createReplayer();
  try {
    const request = {
      decisionId: story!.decisionId,
      tenant: 'acme',
      by: 'test',
      reason: 'test' as const,
      caseReference: null,
      reveal: true,
    };
    return await replayDecision(replayer, cell, request, null);
  } finally {
    replayer.close();
  }
}

describe('the grade of a call', () => {
  it('is contract without TLS, whatever is said', async () => {
    const answer = await gateway.post(
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: 'Is the sky blue?' }] },
      { decisionType: 'chat-test' },
    );
    expect(await completionOf(answer)).toMatchObject({ evidence: { checks: [], grade: 'contract' } });
  });

  it('is network over TLS, with every check of the socket named', async () => {
    expect(await completionOf(await ask('plain'))).toMatchObject({
      evidence: { checks: [{ check: 'tls-name', result: 'agrees' }], grade: 'network' },
    });
    const { evidence } = await completionOf(await ask('pinned'));
    expect(evidence?.grade).toBe('network');
    expect(evidence?.checks.map(({ check, result }) => `${check} ${result}`)).toEqual([
      'tls-name agrees',
      'spki agrees',
      'address agrees',
    ]);
  });

  it('is vendor-asserted when the answer says what was declared, and no more without a word', async () => {
    expect((await completionOf(await ask('region'))).evidence).toEqual({
      checks: [
        { check: 'tls-name', result: 'agrees' },
        { check: 'x-ms-region', found: 'Germany West Central', result: 'agrees' },
      ],
      grade: 'vendor-asserted',
    });
    const silent = await completionOf(await ask('geo'));
    expect(silent.evidence?.grade).toBe('network');
    expect(silent.evidence?.checks[1]).toEqual({ check: 'inference_geo', found: null, result: 'absent' });
    await tls.setBehaviour({ mode: 'says', inferenceGeo: 'eu' });
    expect((await completionOf(await ask('geo'))).evidence?.grade).toBe('vendor-asserted');
    expect((await completionOf(await ask('named'))).evidence?.grade).toBe('vendor-asserted');
  });

  it('is told for each endpoint as the least of its recent calls', async () => {
    const { body } = await gateway.get('/v1/residency/evidence');
    const endpoints = body['endpoints'] as { endpoint: string; earned: string }[];
    expect(endpoints.find(({ endpoint }) => endpoint === 'region')?.earned).toBe('vendor-asserted');
    expect(endpoints.find(({ endpoint }) => endpoint === 'geo')?.earned).toBe('network');
  });
});

describe('a socket that leads elsewhere', () => {
  it.each([
    ['mispinned', 'PIN_MISMATCH', 'spki'],
    ['elsewhere', 'ADDRESS_OUTSIDE', 'address'],
  ])('gets nothing: %s', async (name, fault, check) => {
    const before = tls.requests().length;
    const answer = await ask(name);
    expect(answer.status).toBe(403);
    expect(tls.requests()).toHaveLength(before);
    expect(await completionOf(answer)).toMatchObject({
      evidence: { checks: [{ check, result: 'differs' }], grade: 'contract' },
      fault,
      status: 'not_sent',
    });
    expect(gateway.rooms.quarantines.endpoints().has(name)).toBe(true);
    expect((await replayed(answer)).result).toBe('equal');
    expect((await release(name)).status).toBe(200);
  });
});

describe('an answer from another place', () => {
  it('is recorded and withheld, and takes the endpoint out at once', async () => {
    await tls.setBehaviour({ mode: 'says', region: 'eastus' });
    const answer = await ask('region');
    expect([answer.status, answer.code]).toEqual([503, 'RESIDENCY_EVIDENCE_MISMATCH']);
    const facts = await completionOf(answer);
    expect(facts.evidence?.checks[1]).toEqual({ check: 'x-ms-region', found: 'eastus', result: 'differs' });
    const story = await gateway.story(idOf(answer));
    const outcome = story?.entries.at(-1)?.header.facts as OutcomeFacts;
    expect(outcome).toMatchObject({ status: 'refused', releasedDigest: null });
    expect(outcome.verdicts.at(-1)).toMatchObject({ detail: 'region: x-ms-region differs' });
    expect((await replayed(answer)).result).toBe('equal');

    const before = tls.requests().length;
    const next = await ask('region');
    expect([next.status, next.code]).toEqual([403, 'NO_LAWFUL_ENDPOINT']);
    expect(next.text).toContain('QUARANTINED');
    expect(tls.requests()).toHaveLength(before);
    expect((await replayed(next)).result).toBe('equal');

    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(
      /^countersign_residency_mismatches_total\{endpoint="region",check="x-ms-region"\} 1$/m,
    );
    expect(metrics).toMatch(/^countersign_residency_quarantined\{endpoint="region"\} 1$/m);
    await waitUntil(async () => {
      const { body } = await gateway.get('/v1/alerts');
      const kinds = new Set((body['alerts'] as { kind: string }[]).map(({ kind }) => kind));
      return kinds.has('residency-mismatch') && kinds.has('endpoint-quarantined');
    });
  });

  it('keeps the endpoint out until an operator releases it, and writes down who did', async () => {
    await gateway.rooms.quarantines.refresh();
    const { body } = await gateway.get('/v1/residency/quarantines');
    const standing = (body['quarantines'] as (Quarantine & { cell: string })[]).filter(
      ({ endpoint }) => endpoint === 'region',
    );
    expect(standing.map(({ cell }) => cell).sort()).toEqual(['eu', 'us']);
    const auditor = await gateway.keyFor({ roles: ['auditor'] });
    const forbidden = await gateway.post(
      '/v1/residency/quarantines/region/release',
      { reason: 'test', case: 'T-1' },
      { key: auditor },
    );
    expect(forbidden.status).toBe(403);
    expect((await release('region')).body).toMatchObject({ endpoint: 'region', quarantined: false });
    expect((await release('region')).code).toBe('QUARANTINE_UNKNOWN');
    expect((await ask('region')).status).toBe(200);
    const entries = await gateway.rooms.cells.get('eu')!.store.query<{ header: Buffer }>({
      text: "SELECT header FROM entries WHERE type = 'configuration' ORDER BY entry_id DESC LIMIT 1",
      values: [],
    });
    expect(JSON.parse(entries[0]!.header.toString()).facts).toMatchObject({
      action: 'quarantine-released',
      caseReference: 'T-1',
      endpoint: 'region',
      reason: 'test',
    });
  });

  it('is one without a word that it had to have, or with one that is none', async () => {
    await tls.setBehaviour({ mode: 'says' });
    const answer = await ask('region');
    expect(answer.code).toBe('RESIDENCY_EVIDENCE_MISMATCH');
    expect((await completionOf(answer)).evidence?.checks[1]).toMatchObject({ result: 'missing' });
    expect((await replayed(answer)).result).toBe('equal');
    await release('region');
    await tls.setBehaviour({ mode: 'says', region: '"><script>' });
    const odd = await ask('region');
    const { evidence } = await completionOf(odd);
    expect(evidence?.checks[1]).toEqual({ check: 'x-ms-region', found: null, result: 'unreadable' });
    expect((await replayed(odd)).result).toBe('equal');
    await release('region');
  });

  it('is found in the body, too', async () => {
    await tls.setBehaviour({ mode: 'says', inferenceGeo: 'us' });
    const answer = await ask('geo');
    expect(answer.code).toBe('RESIDENCY_EVIDENCE_MISMATCH');
    expect((await replayed(answer)).result).toBe('equal');
    await release('geo');
  });
});

describe('a quarantine', () => {
  it('of another process is followed, and so is its release', async () => {
    const { store } = gateway.rooms.cells.get('eu')!;
    const id = '01939a5e-0000-7000-8000-000000000001';
    await store.query({
      text: `INSERT INTO endpoint_quarantines (event_id, cell, endpoint, event, quarantine, reason, checks)
             VALUES ($1, 'eu', 'plain', 'quarantined', $1, 'call-evidence', 'spki')`,
      values: [id],
    });
    await waitUntil(() => Promise.resolve(gateway.rooms.quarantines.endpoints().has('plain')));
    expect((await ask('plain')).code).toBe('NO_LAWFUL_ENDPOINT');
    expect((await release('plain')).status).toBe(200);
    expect((await ask('plain')).status).toBe(200);
  });

  it('cannot be taken back or changed by the gateway’s own login', async () => {
    const { store } = gateway.rooms.cells.get('eu')!;
    for (const text of ['DELETE FROM endpoint_quarantines', "UPDATE endpoint_quarantines SET endpoint = 'x'"])
      await expect(store.query({ text, values: [] })).rejects.toThrow();
  });
});

describe('a canary', () => {
  it('was sent by itself, and is a sealed record about nobody', async () => {
    await waitUntil(async () => {
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
      return /countersign_residency_canaries_total\{endpoint="watched",result="agrees"\} 1/.test(metrics);
    });
  });

  it('takes the endpoint out when it is elsewhere, and not when it does not answer', async () => {
    const cell = gateway.rooms.cells.get('eu')!;
    await tls.setBehaviour({ mode: 'status', status: 500 });
    expect(await sendCanary(gateway.rooms, cell, endpointOf('watched'))).toBe('no-answer');
    expect(gateway.rooms.quarantines.endpoints().has('watched')).toBe(false);
    await tls.setBehaviour({ mode: 'says', region: 'westus' });
    expect(await sendCanary(gateway.rooms, cell, endpointOf('watched'))).toBe('mismatch');
    expect(gateway.rooms.quarantines.endpoints().has('watched')).toBe(true);
    expect(await sendCanary(gateway.rooms, cell, endpointOf('watched'))).toBe('unlawful');
    const last = tls.requests().at(-1);
    const story = await gateway.story(last?.decisionId ?? '');
    expect(story?.entries.map(({ header }) => header.type)).toEqual(['intent', 'completion', 'outcome']);
    expect(story?.entries[0]?.header).toMatchObject({
      decisionType: 'canary',
      tenant: '',
      jurisdiction: 'EU',
    });
    expect((await release('watched')).status).toBe(200);
  });

  it('is never sent to a cell whose data may not go there', async () => {
    const before = tls.requests().length;
    const us = gateway.rooms.cells.get('us')!;
    expect(await sendCanary(gateway.rooms, us, endpointOf('watched'))).toBe('unlawful');
    expect(tls.requests()).toHaveLength(before);
  });
});

describe('the vendor’s own log', () => {
  const at = () => {
    const { store } = gateway.rooms.cells.get('eu')!;
    const { config, quarantines, nowMs } = gateway.rooms;
    return { store, config, quarantines, nowMs };
  };
  const trail = (requestId: string | null, region: string) =>
    JSON.stringify({
      Records: [
        {
          eventSource: 'bedrock.amazonaws.com',
          eventName: 'InvokeModel',
          eventTime: new Date().toISOString(),
          awsRegion: 'eu-west-1',
          requestID: requestId,
          additionalEventData: { inferenceRegion: region },
        },
        { eventSource: 's3.amazonaws.com', eventName: 'GetObject' },
      ],
    });

  it('raises the grade of the calls that it has', async () => {
    const { providerRequestId } = await completionOf(await ask('pinned'));
    const text = trail(providerRequestId, 'eu-central-1');
    const what = { kind: 'cloudtrail', endpoint: endpointOf('pinned'), text } as const;
    expect(await importVendorLog(at(), what)).toEqual({
      isNew: true,
      requests: 1,
      matched: 1,
      mismatches: [],
    });
    expect(await importVendorLog(at(), what)).toMatchObject({ isNew: false });
    const { body } = await gateway.get('/v1/residency/evidence');
    const found = (body['endpoints'] as { endpoint: string; calls: Record<string, number> }[]).find(
      ({ endpoint }) => endpoint === 'pinned',
    );
    expect(found?.calls['vendor-logged']).toBe(1);
  });

  it('takes the endpoint out when it was elsewhere', async () => {
    const { providerRequestId } = await completionOf(await ask('plain'));
    const text = trail(providerRequestId, 'us-east-1');
    const result = await importVendorLog(at(), { kind: 'cloudtrail', endpoint: endpointOf('plain'), text });
    expect(result.mismatches).toHaveLength(1);
    expect((await ask('plain')).code).toBe('NO_LAWFUL_ENDPOINT');
    await gateway.rooms.quarantines.refresh();
    expect((await release('plain')).status).toBe(200);
  });

  it('takes the endpoint out when its profile has drifted', async () => {
    const text = JSON.stringify({
      inferenceProfileId: 'eu.example.model-v1:0',
      status: 'ACTIVE',
      type: 'SYSTEM_DEFINED',
      models: [{ modelArn: 'arn:aws:bedrock:eu-central-2::foundation-model/example.model-v1:0' }],
    });
    const result = await importVendorLog(at(), {
      kind: 'bedrock-profile',
      endpoint: endpointOf('plain'),
      text,
    });
    expect(result.mismatches.join()).toContain('eu-central-2 (CH)');
    expect(gateway.rooms.quarantines.endpoints().has('plain')).toBe(true);
    await gateway.rooms.quarantines.refresh();
    expect((await release('plain')).status).toBe(200);
  });

  it('is refused when it is none', async () => {
    const what = { kind: 'cloudtrail', endpoint: endpointOf('plain') } as const;
    await expect(importVendorLog(at(), { ...what, text: 'no log' })).rejects.toThrow(
      'line 1 is no JSON object',
    );
    await expect(importVendorLog(at(), { ...what, text: trail(null, 'eu-west-1') })).rejects.toThrow(
      'no requestID',
    );
  });
});

describe('the reconciliation of a day', () => {
  const day = new Date().toISOString().slice(0, 10);

  it('finds every call that left lawful for its label, and says how well each place is known', async () => {
    const answer = await gateway.post(`/v1/residency/reconciliation/eu/${day}`, {});
    const { groups, problems } = answer.body['reconciliation'] as ReconciliationFacts;
    expect(groups).toContainEqual({
      calls: 1,
      endpoint: 'pinned',
      grade: 'vendor-logged',
      jurisdiction: 'EU',
    });
    const known = new Set(problems.map(({ problem }) => problem));
    // The mismatches of the tests above, and nothing else.
    expect([...known].sort()).toEqual(['evidence-differs', 'vendor-log-differs']);
    const read = await gateway.get(`/v1/residency/reconciliation/eu/${day}`);
    expect(read.body).toEqual(answer.body);
    expect((await gateway.get('/v1/residency/reconciliation/eu/2020-01-01')).code).toBe(
      'RECONCILIATION_UNKNOWN',
    );
  });

  it('finds a call that went elsewhere than its intent says, and one that nobody intended', async () => {
    const path = join(gateway.folder, 'egress/eu', `${day}.ndjson`);
    expect(await readdir(join(gateway.folder, 'egress/eu'))).toContain(`${day}.ndjson`);
    const { readFile, appendFile } = await import('node:fs/promises');
    const text = await readFile(path, 'utf8');
    const first = text.split('\n').find((line) => line.includes('"endpoint":"pinned"')) ?? '';
    await writeFile(
      path,
      text.replace(first, first.replace('"endpoint":"pinned"', '"endpoint":"simulator-us"')),
    );
    const stray = {
      at: new Date().toISOString(),
      callId: strayId(),
      cell: 'eu',
      endpoint: 'plain',
      event: 'out',
      model: 'm',
    };
    await appendFile(path, `${JSON.stringify(stray)}\n`);
    const answer = await gateway.post(`/v1/residency/reconciliation/eu/${day}`, {});
    const { problems } = answer.body['reconciliation'] as ReconciliationFacts;
    const found = Object.fromEntries(problems.map(({ problem, count }) => [problem, count]));
    expect(found).toMatchObject({ 'other-endpoint': 1, 'not-lawful': 1, 'out-without-intent': 1 });
    await writeFile(path, text);
  });

  function strayId(): string {
    const hex = Date.now().toString(16).padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
  }
});

describe('a stranded cell', () => {
  it('is a gauge, and an alert when it begins', async () => {
    const { rooms } = gateway;
    rooms.quarantines.begin('named', { reason: 'call-evidence', checks: ['model'], callId: null });
    const standing = new Set<string>();
    lookForStranded(rooms, standing);
    expect(standing).toContain('EU to-named');
    expect(standing).not.toContain('EU to-pinned');
    const metrics = await rooms.metrics.registry.metrics();
    expect(metrics).toContain(
      'countersign_residency_stranded{cell="eu",jurisdiction="EU",decision_type="to-named"} 1',
    );
    expect(metrics).toContain(
      'countersign_residency_stranded{cell="eu",jurisdiction="EU",decision_type="to-pinned"} 0',
    );
    await rooms.quarantines.refresh();
    await release('named');
    lookForStranded(rooms, standing);
    expect(standing).not.toContain('EU to-named');
  });
});
