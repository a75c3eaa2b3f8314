import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayConfig } from '../src/config/gateway-schema.ts';
import { loadConfig } from '../src/config/load.ts';
import { ConfigError } from '../src/config/problem.ts';
import type { CompletionFacts, IntentFacts } from '../src/decision/entry.ts';
import type { Behaviour } from '../src/simulator/behaviour.ts';
import { type Simulator, startSimulator } from '../src/simulator/server.ts';
import {
  type Answer,
  type Sending,
  type TestGateway,
  startTestGateway,
  writeConfig,
} from './support/gateway.ts';

/*
 * Nine ways in which other gateways and their users have sent data across a border, each as somebody reported
 * it. The gateway here has what those had: a healthy endpoint with the same model in another region, one that
 * computes anywhere, one behind a vendor's profile, and one whose telemetry goes to the United States.
 */

type Endpoint = GatewayConfig['endpoints'][number];

let gateway: TestGateway;
const others = new Map<string, Simulator>();
const types = [
  { name: 'us-embeddings', like: 'embed-test', model: 'embedder-us' },
  { name: 'telemetry-us', like: 'chat-test', model: 'scorecard-telemetry' },
  { name: 'exact-url', like: 'chat-test', model: 'scorecard-exact' },
] as const;

beforeAll(async () => {
  for (const name of ['global', 'profile', 'telemetry']) {
    others.set(name, await startSimulator({ port: 0, region: name }));
  }
  gateway = await startTestGateway({ types, change: withOthers, endpointTimeoutMs: 1_000 });
});
afterEach(() => gateway.eu.setBehaviour({ mode: 'ok' }));
afterAll(async () => {
  await gateway.stop();
  for (const simulator of others.values()) await simulator.close();
});

function urlOf(name: string): string {
  return `${others.get(name)?.url}/v1`;
}

/** The endpoints that were the way out in the reports, all of them well and lawful for nobody in the EU. */
function withOthers(config: GatewayConfig): GatewayConfig {
  const [eu, us, ...archives] = config.endpoints;
  if (!eu || !us) throw new Error('the example has two endpoints');
  const like = (endpoint: Endpoint, id: string, changes: Partial<Endpoint>): Endpoint => ({
    ...endpoint,
    id,
    ...changes,
  });
  const model = (id: string) => [{ id, version: '1' }];
  return {
    ...config,
    endpoints: [
      eu,
      { ...us, models: [...us.models, ...model('embedder-us')] },
      like(eu, 'global', { url: urlOf('global'), vendorMode: 'global', processing: ['*'] }),
      like(eu, 'profile', {
        url: urlOf('profile'),
        vendorMode: 'profile',
        profileSnapshotSha256: 'a'.repeat(64),
        processing: ['DE', 'FR', 'US'],
      }),
      like(eu, 'telemetry', {
        url: urlOf('telemetry'),
        models: model('scorecard-telemetry'),
        telemetry: ['US'],
      }),
      like(eu, 'exact', { url: `${eu.url}/regions/eu`, models: model('scorecard-exact') }),
      ...archives,
    ],
  };
}

const requests = {
  '/v1/decisions': { decisionType: 'claims-triage', body: { input: { description: 'A pane broke.' } } },
  '/v1/chat/completions': {
    decisionType: 'chat-test',
    body: { messages: [{ role: 'user', content: 'A claim: a pane broke.' }] },
  },
  '/v1/embeddings': { decisionType: 'embed-test', body: { input: 'A pane broke.' } },
} as const;
type Path = keyof typeof requests;
const paths = Object.keys(requests) as Path[];

function ask(path: Path, sending: Sending = {}): Promise<Answer> {
  const { body, decisionType } = requests[path];
  return gateway.post(path, body, { decisionType, ...sending });
}

/** How many requests every simulator but the European one has received. */
function abroad(): number {
  return [gateway.us, ...others.values()].reduce((sum, simulator) => sum + simulator.requests().length, 0);
}

