import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type DecisionStory, tellStory } from '../../src/audit/story.ts';
import type { DecisionTypeConfig } from '../../src/config/decision-type-schema.ts';
import type { GatewayConfig } from '../../src/config/gateway-schema.ts';
import { parseDecisionId } from '../../src/decision/ids.ts';
import { createApiKey } from '../../src/gateway/api-key.ts';
import type { Grants } from '../../src/gateway/caller.ts';
import { type Gateway, startGateway } from '../../src/gateway/gateway.ts';
import { embeddingModel } from '../../src/simulator/answer.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { placeDataFolder } from '../../src/storage/data-folder.ts';
import { serverAccount } from '../../src/storage/server-account.ts';

const root = join(import.meta.dirname, '../..');

/** Free chat: no prompt of ours, no outcome field; releasing the answer is the favourable outcome. */
const chatTest = {
  name: 'chat-test',
  version: '2026-11-22',
  description: 'Chat as it comes, scored by the probabilities of its tokens.',
  dataClass: 'personal',
  model: 'scorecard',
  parameters: { temperature: 0 },
  prompt: 'none',
  surfaces: ['chat', 'document', 'retrieved', 'tool_result', 'tool_call'],
  outcome: { field: '*', favourable: ['release'], unfavourable: ['withhold'] },
  score: { source: 'logprobs', field: '*' },
  bands: { id: 'chat-test-1', basis: 'configured', tLow: 0.1, tHigh: 0.2, autoDecide: true, low: 'escalate' },
  costs: { falseApprove: 5, falseDecline: 1, review: 0.3, currency: 'EUR' },
  output: { personalData: 'mask', secrets: 'refuse' },
  review: { leaseSeconds: 900, dueHours: 24 },
  retention: { class: 'chat', years: 1, clockStart: 'decision' },
  webhook: 'none',
  // Tools of the application, as the drop-in requests of tests bring them.
  tools: {
    allow: ['f', 'find'],
    roundsMax: 1,
    untrusted: ['document', 'retrieved', 'tool_result'],
    onViolation: 'refuse',
  },
};

const callerTool = {
  description: 'Looks something up.',
  effect: 'read',
  parameters: { type: 'object', properties: { q: { type: 'string' } }, additionalProperties: false },
  arguments: {},
  result: 'untrusted',
  runs: { kind: 'caller' },
};

/** Texts into vectors, which decide nothing. */
const embedTest = {
  ...chatTest,
  name: 'embed-test',
  description: 'Texts are embedded, to be found again.',
  model: embeddingModel.id,
  purpose: 'embedding',
  parameters: {},
  surfaces: ['chat'],
  tools: undefined,
  bands: { ...chatTest.bands, id: 'embed-test-1', autoDecide: false },
};

export interface TestGatewayOptions {
  readonly limits?: Partial<GatewayConfig['limits']>;
  readonly ledger?: Partial<GatewayConfig['ledger']>;
  /** Longest wait for a simulator's answer, ms. */
  readonly endpointTimeoutMs?: number;
  /** Base URL, with `/v1`, of an upstream of the test's own in place of the EU simulator. */
  readonly euUrl?: string;
  /** What is different from the configuration that tests have otherwise. */
  readonly change?: (config: GatewayConfig) => GatewayConfig;
  /** Further decision types: like another, for a model of their own. */
  readonly types?: readonly ({
    name: string;
    like: 'chat-test' | 'embed-test';
    /** Further files of its folder, by their names in it: `tools/find.yaml`. */
    files?: Readonly<Record<string, string>>;
  } & Partial<DecisionTypeConfig>)[];
}

/** What came back for one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON; empty where the body is none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly decisionId: string;
  /** Code of the error in either envelope; null where the body is no error. */
  readonly code: string | null;
}

