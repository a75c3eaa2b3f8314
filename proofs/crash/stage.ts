import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { superuser, superuserSecret } from '../../src/storage/cluster.ts';
import { placeDataFolder } from '../../src/storage/data-folder.ts';
import { databaseUrl } from '../../src/storage/embedded.ts';
import { cellDatabase } from '../../src/storage/embedded-stores.ts';
import { freePort, readPidFile } from '../../src/storage/postmaster.ts';
import { serverAccount } from '../../src/storage/server-account.ts';
import { writeConfig } from '../../test/support/gateway.ts';

const root = join(import.meta.dirname, '../..');
const cli = join(root, 'dist/cli/main.js');
const startTimeoutMs = 120_000;

/** Short, so that what a fault leaves open is closed while the proof waits. */
const limits = {
  storeTimeoutMs: 1_000,
  requestTimeoutMs: 3_000,
  sweeperPeriodMs: 1_000,
  concurrentRequests: 512,
  attempts: 2,
};
/** After this no decision that a fault interrupted may still be open. */
export const openMsMax = limits.requestTimeoutMs + 2 * limits.storeTimeoutMs + 5_000 + limits.sweeperPeriodMs;

/** How the gateway is started besides its command line. */
export interface GatewayStart {
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface StageOptions {
  readonly gatewayStart?: GatewayStart;
  readonly limits?: Partial<typeof limits>;
  /** An existing folder to play in, in place of a temporary one. */
  readonly folder?: string;
}

/** A gateway and a slow simulator as processes of their own, with everything it takes to hurt them. */
export class Stage {
  readonly url: string;
  readonly key: string;
  readonly simulatorLog: string;
  readonly gatewayLog: string;
  readonly #folder: string;
  readonly #dataFolder: string;
  readonly #configFile: string;
  readonly #simulator: ChildProcess;
  readonly #gatewayStart: GatewayStart;
  #gateway: ChildProcess | null = null;

  private constructor(made: {
    folder: string;
    dataFolder: string;
    configFile: string;
    url: string;
    key: string;
    simulator: ChildProcess;
    gatewayStart: GatewayStart;
  }) {
    this.url = made.url;
    this.key = made.key;
    this.simulatorLog = join(made.folder, 'simulator.jsonl');
    this.gatewayLog = join(made.folder, 'gateway.log');
    this.#folder = made.folder;
    this.#dataFolder = made.dataFolder;
    this.#configFile = made.configFile;
    this.#simulator = made.simulator;
    this.#gatewayStart = made.gatewayStart;
  }

