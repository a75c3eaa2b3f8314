import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { sweep } from '../../src/audit/sweeper.ts';
import type { DecisionTypeConfig } from '../../src/config/decision-type-schema.ts';
import type { GatewayConfig } from '../../src/config/gateway-schema.ts';
import { createApiKey } from '../../src/gateway/api-key.ts';
import type { Grants } from '../../src/gateway/caller.ts';
import { type Gateway, startGateway } from '../../src/gateway/gateway.ts';
import type { Random } from '../../src/simulator/random.ts';
import { placeDataFolder } from '../../src/storage/data-folder.ts';
import { serverAccount } from '../../src/storage/server-account.ts';
import { defaultValidationPolicy } from '../../src/validation/policy.ts';
import { writeConfig } from './gateway.ts';
import { type OddUpstream, startOddUpstream } from './odd-upstream.ts';
import type { RandomRequest } from './random-decisions.ts';

/** A gateway over odd upstreams, which can be stopped, configured anew in every part, and started again. */
export interface ReplayStage {
  readonly gateway: Gateway;
  readonly key: string;
  readonly file: string;
  readonly upstreams: readonly OddUpstream[];
  /** Sends requests, `lanes` at a time. @returns the ids of the decisions they became, label refusals apart */
  decide(requests: readonly RandomRequest[], lanes: number): Promise<string[]>;
  /** Claims and answers up to `count` review tasks of a cell. */
  review(cell: string, count: number, random: Random): Promise<number>;
  /** Lets the sweeper close calls that are still being answered. @returns ids of the decisions */
  interrupt(count: number): Promise<string[]>;
  restart(change: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const types = ['credit-application', 'claims-triage', 'chat-test', 'nowhere'];
const quiet = () => undefined;
const lenient = { refuse: 1001, review: 1000 };

export async function startReplayStage(): Promise<ReplayStage> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-replay-'));
  await chmod(folder, 0o755);
  const upstreams = await Promise.all(['a', 'b', 'c'].map(startOddUpstream));
  const file = await writeConfig(folder, {}, { limits: { attempts: 3, storeTimeoutMs: 10_000 } });
  await addEndpoints(
    file,
    upstreams.map(({ url }) => url),
  );
  await addType(folder);
  let gateway = await startGateway({ configFile: file, log: quiet });
  let running = true;
  const grants: Grants = {
    jurisdictions: ['EU', 'US'],
    dataClasses: ['special-category'],
    decisionTypes: types,
    roles: ['caller', 'reviewer', 'auditor'],
  };
  const keyIn = async (country: string) => {
    const named = { name: 'replay', tenant: 'acme', grants: { ...grants, country } };
    return (await createApiKey(storesOf(gateway), named)).key;
  };
  const key = await keyIn('DE');
  const american = await keyIn('US');
  const dataFolder = await placeDataFolder(join(folder, 'data'), serverAccount());
  return {
    get gateway() {
      return gateway;
    },
    key,
    file,
    upstreams,
    decide: (requests, lanes) => inLanes(requests, lanes, (request) => send(gateway.url, key, request)),
    review: (cell, count, random) =>
      answerTasks(gateway.url, cell === 'us' ? american : key, { cell, count, random }),
    interrupt: (count) => interrupt(gateway, key, upstreams, count),
    async restart(change) {
      await gateway.stop();
      running = false;
      await change();
      gateway = await startGateway({ configFile: file, log: quiet });
      running = true;
    },
    async stop() {
      if (running) await gateway.stop();
      await Promise.all(upstreams.map((upstream) => upstream.close()));
      await rm(folder, { recursive: true, force: true });
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Another policy in every part: none of the thresholds, names, places and bases stays what it was. */
export async function changeEverything(file: string): Promise<void> {
  await changeYaml<GatewayConfig>(file, (config) => ({
    ...config,
    jurisdictions: [
      { id: 'EEA', countries: ['DE', 'NO', 'IS', 'LI'] },
      { id: 'USA', countries: ['US', 'PR'] },
    ],
    cells: config.cells.map((cell) => ({
      ...cell,
      jurisdictions: [cell.id === 'eu' ? 'EEA' : 'USA'],
      archive: 'none' as const,
    })),
    dataClasses: [...config.dataClasses, { id: 'secret', parents: ['special-category'] }],
    endpoints: [
      ...config.endpoints.slice(0, 2).map(otherEndpoint),
      ...config.endpoints.filter(({ dialect }) => dialect === 'store'),
    ],
    mechanisms: config.mechanisms.map((mechanism) => ({
      ...mechanism,
      id: `new-${mechanism.id}`,
      from: mechanism.from === 'EU' ? 'EEA' : 'USA',
      to: mechanism.from === 'EU' ? ['DE', 'NO'] : ['US'],
    })),
    transferRules: config.transferRules.map((rule) => ({
      ...rule,
      subjectJurisdiction: rule.subjectJurisdiction === 'EU' ? 'EEA' : 'USA',
      deny: ['CN', 'RU'],
    })),
    retentionRules: [],
    validation: {
      thresholds: {
        chat: lenient,
        document: lenient,
        retrieved: lenient,
        tool_result: lenient,
        tool_call: lenient,
        output: lenient,
      },
      limits: { ...defaultValidationPolicy.limits, charactersMax: 1_000, documentsMax: 1, findingsMax: 1 },
      documents: defaultValidationPolicy.documents,
      canonical: { depthMax: 0, viewsMax: 2, expansionMax: 1 },
    },
    limits: { ...config.limits, attempts: 1 },
  }));
  const folder = join(file, '../decision-types');
  for (const type of types) {
    await changeYaml<DecisionTypeConfig>(join(folder, type, 'type.yaml'), (config) => ({
      ...config,
      version: 'changed',
      model: 'scorecard',
      surfaces: config.tools ? ['chat', 'tool_call', 'tool_result'] : ['chat'],
      parameters: { temperature: 1, top_p: 0.5 },
      bands: { ...config.bands, id: 'changed', tLow: 0.01, tHigh: 0.02 },
      output: { personalData: 'refuse', secrets: 'mask' },
      retention: { class: 'changed', years: 1, clockStart: 'notice' },
    }));
  }
  for (const type of types.slice(0, 2)) {
    await writeFile(join(folder, type, 'prompt.md'), 'Say yes to everything.\n');
    await writeFile(join(folder, type, 'output.schema.json'), '{"type":"string"}');
  }
}

async function changeYaml<T>(file: string, change: (value: T) => T): Promise<void> {
  await writeFile(file, stringify(change(parse(await readFile(file, 'utf8')) as T)));
}

function otherEndpoint(endpoint: GatewayConfig['endpoints'][number], i: number) {
  return {
    ...endpoint,
    id: `new-${endpoint.id}`,
    url: `http://127.0.0.${i + 1}:9/v1`,
    models: endpoint.models.map((model) => ({ ...model, version: 'another' })),
    operator: { ...endpoint.operator, legalEntity: 'Somebody else' },
  };
}

/** A second lawful endpoint in each place, so that there is somewhere to go on to. */
async function addEndpoints(file: string, urls: readonly string[]): Promise<void> {
  await changeYaml<GatewayConfig>(file, (config) => {
    const [eu, us] = config.endpoints;
    if (!eu || !us) throw new Error('the example has two endpoints');
    const place = (endpoint: typeof eu, id: string, url: string | undefined) => ({
      ...endpoint,
      id,
      url: url ?? '',
    });
    const nowhere = { ...us, id: 'nowhere', url: urls[0] ?? '', models: [{ id: 'us-only', version: '1' }] };
    return {
      ...config,
      endpoints: [
        place(eu, 'eu-1', urls[0]),
        place(us, 'us-1', urls[1]),
        place(eu, 'eu-2', urls[2]),
        nowhere,
        ...config.endpoints.filter(({ dialect }) => dialect === 'store'),
      ],
    };
  });
}

/** A type whose model only exists where European data may not go. */
async function addType(folder: string): Promise<void> {
  const from = join(folder, 'decision-types/claims-triage');
  const to = join(folder, 'decision-types/nowhere');
  await cp(from, to, { recursive: true });
  await changeYaml<DecisionTypeConfig>(join(to, 'type.yaml'), (config) => ({
    ...config,
    name: 'nowhere',
    model: 'us-only',
    surfaces: ['chat', 'document'],
  }));
}

function storesOf(gateway: Gateway) {
  return [...gateway.rooms.cells.values()].map((cell) => cell.store);
}

async function inLanes<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => Promise<string | null>,
): Promise<string[]> {
  const results: string[] = [];
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const result = await work(item);
      if (result !== null) results.push(result);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

async function send(url: string, key: string, request: RandomRequest): Promise<string | null> {
  const { body, decisionType, jurisdiction, path } = request;
  const response = await fetch(url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'countersign-decision-type': decisionType,
      'countersign-jurisdiction': jurisdiction,
      ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
      ...request.headers,
    },
    body,
  });
  await response.arrayBuffer();
  return response.headers.get('countersign-decision-id');
}

async function answerTasks(
  url: string,
  key: string,
  { cell, count, random }: { cell: string; count: number; random: Random },
): Promise<number> {
  const request = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const response = await fetch(`${url}${path}?cell=${cell}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await response.json()) as {
      task: { taskId: string; decisionType: string } | null;
      evidenceHash?: string;
    };
  };
  for (let answered = 0; answered < count; answered++) {
    const { task } = await request('POST', '/v1/reviews/claim');
    if (task === null) return answered;
    const given = {
      'credit-application': { verdict: random.pick(['approve', 'decline']), reasonCodes: ['R01', 'R02'] },
      'chat-test': {
        verdict: random.pick(['release', 'withhold']),
        reasonCodes: ['T01'],
        note: 'Seen; fine.',
      },
    }[task.decisionType] ?? { verdict: random.pick(['pay', 'investigate']), reasonCodes: ['C01'] };
    const { evidenceHash } = await request('GET', `/v1/reviews/${task.taskId}`);
    const { task: done } = await request('POST', `/v1/reviews/${task.taskId}/answer`, {
      ...given,
      evidenceHash,
    });
    if (!done) throw new Error(`a task of ${task.decisionType} could not be answered`);
  }
  return count;
}

async function interrupt(
  gateway: Gateway,
  key: string,
  upstreams: readonly OddUpstream[],
  count: number,
): Promise<string[]> {
  const held = () => upstreams.reduce((sum, upstream) => sum + upstream.heldCount(), 0);
  const before = held();
  const body = JSON.stringify({ input: { note: 'hold-the-answer' } });
  const request = {
    path: '/v1/decisions',
    decisionType: 'claims-triage',
    jurisdiction: 'EU',
    headers: {},
    body,
  } as const;
  const sent = Array.from({ length: count }, () => send(gateway.url, key, request));
  while (held() < before + count) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const store of storesOf(gateway)) await sweep(store, { olderThanMs: 0, since: null, nowMs: Date.now });
  for (const upstream of upstreams) upstream.release();
  const ids = await Promise.all(sent);
  return ids.filter((id) => id !== null);
}
