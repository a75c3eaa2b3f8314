import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayAt } from '../src/audit/completeness/day.ts';
import { createApiKey } from '../src/gateway/api-key.ts';
import { completeDay } from '../src/gateway/completing.ts';
import { type Gateway, startGateway } from '../src/gateway/gateway.ts';
import { type Simulator, startSimulator } from '../src/simulator/server.ts';
import { placeDataFolder } from '../src/storage/data-folder.ts';
import { serverAccount } from '../src/storage/server-account.ts';
import { writeConfig } from './support/gateway.ts';
import { soundApplication } from './support/waiting.ts';

let folder: string;
let configFile: string;
let simulator: Simulator;
let child: ChildProcess | null = null;
let gateway: Gateway | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-kill-'));
  await chmod(folder, 0o755);
  simulator = await startSimulator({ port: 0, region: 'eu' });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await gateway?.stop();
  await simulator.close();
  const dataFolder = await placeDataFolder(join(folder, 'data'), serverAccount());
  await rm(folder, { recursive: true, force: true });
  await rm(dataFolder, { recursive: true, force: true });
});

const quiet = () => undefined;

describe('a gateway that is killed while its calls are under way', () => {
  it('has after its restart no call without record, and says by itself which it cannot know', async () => {
    const port = await freePort();
    configFile = await writeConfig(folder, { 'simulator-eu': `${simulator.url}/v1` }, { port });
    const first = await startGateway({ configFile, log: quiet });
    const { key } = await createApiKey(
      [...first.rooms.cells.values()].map(({ store }) => store),
      {
        name: 'test',
        tenant: 'acme',
        grants: {
          jurisdictions: ['EU'],
          dataClasses: ['special-category'],
          decisionTypes: ['credit-application'],
          roles: ['caller'],
        },
      },
    );
    await first.stop();

    child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'serve', '--config', configFile], {
      stdio: 'ignore',
    });
    const url = `http://127.0.0.1:${port}`;
    await waitUntil(() =>
      fetch(`${url}/readyz`).then(
        (response) => response.ok,
        () => false,
      ),
    );
    const apply = () =>
      fetch(`${url}/v1/decisions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'countersign-jurisdiction': 'EU',
          'countersign-decision-type': 'credit-application',
        },
        body: JSON.stringify({ input: soundApplication }),
      });
    expect((await apply()).status).toBe(200);
    await simulator.setBehaviour({ mode: 'hang' });
    const broken = Promise.allSettled([apply(), apply(), apply()]);
    await waitUntil(() => Promise.resolve(simulator.requests().length === 4));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await broken).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);

    gateway = await startGateway({ configFile, log: quiet });
    const cell = gateway.rooms.cells.get('eu');
    if (!cell) throw new Error('the cell is not hosted');
    const { facts } = await completeDay({ ...gateway.rooms, store: cell.store }, dayAt(Date.now()), 'asked');
    expect(facts).toMatchObject({
      callsWithoutRecord: 0,
      completions: { ok: 1, error: 0, timeout: 0, unknown: 3, not_sent: 0 },
      egressLines: { damaged: 0, in: 1, out: 4 },
      intents: 4,
      open: { count: 0 },
      problems: [],
      uncounted: { count: 0 },
    });
  }, 120_000);
});

/** Long, because a process of its own compiles the gateway first, on a machine that may be busy. */
async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + 90_000;
  while (!(await holds())) {
    if (Date.now() > untilMs) throw new Error('it did not happen in time');
    await delay(100);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
