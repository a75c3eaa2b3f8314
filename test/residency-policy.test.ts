import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayConfig } from '../src/config/gateway-schema.ts';
import type { IntentFacts } from '../src/decision/entry.ts';
import type { Digest } from '../src/decision/ids.ts';
import { warnOfExpiries } from '../src/gateway/expiring.ts';
import { startGateway } from '../src/gateway/gateway.ts';
import { allPolicyChanges } from '../src/gateway/policy-change.ts';
import { createReplayer } from '../src/gateway/replay/replayer.ts';
import { findParts } from '../src/release/repository.ts';
import { createLawfulFilter } from '../src/residency/lawful.ts';
import { route } from '../src/residency/route.ts';
import { type TestGateway, startTestGateway, writeConfig } from './support/gateway.ts';

const maximum = 3;
let gateway: TestGateway;

/** Data of the Union may go to the United States under clauses, for so many persons a year. */
function withCounting(config: GatewayConfig): GatewayConfig {
  return {
    ...config,
    endpoints: config.endpoints.map((endpoint) =>
      endpoint.id === 'simulator-us'
        ? { ...endpoint, models: [...endpoint.models, { id: 'only-abroad', version: 'only-abroad-1' }] }
        : endpoint,
    ),
    mechanisms: [
      ...config.mechanisms,
      {
        id: 'eu-us-scc',
        law: 'GDPR Art. 46(2)(c)',
        kind: 'scc',
        module: 2,
        from: 'EU',
        to: ['US'],
        recipient: 'Countersign simulator',
        dataClasses: ['special-category'],
        ref: 'SCC-2026-1',
        tiaDate: '2026-03-01',
        validFrom: '2026-01-01',
        validUntil: '2030-01-01',
      },
    ],
    transferRules: [
      ...config.transferRules,
      {
        id: 'eu-few-abroad',
        subjectJurisdiction: 'EU',
        dataClass: 'special-category',
        purposes: ['inference'],
        allow: ['scc'],
        deny: [],
        maxSubjectsPerYear: maximum,
      },
    ],
  };
}

beforeAll(async () => {
  gateway = await startTestGateway({
    change: withCounting,
    endpointTimeoutMs: 2_000,
    types: [{ name: 'abroad', like: 'chat-test', model: 'only-abroad' }],
  });
});
afterAll(() => gateway.stop());

const chat = { model: 'scorecard', messages: [{ role: 'user', content: 'Is the office open on Monday?' }] };
const ask = (subject: string | null) =>
  gateway.post('/v1/chat/completions', chat, {
    decisionType: 'chat-test',
    headers: subject === null ? {} : { 'countersign-subject': subject },
  });

const cellOf = (id: string) => {
  const cell = gateway.rooms.cells.get(id);
  if (cell === undefined) throw new Error(`no cell ${id}`);
  return cell;
};

async function intentsOf(decisionId: string): Promise<IntentFacts[]> {
  const story = await gateway.story(decisionId);
  return (story?.entries ?? []).flatMap(({ header }) =>
    header.facts.kind === 'intent' ? [header.facts] : [],
  );
}

async function replayOf(decisionId: string) {
  const story = await gateway.story(decisionId);
  if (story === null) throw new Error('no story');
  const replayer = createReplayer();
  try {
    return (await replayer.replay(cellOf('eu').store, story, { reveal: true })).result;
  } finally {
    replayer.close();
  }
}

const personsCounted = async () => {
  const rows = await cellOf('eu').store.query<{ persons: number }>({
    text: `SELECT persons FROM residency_counts WHERE rule = 'eu-few-abroad'`,
    values: [],
  });
  return rows[0]?.persons ?? 0;
};