  /** @param delayMs of each answer of the simulator */
  static async set(delayMs: number, options: StageOptions = {}): Promise<Stage> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'countersign-crash-')));
    // PostgreSQL’s account must reach the data folder when the proof runs as root.
    await chmod(folder, 0o755);
    const { simulator, simulatorUrl } = await startSimulator(join(folder, 'simulator.jsonl'));
    await fetch(`${simulatorUrl}/simulator/behaviour`, {
      method: 'POST',
      body: JSON.stringify({ mode: 'slow', delayMs }),
    });
    const port = await freePort();
    // Nobody listens at the US address: nothing of an EU request may go there anyway.
    const urls = { 'simulator-eu': `${simulatorUrl}/v1`, 'simulator-us': 'http://127.0.0.1:9/v1' };
    const configFile = await writeConfig(folder, urls, { port, limits: { ...limits, ...options.limits } });
    const dataFolder = await placeDataFolder(join(folder, 'data'), serverAccount());
    const key = await createKey(configFile);
    const url = `http://127.0.0.1:${port}`;
    const gatewayStart = options.gatewayStart ?? { nodeArguments: [], environment: {} };
    return new Stage({ folder, dataFolder, configFile, url, key, simulator, gatewayStart });
  }

  /** Resolves when the gateway takes decisions. @returns how long that took, ms */
  async startGateway(): Promise<number> {
    const startedMs = performance.now();
    const log = openSync(this.gatewayLog, 'a');
    const { nodeArguments, environment } = this.#gatewayStart;
    const gateway = spawn(process.execPath, [...nodeArguments, cli, 'serve', '--config', this.#configFile], {
      stdio: ['ignore', 'ignore', log],
      env: { ...process.env, ...environment },
    });
    closeSync(log);
    this.#gateway = gateway;
    while (!(await isReady(this.url))) {
      const isLate = performance.now() - startedMs > startTimeoutMs;
      if (gateway.exitCode !== null || isLate)
        throw new Error(`the gateway did not start; see ${this.gatewayLog}`);
      await delay(25);
    }
    return performance.now() - startedMs;
  }

  /** Resolves when the gateway has died of something else than this proof's signal, or at once. */
  async gatewayDied(): Promise<boolean> {
    // A process that has killed itself is reaped a moment later.
    await delay(50);
    return this.#gateway?.exitCode !== null || this.#gateway.signalCode !== null;
  }

  async stopGateway(): Promise<void> {
    const gateway = this.#gateway;
    if (gateway === null || (await this.gatewayDied())) return;
    const ended = once(gateway, 'exit');
    gateway.kill('SIGTERM');
    await ended;
  }

  async killGateway(): Promise<void> {
    const gateway = this.#gateway;
    if (gateway === null) throw new Error('no gateway to kill');
    const ended = once(gateway, 'exit');
    gateway.kill('SIGKILL');
    await ended;
  }

  async untilReady(): Promise<number> {
    const startedMs = performance.now();
    while (!(await isReady(this.url))) {
      const isLate = performance.now() - startedMs > startTimeoutMs;
      if (isLate || (await this.gatewayDied()))
        throw new Error(`the gateway does not get well; see ${this.gatewayLog}`);
      await delay(25);
    }
    return performance.now() - startedMs;
  }

  /** Path of the configuration file. */
  get configFile(): string {
    return this.#configFile;
  }

  get dataFolder(): string {
    return this.#dataFolder;
  }

  /** The pid of the postmaster that is running now. */
  postmaster(): number {
    const pid = readPidFile({ data: join(this.#dataFolder, 'cluster') })?.pid;
    if (pid === undefined) throw new Error('PostgreSQL is not running');
    return pid;
  }

  /** URL of the EU cell’s database for its owner, who is under no rule of the gateway’s. */
  async databaseUrl(): Promise<string> {
    const port = readPidFile({ data: join(this.#dataFolder, 'cluster') })?.port;
    if (port === undefined) throw new Error('PostgreSQL is not running');
    const password = (await readFile(join(this.#dataFolder, superuserSecret), 'utf8')).trim();
    return databaseUrl({ user: superuser, password, port, database: cellDatabase('eu') });
  }

  /** What "countersign audit verify" says about every entry of every store. */
  verify(): Promise<boolean> {
    const args = [cli, 'audit', 'verify', '--config', this.#configFile, '--json'];
    return new Promise((resolve, reject) => {
      // A store that is not intact is an answer here, and exit code 1.
      execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
        if (error && error.code !== 1) reject(error);
        else resolve((JSON.parse(stdout) as { ok: boolean }).ok);
      });
    });
  }

  /** Stops everything; keeps the folder when something is to be looked at. */
  async strike(keep: boolean): Promise<void> {
    for (const child of [this.#gateway, this.#simulator]) {
      if (child === null || child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    if (keep) return;
    await rm(this.#folder, { recursive: true, force: true });
    await rm(this.#dataFolder, { recursive: true, force: true });
  }
}

async function startSimulator(logFile: string): Promise<{ simulator: ChildProcess; simulatorUrl: string }> {
  const main = join(root, 'dist/simulator/main.js');
  const simulator = spawn(process.execPath, [main, '--port', '0', '--region', 'eu', '--log', logFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (simulator.stdout === null) throw new Error('the simulator has no output');
  const [line] = (await once(simulator.stdout, 'data')) as [Buffer];
  const simulatorUrl = /http:\S+/.exec(line.toString())?.[0];
  if (simulatorUrl === undefined) throw new Error('the simulator did not say where it listens');
  return { simulator, simulatorUrl };
}

async function createKey(configFile: string): Promise<string> {
  const options = `--name proof --tenant proof --jurisdictions EU --types credit-application
    --data-classes personal --roles caller,reviewer,auditor,operator --country DE --json`;
  const args = [cli, 'keys', 'create', '--config', configFile, ...options.split(/\s+/)];
  const { stdout } = await onceItAnswers(() => promisify(execFile)(process.execPath, args));
  return (JSON.parse(stdout) as { key: string }).key;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })).status === 200;
  } catch (error) {
    // Nobody listens yet, or no more.
    if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return false;
    throw error;
  }
}

/** A store that has just been made may be slower than the proof's short budget on a busy machine. */
async function onceItAnswers<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 5) throw error;
      await delay(1_000);
    }
  }
}
