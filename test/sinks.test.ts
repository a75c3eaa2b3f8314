import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryInsert } from '../src/confidence/webhook-repository.ts';
import type { GatewayConfig } from '../src/config/gateway-schema.ts';
import { loadConfig } from '../src/config/load.ts';
import { ConfigError } from '../src/config/problem.ts';
import { parseDecisionId } from '../src/decision/ids.ts';
import { mintId } from '../src/audit/mint.ts';
import { archiveObstacle } from '../src/gateway/archive-way.ts';
import { startArchiving } from '../src/gateway/archiving.ts';
import { startGateway } from '../src/gateway/gateway.ts';
import type { Cell } from '../src/gateway/rooms.ts';
import { startWebhooks } from '../src/gateway/webhooks.ts';
import { openFolderStore } from '../src/storage/object-store/folder.ts';
import { type Alert, createAlerts } from '../src/telemetry/alerts.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { inHour, openArchiveStage } from './support/archive.ts';
import { type TestGateway, startTestGateway, writeConfig } from './support/gateway.ts';
import { until } from './support/ledger.ts';
import { startTestPostgres } from './support/postgres.ts';
import { waitUntil } from './support/waiting.ts';

/** The mechanisms of the example end on 2030-01-01. */
const inForceMs = Date.UTC(2029, 5, 1);
const endedMs = Date.UTC(2031, 5, 1);

let receiver: Server;
let received = 0;
let gateway: TestGateway;

beforeAll(async () => {
  process.env['COUNTERSIGN_TEST_SINK'] =
    `whsec_${Buffer.from('a secret of twenty-four by').toString('base64')}`;
  receiver = createServer((request, response) => {
    received += 1;
    request.resume();
    response.end();
  });
  await new Promise<void>((resolve) => {
    receiver.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  gateway = await startTestGateway({
    types: [
      {
        name: 'hooked',
        like: 'chat-test',
        webhook: { endpoint: 'hook', secret: 'env:COUNTERSIGN_TEST_SINK' },
      },
    ],
    change: (config) => ({
      ...config,
      endpoints: [
        ...config.endpoints,
        {
          ...config.endpoints[0]!,
          id: 'hook',
          dialect: 'webhook' as const,
          url,
          models: [],
          purposes: ['webhook' as const],
          contract: { ...config.endpoints[0]!.contract, validUntil: '2032-01-01' },
        },
      ],
      transferRules: config.transferRules.map((rule) => ({
        ...rule,
        purposes: [...rule.purposes, 'webhook' as const],
      })),
    }),
  });
});
afterAll(async () => {
  await gateway.stop();
  receiver.close();
});

async function configFile(change: (config: GatewayConfig) => GatewayConfig): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-sinks-'));
  await chmod(folder, 0o755);
  return writeConfig(folder, {}, { change });
}

function problemsOf(file: string): string {
  try {
    loadConfig(file);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message }) => message).join('\n');
    throw error;
  }
  return '';
}