describe('a yearly maximum of persons', () => {
  it('counts nobody while the data stays at home', async () => {
    const answer = await ask('stays-at-home');
    expect(answer.headers.get('countersign-endpoint')).toBe('simulator-eu');
    expect(await personsCounted()).toBe(0);
  });

  it('lets no person too many leave, however many ask at once, and says so in every record', async () => {
    await gateway.eu.setBehaviour({ mode: 'refuse' });
    const persons = ['a', 'b', 'c', 'd', 'e', 'a', 'b', 'c', 'd', 'e'];
    const answers = await Promise.all(persons.map((person) => ask(`person-${person}`)));
    const abroad = gateway.us.requests();
    const through = new Set<string>();
    for (const [index, answer] of answers.entries()) {
      const intents = await intentsOf(answer.decisionId);
      const left = intents.filter(({ endpoint }) => endpoint.id === 'simulator-us');
      if (left.length > 0) through.add(persons[index] ?? '');
      for (const { endpoint } of left) expect(endpoint.counted).toEqual(['eu-few-abroad']);
      expect(abroad.some(({ decisionId }) => decisionId === answer.decisionId)).toBe(left.length > 0);
    }
    expect(through.size).toBe(maximum);
    expect(await personsCounted()).toBe(maximum);
    const replays = await Promise.all(answers.map(({ decisionId }) => replayOf(decisionId)));
    expect(replays.map(({ result, firstDifference }) => [result, firstDifference])).toEqual(
      answers.map(() => ['equal', null]),
    );
  });

  it('refuses the next person and says why, and lets those who were counted go on', async () => {
    const stranger = await ask(null);
    const intents = await intentsOf(stranger.decisionId);
    expect(intents.every(({ endpoint }) => endpoint.id === 'simulator-eu')).toBe(true);
    expect(intents.at(-1)?.endpoint.exhausted).toEqual(['eu-few-abroad']);
    expect(stranger.code).toBe('LAWFUL_ENDPOINTS_FAILED');
    expect((await replayOf(stranger.decisionId)).result).toBe('equal');
  });
});

describe('a person whom no rule has room for', () => {
  const askAbroad = async (subject: string) => {
    const key = await gateway.keyFor({ decisionTypes: ['abroad'] });
    return gateway.post(
      '/v1/chat/completions',
      { ...chat, model: 'only-abroad' },
      { key, decisionType: 'abroad', headers: { 'countersign-subject': subject } },
    );
  };

  it('goes nowhere, and the refusal says so and can be replayed', async () => {
    const before = gateway.us.requests().length;
    const answer = await askAbroad('nobody-knows');
    expect([answer.status, answer.code]).toEqual([403, 'NO_LAWFUL_ENDPOINT']);
    expect(answer.text).toContain('SUBJECTS_EXHAUSTED US eu-few-abroad');
    expect(gateway.us.requests()).toHaveLength(before);
    expect(await intentsOf(answer.decisionId)).toEqual([]);
    const replay = await replayOf(answer.decisionId);
    expect([replay.result, replay.firstDifference]).toEqual(['equal', null]);
    expect(await personsCounted()).toBe(maximum);
  });

  it('is not one who was counted before', async () => {
    const codes = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map(async (person) => (await askAbroad(`person-${person}`)).code),
    );
    expect(codes.filter((code) => code === 'NO_LAWFUL_ENDPOINT')).toHaveLength(5 - maximum);
  });
});

describe('an end that comes while a call is on its way', () => {
  const untilMs = Date.UTC(2027, 0, 1);
  const policy = () => {
    const config = gateway.rooms.config.gateway;
    const mechanisms = config.mechanisms.map((mechanism) => ({ ...mechanism, validUntil: '2027-01-01' }));
    return { ...config, mechanisms };
  };
  const label = {
    jurisdiction: 'EU',
    countries: ['DE'],
    dataClass: 'personal',
    cell: 'eu',
    jurisdictionSource: 'grant',
    dataClassSource: 'decision-type',
  } as const;

  it('takes the endpoint out before the next attempt', () => {
    const filter = createLawfulFilter(policy());
    let nowMs = untilMs - 1;
    const hops = route({
      filter,
      health: gateway.rooms.health,
      attempts: 3,
      nowMs: () => nowMs,
      ask: (at) => ({ label, purpose: 'inference', modelId: 'scorecard', nowMs: at }),
    });
    expect(hops.next().value).toMatchObject({ kind: 'go', endpoint: { id: 'simulator-eu' } });
    nowMs = untilMs;
    const next = hops.next().value;
    expect(next).toMatchObject({ kind: 'refuse', reason: 'NO_LAWFUL_ENDPOINT' });
    const misses = next && next.kind === 'refuse' ? next.nearestMisses() : [];
    expect(misses.map(({ why }) => why).join()).toContain('MECHANISM_NOT_LIVE DE eu-domestic');
    expect(hops.next().done).toBe(true);
  });

  it('gives an endpoint no longer life than what it rests on, so that egress refuses at send', () => {
    const verdict = createLawfulFilter(policy()).lawful({ label, purpose: 'inference', nowMs: untilMs - 1 });
    expect(verdict.kind === 'pass' ? verdict.endpoints[0].validUntilMs : null).toBe(untilMs);
  });
});