async function recorded<Facts>(answer: Answer, type: 'intent' | 'completion'): Promise<Facts[]> {
  const story = await gateway.story(answer.decisionId);
  const entries = story?.entries.filter(({ header }) => header.type === type) ?? [];
  return entries.map(({ header }) => header.facts as unknown as Facts);
}

/** What is wrong with the configuration that tests have, once it is changed so; empty when it loads. */
async function problemsWith(change: (config: GatewayConfig) => unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-wild-'));
  await chmod(folder, 0o755);
  try {
    loadConfig(await writeConfig(folder, {}, { change: (config) => change(config) as GatewayConfig }));
    return '';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path} ${message}`).join('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The EU endpoint of the configuration, changed. */
function withEu(changes: object): (config: GatewayConfig) => unknown {
  return (config) => ({
    ...config,
    endpoints: config.endpoints.map((one, i) => (i === 0 ? { ...one, ...changes } : one)),
  });
}

describe('1. a fallback to the same model in another region', () => {
  const failures: readonly Behaviour[] = [
    { mode: 'refuse' },
    { mode: 'hang' },
    { mode: 'reset' },
    { mode: 'reset-mid-body' },
    { mode: 'status', status: 429 },
    { mode: 'status', status: 503 },
    { mode: 'garbage' },
  ];
  it.each(failures)('does not happen when the European endpoint answers with %j', async (behaviour) => {
    await gateway.eu.setBehaviour(behaviour);
    const before = abroad();
    for (const path of paths) {
      const answer = await ask(path);
      expect([path, answer.status, answer.code]).toEqual([path, 503, 'LAWFUL_ENDPOINTS_FAILED']);
      const intents = await recorded<IntentFacts>(answer, 'intent');
      expect(new Set(intents.map(({ endpoint }) => endpoint.id))).toEqual(new Set(['simulator-eu']));
    }
    expect(abroad()).toBe(before);
  });
});

describe('2. a default pool', () => {
  it('does not catch a request without a jurisdiction, nor one that asks for it', async () => {
    const before = gateway.callsReceived() + abroad();
    const key = await gateway.keyFor();
    const init = (headers: Record<string, string>) => ({
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'countersign-decision-type': 'claims-triage',
        ...headers,
      },
      body: JSON.stringify(requests['/v1/decisions'].body),
    });
    const codes: unknown[] = [];
    for (const headers of [{}, { 'countersign-jurisdiction': 'default' }]) {
      const response = await fetch(`${gateway.url}/v1/decisions`, init(headers));
      codes.push(((await response.json()) as { code: unknown }).code);
    }
    expect(codes).toEqual(['LABEL_MISSING', 'LABEL_CONFLICT']);
    expect(gateway.callsReceived() + abroad()).toBe(before);
  });

  it('cannot be written into the configuration', async () => {
    expect(await problemsWith(withEu({ default: true }))).toContain('default');
    const top = { defaultEndpoint: 'simulator-us', fallbacks: [{ scorecard: ['simulator-us'] }] };
    expect(await problemsWith((config) => ({ ...config, ...top }))).toMatch(/defaultEndpoint[^]*fallbacks/);
    expect(await problemsWith(withEu({ tags: ['region:eu', 'default'] }))).toContain('tags');
  });
});

describe('3. a flip to a global deployment', () => {
  it('is refused by the configuration while the endpoint still declares a place', async () => {
    expect(await problemsWith(withEu({ vendorMode: 'global' }))).toContain(
      'vendorMode global computes anywhere',
    );
  });

  it('takes the endpoint away from everybody once it declares that it computes anywhere', async () => {
    await gateway.eu.setBehaviour({ mode: 'refuse' });
    await ask('/v1/chat/completions');
    await ask('/v1/chat/completions', { headers: { 'countersign-jurisdiction': 'US' } });
    expect(others.get('global')?.requests()).toEqual([]);
    expect(await problemsWith(withEu({ vendorMode: 'global', processing: ['*'] }))).toBe('');
  });
});

describe('4. a vendor’s profile that reaches an unexpected region', () => {
  it('is refused by the configuration without a snapshot of what it reached', async () => {
    expect(await problemsWith(withEu({ vendorMode: 'profile' }))).toContain('add profileSnapshotSha256');
  });

  it('is not used when one of its regions is not lawful, however many are', async () => {
    await gateway.eu.setBehaviour({ mode: 'status', status: 503 });
    const answer = await ask('/v1/decisions');
    const intents = await recorded<IntentFacts>(answer, 'intent');
    expect(intents.map(({ endpoint }) => endpoint.id)).not.toContain('profile');
    expect(others.get('profile')?.requests()).toEqual([]);
  });
});

describe('5. a vendor’s word in place of countries', () => {
  it.each(['EU', 'UK'])('is refused by the configuration: %s as a country', async (word) => {
    for (const list of ['processing', 'storage', 'support', 'telemetry']) {
      expect(await problemsWith(withEu({ [list]: [word] }))).toContain(`"${word}" is no country`);
    }
    const jurisdictions = (config: GatewayConfig) => ({
      ...config,
      jurisdictions: config.jurisdictions.map((one, i) => (i === 0 ? { ...one, countries: [word] } : one)),
    });
    expect(await problemsWith(jurisdictions)).toContain(`"${word}" is no country`);
  });

  it.each(['global', 'eu', 'europe-west3', 'EU/EFTA'])(
    'is refused by the configuration: %s as a country',
    async (word) => {
      expect(await problemsWith(withEu({ processing: [word] }))).toContain('processing');
    },
  );

  it('is refused as a label', async () => {
    const before = gateway.callsReceived() + abroad();
    for (const word of ['global', 'eu', 'europe', 'GDPR']) {
      const answer = await ask('/v1/decisions', { headers: { 'countersign-jurisdiction': word } });
      expect([word, answer.code]).toEqual([word, 'LABEL_CONFLICT']);
    }
    expect(gateway.callsReceived() + abroad()).toBe(before);
  });
});

describe('6. embeddings with a region of their own', () => {
  it('are refused where the model is lawful for nobody near, whatever the chat endpoint offers', async () => {
    const before = gateway.callsReceived() + abroad();
    const body = { model: 'embedder', input: 'A pane broke.' };
    const key = await gateway.keyFor({ decisionTypes: ['us-embeddings'] });
    const answer = await gateway.post('/v1/embeddings', body, { key, decisionType: 'us-embeddings' });
    expect([answer.status, answer.code]).toEqual([403, 'NO_LAWFUL_ENDPOINT']);
    const { nearestMisses } = answer.body['countersign'] as {
      nearestMisses: { endpoint: string; why: string }[];
    };
    expect(nearestMisses.find(({ endpoint }) => endpoint === 'simulator-us')?.why).toBe('NO_MECHANISM US');
    expect(gateway.callsReceived() + abroad()).toBe(before);
  });

  it('go to an endpoint that is lawful for embeddings, with that written into the record', async () => {
    const answer = await ask('/v1/embeddings');
    const [intent] = await recorded<IntentFacts>(answer, 'intent');
    expect([intent?.purpose, intent?.endpoint.id]).toEqual(['embedding', 'simulator-eu']);
  });

  it('are refused by the configuration when nobody offers their model for that purpose', async () => {
    const onlyInference = (config: GatewayConfig) => ({
      ...config,
      endpoints: config.endpoints.map((one) => ({ ...one, purposes: ['inference'] })),
    });
    expect(await problemsWith(onlyInference)).toContain('no endpoint with the purpose embedding offers');
  });
});

describe('7. telemetry that goes to the United States by default', () => {
  it('makes an endpoint unlawful that computes in the Union', async () => {
    const key = await gateway.keyFor({ decisionTypes: ['telemetry-us'] });
    const { body } = requests['/v1/chat/completions'];
    const answer = await gateway.post('/v1/chat/completions', body, { key, decisionType: 'telemetry-us' });
    expect([answer.status, answer.code]).toEqual([403, 'NO_LAWFUL_ENDPOINT']);
    const { nearestMisses } = answer.body['countersign'] as { nearestMisses: unknown[] };
    expect(nearestMisses[0]).toEqual({ endpoint: 'telemetry', why: 'NO_MECHANISM US' });
    expect(others.get('telemetry')?.requests()).toEqual([]);
  });

  it('cannot hide in a sub-processor or be left out', async () => {
    const subprocessors = [{ legalEntity: 'Logs Inc', service: 'telemetry', countries: ['US'] }];
    const contract = {
      ref: 'c',
      validFrom: '2026-01-01',
      validUntil: '2030-01-01',
      noticeDays: 90,
      subprocessors,
    };
    expect(await problemsWith(withEu({ contract }))).toContain('"US" stands in none of');
    expect(await problemsWith(withEu({ telemetry: undefined }))).toContain('telemetry');
    expect(await problemsWith(withEu({ telemetry: [] }))).toContain('telemetry');
  });
});

describe('8. a cache without the tenant in its key', () => {
  it('does not hand one tenant’s answer to another, whose request and key are the same', async () => {
    const [acme, globex] = [await gateway.keyFor({}, 'acme'), await gateway.keyFor({}, 'globex')];
    for (const path of paths) {
      const headers = { 'idempotency-key': `once ${path}`, 'countersign-subject': 'customer-1' };
      const before = gateway.eu.requests().length;
      const first = await ask(path, { key: acme, headers });
      const second = await ask(path, { key: globex, headers });
      const again = await ask(path, { key: acme, headers });
      expect(again.decisionId).toBe(first.decisionId);
      expect(second.decisionId).not.toBe(first.decisionId);
      expect(gateway.eu.requests()).toHaveLength(before + 2);
      const read = await gateway.get(`/v1/decisions/${first.decisionId}`, { key: globex });
      expect([read.status, read.code]).toEqual([404, 'DECISION_UNKNOWN']);
    }
  });

  it('does not remember a route for another jurisdiction, class or purpose', async () => {
    const [euBefore, usBefore] = [gateway.eu.requests().length, gateway.us.requests().length];
    for (let round = 0; round < 3; round++) {
      for (const path of paths) {
        await ask(path);
        await ask(path, { headers: { 'countersign-jurisdiction': 'US' } });
      }
    }
    const since = (simulator: Simulator, before: number) => simulator.requests().slice(before);
    const reached = [since(gateway.eu, euBefore), since(gateway.us, usBefore)];
    expect(reached.map((all) => all.length)).toEqual([9, 9]);
    for (const [i, jurisdiction] of ['EU', 'US'].entries()) {
      for (const { decisionId } of reached[i] ?? []) {
        const story = await gateway.story(decisionId ?? '');
        expect(story?.entries[0]?.header.jurisdiction).toBe(jurisdiction);
      }
    }
  });
});

describe('9. an address that is made or matched instead of used', () => {
  it('does not happen: the configured address is used to the letter', async () => {
    const key = await gateway.keyFor({ decisionTypes: ['exact-url'] });
    const { body } = requests['/v1/chat/completions'];
    await gateway.post('/v1/chat/completions', body, { key, decisionType: 'exact-url' });
    expect(gateway.eu.requests().at(-1)?.route).toBe('POST /v1/regions/eu/chat/completions');
  });

  it.each(paths)('nor is a redirect to another region followed: %s', async (path) => {
    await gateway.eu.setBehaviour({ mode: 'redirect', location: `${gateway.us.url}${path}` });
    const before = abroad();
    const answer = await ask(path);
    expect([answer.status, answer.code]).toEqual([503, 'LAWFUL_ENDPOINTS_FAILED']);
    const completions = await recorded<CompletionFacts>(answer, 'completion');
    expect(new Set(completions.map(({ fault }) => fault))).toEqual(new Set(['REDIRECT']));
    expect(abroad()).toBe(before);
  });
});