describe('an archive', () => {
  it('must be an endpoint that is one', async () => {
    const withArchive = (archive: GatewayConfig['cells'][number]['archive']) =>
      configFile((config) => ({ ...config, cells: config.cells.map((cell) => ({ ...cell, archive })) }));
    const folder = { folder: './archive', hotMonths: 1 };
    expect(problemsOf(await withArchive({ ...folder, endpoint: 'archive-eu' }))).toBe('');
    expect(problemsOf(await withArchive({ ...folder, endpoint: 'nowhere' }))).toContain('is no endpoint');
    expect(problemsOf(await withArchive({ ...folder, endpoint: 'simulator-eu' }))).toContain(
      'is no endpoint',
    );
    const s3 = { bucket: 'records', region: 'us-east-1', prefix: '', lockDays: 30 };
    expect(problemsOf(await withArchive({ s3, hotMonths: 1, endpoint: 'archive-eu' }))).toContain(
      'region us-east-1 is in US, which is not in the endpoint’s storage',
    );
    expect(
      problemsOf(
        await withArchive({ s3: { ...s3, region: 'eu-central-1' }, hotMonths: 1, endpoint: 'archive-eu' }),
      ),
    ).toBe('');
    const elsewhere = { ...s3, endpoint: 'https://s3.elsewhere.example' };
    expect(problemsOf(await withArchive({ s3: elsewhere, hotMonths: 1, endpoint: 'archive-eu' }))).toContain(
      'another host',
    );
  });

  it('keeps the gateway from starting where it is not lawful', async () => {
    const file = await configFile((config) => ({
      ...config,
      endpoints: config.endpoints.map((endpoint) =>
        endpoint.id === 'archive-eu' ? { ...endpoint, support: ['DE', 'US'] } : endpoint,
      ),
    }));
    await expect(startGateway({ configFile: file, log: () => undefined })).rejects.toThrow(
      'the archive "archive-eu" of cell eu is not lawful for special-category data of EU: NO_MECHANISM US',
    );
    await rm(join(file, '..'), { recursive: true, force: true });
  });

  it('is asked for the jurisdictions of its own cell and the highest classes, at the moment', () => {
    const { config, lawfulFilter } = gateway.rooms;
    expect(archiveObstacle({ config, lawfulFilter, nowMs: () => inForceMs }, 'eu')).toBeNull();
    expect(archiveObstacle({ config, lawfulFilter, nowMs: () => endedMs }, 'eu')).toContain('archive-eu');
    const swapped = {
      gateway: {
        ...config.gateway,
        cells: config.gateway.cells.map((cell) =>
          Object.assign({}, cell, { archive: { endpoint: 'archive-us', folder: '.', hotMonths: 1 } }),
        ),
      },
    };
    const asked = { config: swapped, lawfulFilter, nowMs: () => inForceMs };
    expect(archiveObstacle(asked, 'eu')).toContain('not lawful for special-category data of EU');
    expect(archiveObstacle(asked, 'us')).toBeNull();
  });

  it('is not written any more once a mechanism has ended, with an alert', async () => {
    const postgres = await startTestPostgres();
    const stage = await openArchiveStage(postgres, openFolderStore);
    const raised: Alert[] = [];
    const alerts = createAlerts({
      log: () => undefined,
      count: () => undefined,
      keep: (alert) => Promise.resolve(void raised.push(alert)),
    });
    const { config, lawfulFilter } = gateway.rooms;
    const cell = { id: 'eu', store: stage.store, archive: stage.archive } as unknown as Cell;
    const clock = { nowMs: endedMs };
    const metrics = createMetrics(() => []);
    const rooms = {
      cells: new Map([['eu', cell]]),
      alerts,
      metrics,
      config,
      lawfulFilter,
      nowMs: () => clock.nowMs,
    };
    await stage.decide(inHour(0));
    await stage.sequence(inHour(0));
    const archivist = startArchiving(rooms, () => undefined, 20);
    const segments = async () => {
      const rows = await stage.store.query({ text: 'SELECT 1 FROM archive_segments', values: [] });
      return rows.length;
    };
    try {
      await until(() => Promise.resolve(raised.length > 0));
      expect(raised).toMatchObject([{ kind: 'archive-failed', cell: 'eu' }]);
      expect(raised[0]?.detail['fault']).toContain('not lawful');
      expect(await segments()).toBe(0);
      clock.nowMs = inHour(1, 30);
      await until(async () => (await segments()) === 1);
    } finally {
      await archivist.stop();
      await stage.stop();
      await postgres.stop();
    }
  });
});

describe('a webhook', () => {
  it('is asked about at every attempt: a mechanism that has ended keeps the notice', async () => {
    const { rooms } = gateway;
    const cell = rooms.cells.get('eu')!;
    const body = { messages: [{ role: 'user', content: 'Is the sky blue?' }] };
    const key = await gateway.keyFor({ decisionTypes: ['hooked'] });
    const answer = await gateway.post('/v1/chat/completions', body, { key, decisionType: 'hooked' });
    await waitUntil(() => Promise.resolve(received === 1));
    const decisionId = parseDecisionId(answer.decisionId)!;
    const due = async (dueAtMs: number) => {
      const deliveryId = mintId();
      const delivery = { deliveryId, tenant: 'acme', decisionId, endpoint: 'hook', dueAtMs };
      await cell.store.commit({ inserts: [deliveryInsert('eu', delivery)] });
      return async () => {
        const [row] = await cell.store.query<{ attempts: number; last_fault: string | null; done: boolean }>({
          text: `SELECT attempts, last_fault, delivered_at IS NOT NULL AS done FROM webhook_deliveries
                  WHERE delivery_id = $1`,
          values: [deliveryId],
        });
        return row!;
      };
    };
    const one = { ...rooms, cells: new Map([['eu', cell]]) };

    const kept = await due(endedMs);
    const late = startWebhooks({ ...one, nowMs: () => endedMs + 1 }, () => undefined);
    await waitUntil(async () => (await kept()).attempts === 1 && (await kept()).last_fault !== null);
    await late.stop();
    expect(await kept()).toMatchObject({ last_fault: 'NO_LAWFUL_ENDPOINT', done: false });
    expect(received).toBe(1);

    const sent = await due(inForceMs);
    const earlier = startWebhooks({ ...one, nowMs: () => inForceMs + 1 }, () => undefined);
    await waitUntil(async () => (await sent()).done);
    await earlier.stop();
    expect(received).toBe(2);
  });

  it('is not sent to an endpoint in quarantine', async () => {
    const { rooms } = gateway;
    rooms.quarantines.begin('hook', { reason: 'call-evidence', checks: ['spki'], callId: null });
    const lawful = rooms.lawfulFilter.lawful({
      label: {
        jurisdiction: 'EU',
        countries: ['DE'],
        dataClass: 'personal',
        cell: 'eu',
        jurisdictionSource: 'grant',
        dataClassSource: 'decision-type',
      },
      purpose: 'webhook',
      nowMs: rooms.nowMs(),
    });
    expect(lawful.kind).toBe('refuse');
    if (lawful.kind === 'refuse')
      expect(lawful.nearestMisses().find(({ endpoint }) => endpoint === 'hook')?.why).toBe('QUARANTINED');
  });
});