export interface Sending {
  readonly key?: string;
  readonly decisionType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestGateway extends Gateway {
  readonly eu: Simulator;
  readonly us: Simulator;
  /** Folder with the configuration; the data folder may lie elsewhere. */
  readonly folder: string;
  /** Every line that the gateway logged, as JSON. */
  readonly logLines: readonly string[];
  /** What PostgreSQL logged. */
  databaseLog(): Promise<string>;
  /** A key that may do everything, less what `grants` takes away. */
  keyFor(grants?: Partial<Grants>, tenant?: string): Promise<string>;
  /** Sends JSON, or a string or bytes as they are, with the key of `keyFor()` and EU as jurisdiction. */
  post(path: string, body: unknown, sending?: Sending): Promise<Answer>;
  get(path: string, sending?: Sending): Promise<Answer>;
  /** The record as an auditor reads it; null when no cell has one. */
  story(decisionId: string): Promise<DecisionStory | null>;
  /** Requests that reached either simulator. */
  callsReceived(): number;
}

const allGrants: Grants = {
  jurisdictions: ['EU', 'US'],
  dataClasses: ['special-category'],
  decisionTypes: ['claims-triage', 'credit-application', 'chat-test', 'embed-test'],
  roles: ['caller', 'reviewer', 'auditor', 'operator'],
  country: 'DE',
};

/** A real gateway over two simulated endpoints and an embedded PostgreSQL: one for each test file. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-gateway-'));
  // PostgreSQL’s account must reach the data folder when the tests run as root.
  await chmod(folder, 0o755);
  const eu = await startSimulator({ port: 0, region: 'eu' });
  const us = await startSimulator({ port: 0, region: 'us' });
  const urls = { 'simulator-eu': options.euUrl ?? `${eu.url}/v1`, 'simulator-us': `${us.url}/v1` };
  const configFile = await writeConfig(folder, urls, options);
  const logLines: string[] = [];
  const gateway = await startGateway({
    configFile,
    log: (level, message, fields) => logLines.push(JSON.stringify({ level, message, ...fields })),
  });
  const dataFolder = await placeDataFolder(join(folder, 'data'), serverAccount());

  const stores = [...gateway.rooms.cells.values()].map((cell) => cell.store);
  const keyFor = async (grants: Partial<Grants> = {}, tenant = 'acme') => {
    const named = { name: 'test', tenant, grants: { ...allGrants, ...grants } };
    return (await createApiKey(stores, named)).key;
  };
  const everyKey = await keyFor();
  const send = (method: string, path: string, body: unknown, sending: Sending = {}) =>
    request(gateway.url + path, method, body, { key: everyKey, ...sending });

  return {
    ...gateway,
    eu,
    us,
    folder,
    logLines,
    databaseLog: () => readFile(join(dataFolder, 'postgres.log'), 'utf8'),
    keyFor,
    post: (path, body, sending) => send('POST', path, body, sending),
    get: (path, sending) => send('GET', path, undefined, sending),
    async story(id) {
      const decisionId = parseDecisionId(id);
      if (decisionId === null) throw new Error(`"${id}" is no decision id`);
      for (const cell of gateway.rooms.cells.values()) {
        const story = await tellStory(cell.store, cell.keys, decisionId);
        if (story !== null) return story;
      }
      return null;
    },
    callsReceived: () => eu.requests().length + us.requests().length,
    async stop() {
      await gateway.stop();
      await Promise.all([eu.close(), us.close()]);
      await rm(folder, { recursive: true, force: true });
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/**
 * Writes the example configuration with the given endpoints, and its decision types with `chat-test`
 * among them, into a folder.
 * @returns the path of the configuration file
 */
export async function writeConfig(
  folder: string,
  urls: Readonly<Record<string, string>>,
  options: TestGatewayOptions & { readonly port?: number } = {},
): Promise<string> {
  const example = await readFile(join(root, 'examples/countersign.yaml'), 'utf8');
  const config = parse(example) as GatewayConfig;
  const changed: GatewayConfig = {
    ...config,
    listen: { host: '127.0.0.1', port: options.port ?? 0 },
    dataDir: './data',
    cells: config.cells.map((cell) => ({
      ...cell,
      keyring: { file: `./keys/${cell.id}.json` },
      archive: { endpoint: `archive-${cell.id}`, folder: './archive', hotMonths: 1 },
    })),
    ledger: { ...config.ledger, folder: './ledger', checkpointPeriodMs: 100, ...options.ledger },
    egressCounter: { folder: './egress' },
    endpoints: config.endpoints.map((endpoint) => ({
      ...endpoint,
      url: urls[endpoint.id] ?? endpoint.url,
      ...(endpoint.purposes.includes('inference')
        ? {
            models: [...endpoint.models, embeddingModel],
            purposes: [...endpoint.purposes, 'embedding' as const],
          }
        : {}),
      credential: 'none',
      timeoutMs: options.endpointTimeoutMs ?? endpoint.timeoutMs,
    })),
    transferRules: config.transferRules.map((rule) => ({
      ...rule,
      purposes: [...new Set([...rule.purposes, 'embedding' as const])],
    })),
    // Other work on the machine must not look like an outage of the store.
    limits: { ...config.limits, storeTimeoutMs: 5_000, ...options.limits },
  };
  await cp(join(root, 'examples/decision-types'), join(folder, 'decision-types'), { recursive: true });
  const more = (options.types ?? []).map(({ like, files = {}, ...changes }) => ({
    files,
    type: Object.assign({}, like === 'chat-test' ? chatTest : embedTest, changes),
  }));
  const own = [chatTest, embedTest].map((type) => ({ type, files: {} as Readonly<Record<string, string>> }));
  for (const { type, files } of [...own, ...more]) {
    const place = join(folder, 'decision-types', type.name);
    await mkdir(join(place, 'tools'), { recursive: true });
    for (const id of type.tools?.allow ?? []) {
      if (id === 'f' || id === 'find')
        await writeFile(join(place, 'tools', `${id}.yaml`), stringify({ id, ...callerTool }));
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(place, name), text);
    await writeFile(join(place, 'type.yaml'), stringify(type));
    await writeFile(
      join(place, 'reasons.yaml'),
      stringify([{ code: 'T01', text: 'The answer is fit to be sent.' }]),
    );
  }
  const file = join(folder, 'countersign.yaml');
  await writeFile(file, stringify(options.change?.(changed) ?? changed));
  return file;
}

async function request(url: string, method: string, body: unknown, sending: Sending): Promise<Answer> {
  const init: RequestInit = { method, headers: headersOf(body, sending) };
  if (body !== undefined) init.body = bodyOf(body);
  const response = await fetch(url, init);
  const text = await response.text();
  const answer = parseObject(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: answer,
    decisionId: response.headers.get('countersign-decision-id') ?? '',
    code: errorOf(answer).code,
  };
}

/** Code and sentence of an error: a problem document, or OpenAI’s envelope. */
export function errorOf(body: Readonly<Record<string, unknown>>): {
  code: string | null;
  sentence: string | null;
} {
  const inner =
    typeof body['error'] === 'object' && body['error'] !== null ? (body['error'] as typeof body) : body;
  const sentence = inner === body ? body['detail'] : inner['message'];
  return {
    code: typeof inner['code'] === 'string' ? inner['code'] : null,
    sentence: typeof sentence === 'string' ? sentence : null,
  };
}

function headersOf(body: unknown, sending: Sending): Record<string, string> {
  const isJson = body !== undefined && !(body instanceof FormData);
  return {
    ...(isJson ? { 'content-type': 'application/json' } : {}),
    ...(sending.key === undefined ? {} : { authorization: `Bearer ${sending.key}` }),
    'countersign-jurisdiction': 'EU',
    ...(sending.decisionType === undefined ? {} : { 'countersign-decision-type': sending.decisionType }),
    ...sending.headers,
  };
}

function bodyOf(body: unknown): NonNullable<RequestInit['body']> {
  if (typeof body === 'string' || body instanceof FormData) return body;
  return body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body);
}

export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