describe('warnings of what ends', () => {
  it('come once for each thing and threshold, and again for the next threshold', async () => {
    const cell = cellOf('eu');
    const dayMs = 86_400_000;
    const told = async (daysLeft: number) => {
      const nowMs = Date.UTC(2030, 0, 1) - daysLeft * dayMs;
      const rooms = { config: gateway.rooms.config, alerts: gateway.rooms.alerts, nowMs: () => nowMs };
      const expiries = await warnOfExpiries(rooms, cell.store);
      await gateway.rooms.alerts.settle();
      return expiries.filter(({ object }) => object === 'mechanism:eu-us-scc').map(({ warning }) => warning);
    };
    const warnings = [];
    for (const daysLeft of [91, 90, 60, 30, 29, 3, 2, 0, -5]) warnings.push(await told(daysLeft));
    expect(warnings).toEqual([[], [90], [], [30], [], [7], [], [0], []]);
    const answer = await gateway.get('/v1/alerts?kind=residency-expiry');
    expect(answer.text).toContain('"object":"mechanism:eu-us-scc"');
  });

  it('have a metric', async () => {
    const text = await gateway.rooms.metrics.registry.metrics();
    expect(text).toMatch(/countersign_residency_expiry_days\{object="mechanism:eu-us-scc"\} \d+/);
  });
});

describe('a change of policy', () => {
  it('is an entry that says who, what and from which digest to which', async () => {
    const store = cellOf('eu').store;
    const [first] = await allPolicyChanges(store, 0);
    expect(first).toMatchObject({
      cell: 'eu',
      by: `process/${process.getuid?.()}`,
      previous: null,
      policy: gateway.rooms.lawfulFilter.policyDigest,
      changes: ['the first policy of this cell'],
    });
  });

  it('keeps the bytes behind every digest that a decision names', async () => {
    await gateway.eu.setBehaviour({ mode: 'ok' });
    const answer = await ask('someone');
    const [intent] = await intentsOf(answer.decisionId);
    const digest = intent?.endpoint.policy as Digest;
    const parts = await findParts(cellOf('eu').store, [digest]);
    const policy = JSON.parse(parts.get(digest)?.bytes.toString('utf8') ?? 'null') as GatewayConfig;
    expect(policy.transferRules.some(({ id }) => id === 'eu-few-abroad')).toBe(true);
  });
});

describe('a policy that changes between two starts', () => {
  it('is recorded once, in words, and not when nothing changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
    await chmod(folder, 0o755);
    const urls = { 'simulator-eu': 'http://127.0.0.1:9/v1', 'simulator-us': 'http://127.0.0.1:10/v1' };
    const log = () => undefined;
    const start = async (change: (config: GatewayConfig) => GatewayConfig) => {
      await rm(join(folder, 'decision-types'), { recursive: true, force: true });
      const running = await startGateway({ configFile: await writeConfig(folder, urls, { change }), log });
      try {
        const cell = running.rooms.cells.get('eu');
        if (cell === undefined) throw new Error('no cell eu');
        return await allPolicyChanges(cell.store, 0);
      } finally {
        await running.stop();
      }
    };
    try {
      const same = (config: GatewayConfig) => config;
      expect(await start(same)).toHaveLength(1);
      expect(await start(same)).toHaveLength(1);
      const changes = await start((config) => ({
        ...config,
        endpoints: config.endpoints.map((endpoint) =>
          endpoint.id === 'simulator-eu' ? { ...endpoint, processing: ['DE', 'IE'] } : endpoint,
        ),
      }));
      expect(changes).toHaveLength(2);
      expect(changes[1]).toMatchObject({
        previous: changes[0]?.policy,
        changes: ['endpoint simulator-eu: processing DE → DE, IE'],
      });
      const counted = await start(withCounting);
      expect(counted.at(-1)?.changes).toContain(
        'mechanism eu-us-scc added: scc from EU to US for Countersign simulator, until 2030-01-01',
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
