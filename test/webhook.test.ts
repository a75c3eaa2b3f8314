import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createApiKey } from '../src/gateway/api-key.ts';
import { type Gateway, startGateway } from '../src/gateway/gateway.ts';
import { type Simulator, startSimulator } from '../src/simulator/server.ts';
import { writeConfig } from './support/gateway.ts';

const secret = `whsec_${Buffer.from('a secret of twenty-four by').toString('base64')}`;

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

let folder: string;
let eu: Simulator;
let gateway: Gateway;
let receivers: { eu: Server; us: Server };
const received: { eu: Received[]; us: Received[] } = { eu: [], us: [] };

beforeAll(async () => {
  process.env['COUNTERSIGN_TEST_HOOK'] = secret;
  folder = await mkdtemp(join(tmpdir(), 'countersign-webhook-'));
  await chmod(folder, 0o755);
  eu = await startSimulator({ port: 0, region: 'eu' });
  receivers = { eu: await receiver(received.eu), us: await receiver(received.us) };
  const file = await writeConfig(folder, { 'simulator-eu': `${eu.url}/v1` });
  await addHooks(file);
  gateway = await startGateway({ configFile: file, log: () => undefined });
});
afterAll(async () => {
  await gateway.stop();
  await eu.close();
  receivers.eu.close();
  receivers.us.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a webhook', () => {
  it('tells a lawful endpoint, signed, that a decision’s status changed, and nothing about its subject', async () => {
    const { decisionId } = await decide('claims-triage', { description: 'A pane broke, name-canary-0815.' });
    await expect.poll(() => received.eu.length, { timeout: 20_000 }).toBe(1);
    const [notice] = received.eu;
    const verified = new Webhook(secret).verify(notice?.body ?? '', notice?.headers ?? {});
    expect(verified).toMatchObject({
      type: 'decision.updated',
      data: { decisionId, decisionType: 'claims-triage' },
    });
    expect(JSON.stringify(notice)).not.toContain('canary');
  });

  it('goes nowhere when its endpoint is not lawful for the decision', async () => {
    const { decisionId } = await decide('credit-application', { note: 'no factors' });
    const cell = gateway.rooms.cells.get('eu');
    const fault = async () => {
      const rows = await cell?.store.query<{ last_fault: string | null }>({
        text: 'SELECT last_fault FROM webhook_deliveries WHERE decision_id = $1',
        values: [decisionId],
      });
      return rows?.[0]?.last_fault;
    };
    await expect.poll(fault, { timeout: 20_000 }).toBe('NO_LAWFUL_ENDPOINT');
    expect(received.us).toEqual([]);
  });
});

/** One hook in the EU and one in the US; the types’ EU decisions may only be told to the first. */
async function addHooks(file: string): Promise<void> {
  const config = parse(await readFile(file, 'utf8')) as {
    endpoints: Record<string, unknown>[];
    transferRules: { purposes: string[] }[];
  };
  const hook = (id: string, like: string, server: Server) => ({
    ...config.endpoints.find((endpoint) => endpoint['id'] === like),
    id,
    dialect: 'webhook',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    models: [],
    purposes: ['webhook'],
  });
  config.endpoints.push(
    hook('hook-eu', 'simulator-eu', receivers.eu),
    hook('hook-us', 'simulator-us', receivers.us),
  );
  for (const rule of config.transferRules) rule.purposes.push('webhook');
  await writeFile(file, stringify(config));
  for (const [type, endpoint] of [
    ['claims-triage', 'hook-eu'],
    ['credit-application', 'hook-us'],
  ] as const) {
    const path = join(folder, 'decision-types', type, 'type.yaml');
    const own = parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, stringify({ ...own, webhook: { endpoint, secret: 'env:COUNTERSIGN_TEST_HOOK' } }));
  }
}

async function decide(decisionType: string, input: object): Promise<{ decisionId: string }> {
  const stores = [...gateway.rooms.cells.values()].map((cell) => cell.store);
  const { key } = await createApiKey(stores, {
    name: 'test',
    tenant: 'acme',
    grants: {
      jurisdictions: ['EU'],
      dataClasses: ['personal'],
      decisionTypes: [decisionType],
      roles: ['caller'],
    },
  });
  const response = await fetch(`${gateway.url}/v1/decisions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ decisionType, input }),
  });
  return { decisionId: String(((await response.json()) as Record<string, unknown>)['decisionId']) };
}

function receiver(into: Received[]): Promise<Server> {
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      into.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(204).end();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
