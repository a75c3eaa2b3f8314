import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import type { DecisionTypeConfig } from '../../src/config/decision-type-schema.ts';
import { placeDataFolder } from '../../src/storage/data-folder.ts';
import { freePort } from '../../src/storage/postmaster.ts';
import { serverAccount } from '../../src/storage/server-account.ts';
import { writeConfig } from '../../test/support/gateway.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { jurisdictions, simulators, worldly } from './world.ts';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const startTimeoutMs = 120_000;
const decisionTypes = ['credit-application', 'chaos-chat', 'chaos-embed', 'chaos-embed-us'];

/** A gateway over four cells, and every endpoint, each a process of its own. */
export interface ChaosStage {
  readonly url: string;
  readonly configFile: string;
  readonly folder: string;
  readonly simulators: readonly SimulatorProcess[];
  /** API keys of two tenants. */
  readonly keys: readonly [string, string];
  stopGateway(): Promise<void>;
  /** What "countersign audit verify" says about every entry of every store. */
  verify(): Promise<boolean>;
  /** Stops everything; keeps the folder when something is to be looked at. */
  strike(keep: boolean): Promise<void>;
}

export async function setStage(): Promise<ChaosStage> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-chaos-'));
  // PostgreSQL’s account must reach the data folder when the proof runs as root.
  await chmod(folder, 0o755);
  const started = await Promise.all(simulators.map((name) => SimulatorProcess.start(name, folder)));
  try {
    return await openGateway(folder, started);
  } catch (error) {
    await Promise.all(started.map((simulator) => simulator.stop()));
    throw error;
  }
}

async function openGateway(folder: string, started: readonly SimulatorProcess[]): Promise<ChaosStage> {
  const port = await freePort();
  const configFile = await configure(folder, port, started);
  const dataFolder = await placeDataFolder(join(folder, 'data'), serverAccount());
  const keys = [await createKey(configFile, 'acme'), await createKey(configFile, 'globex')] as const;
  const url = `http://127.0.0.1:${port}`;
  const gateway = await startGateway(configFile, url, join(folder, 'gateway.log'));
  return {
    url,
    configFile,
    folder,
    simulators: started,
    keys,
    stopGateway: () => stop(gateway),
    verify: () => verify(configFile),
    async strike(keep) {
      await stop(gateway);
      await Promise.all(started.map((simulator) => simulator.stop()));
      if (keep) return;
      await rm(folder, { recursive: true, force: true });
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

async function configure(
  folder: string,
  port: number,
  started: readonly SimulatorProcess[],
): Promise<string> {
  const urls = Object.fromEntries(
    started.map(({ name, url }) => [name, name.startsWith('hook') ? `${url}/v1/webhook` : `${url}/v1`]),
  );
  const secret = 'file:webhook.secret';
  const hook = (endpoint: string) => ({ webhook: { endpoint, secret } });
  const configFile = await writeConfig(
    folder,
    {},
    {
      port,
      change: (config) => worldly(config, urls),
      limits: { attempts: 3, requestTimeoutMs: 5_000, concurrentRequests: 512 },
      types: [
        { name: 'chaos-chat', like: 'chat-test', dataClass: 'internal', ...hook('hook-us') },
        { name: 'chaos-embed', like: 'embed-test', dataClass: 'internal', ...hook('hook-eu') },
        {
          name: 'chaos-embed-us',
          like: 'embed-test',
          dataClass: 'internal',
          model: 'embedder-us',
          ...hook('hook-us'),
        },
      ],
    },
  );
  await writeFile(join(folder, 'webhook.secret'), `whsec_${Buffer.alloc(32, 7).toString('base64')}`);
  const file = join(folder, 'decision-types/credit-application/type.yaml');
  const type = parse(await readFile(file, 'utf8')) as DecisionTypeConfig;
  await writeFile(file, stringify({ ...type, dataClass: 'internal', ...hook('hook-eu') }));
  return configFile;
}

async function createKey(configFile: string, tenant: string): Promise<string> {
  const options = `--name chaos --tenant ${tenant} --jurisdictions ${jurisdictions.join()} --types ${decisionTypes.join()}
    --data-classes personal --roles caller --json`;
  const args = [cli, 'keys', 'create', '--config', configFile, ...options.split(/\s+/)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return (JSON.parse(stdout) as { key: string }).key;
}

async function startGateway(configFile: string, url: string, logFile: string): Promise<ChildProcess> {
  const log = openSync(logFile, 'a');
  const gateway = spawn(process.execPath, [cli, 'serve', '--config', configFile], {
    stdio: ['ignore', 'ignore', log],
  });
  closeSync(log);
  const startedMs = performance.now();
  while (!(await isReady(url))) {
    const isLate = performance.now() - startedMs > startTimeoutMs;
    if (gateway.exitCode !== null || isLate) {
      await stop(gateway);
      throw new Error(`the gateway did not start; see ${logFile}`);
    }
    await delay(50);
  }
  return gateway;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })).status === 200;
  } catch (error) {
    // Nobody listens yet.
    if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return false;
    throw error;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function verify(configFile: string): Promise<boolean> {
  const args = [cli, 'audit', 'verify', '--config', configFile, '--json'];
  return new Promise((resolve, reject) => {
    // A store that is not intact is an answer here, and exit code 1.
    execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      if (error && error.code !== 1) reject(error);
      else resolve((JSON.parse(stdout) as { ok: boolean }).ok);
    });
  });
}
