import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { type TestPostgres, startTestPostgres } from '../test/support/postgres.ts';
import { proveArchive } from './s3/archive-round.ts';
import { proveLock, refusals } from './s3/lock.ts';
import { proveObjects } from './s3/objects.ts';
import { type S3Target, Account } from './s3/target.ts';

/*
 * Proof: the archive keeps what it is given, in S3 servers that we did not write. Starts each one that is installed,
 * on empty folders; run by `npm run proofs:s3`. Nothing is downloaded.
 */

interface Server {
  readonly name: string;
  readonly variable: string;
  readonly program: string;
  readonly install: string;
  /** Checks that this server is known to fail. */
  readonly gaps: readonly string[];
  version(program: string): string;
  arguments(home: string, port: number): string[];
}

const accessKeyId = 'countersign-proof';
const secretAccessKey = 'countersign-proof-secret';
const region = 'us-east-1';
const startedWithinMs = 60_000;

const servers: readonly Server[] = [
  {
    name: 'Versity S3 Gateway',
    variable: 'COUNTERSIGN_VERSITYGW',
    program: 'versitygw',
    install: 'go install github.com/versity/versitygw/cmd/versitygw@latest',
    gaps: [],
    version: (program) => lineOf('go', ['version', '-m', program], /^\s+mod\s.*$/m) ?? 'version unknown',
    arguments: (home, port) => {
      const account = ['--access', accessKeyId, '--secret', secretAccessKey, '--region', region];
      const backend = ['posix', '--versioning-dir', join(home, 'versions'), join(home, 'data')];
      return ['--port', `127.0.0.1:${port}`, ...account, '--quiet', ...backend];
    },
  },
  {
    name: 'moto',
    variable: 'COUNTERSIGN_MOTO_SERVER',
    program: 'moto_server',
    install: `pip install 'moto[server]'`,
    // Moto 5.2 keeps locked versions, and lets anybody change the lock.
    gaps: [refusals.shorter, refusals.weaker],
    version: () =>
      lineOf('python3', ['-c', 'import moto; print(moto.__version__)'], /.+/) ?? 'version unknown',
    arguments: (_home, port) => ['-H', '127.0.0.1', '-p', String(port)],
  },
];

function lineOf(program: string, args: string[], pattern: RegExp): string | null {
  try {
    const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return pattern.exec(text)?.[0].trim().replaceAll('\t', ' ') ?? null;
  } catch {
    return null;
  }
}

function find(server: Server): string | null {
  const named = process.env[server.variable];
  if (named !== undefined) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, server.program)).find((path) => existsSync(path)) ?? null;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function waitUntilAnswers(url: string, child: ChildProcess): Promise<void> {
  const untilMs = Date.now() + startedWithinMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    if (Date.now() > untilMs) throw new Error('the server does not answer');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function prove(server: Server, program: string, postgres: TestPostgres): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'countersign-s3-'));
  await mkdir(join(home, 'data'));
  await mkdir(join(home, 'versions'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(program, server.arguments(home, port), { stdio: 'ignore' });
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const target: S3Target = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, client };
  const account = new Account(server.gaps);
  console.log(`\n${server.name}: ${server.version(program)}`);
  try {
    await waitUntilAnswers(endpoint, child);
    await proveObjects(target, account);
    await proveLock(target, account);
    await proveArchive(target, account, postgres);
  } catch (error) {
    account.check('the proof ran to its end', false, error instanceof Error ? error.message : 'unknown');
  } finally {
    client.destroy();
    child.kill('SIGTERM');
    await rm(home, { recursive: true, force: true });
  }
  return account.failures;
}

const found = servers.map((server) => ({ server, program: find(server) }));
for (const { server, program } of found) {
  if (program === null)
    console.log(`${server.name} is not here: ${server.install}, or name it in ${server.variable}`);
}
const postgres = await startTestPostgres();
let failures = 0;
let ran = 0;
try {
  for (const { server, program } of found) {
    if (program === null) continue;
    failures += await prove(server, program, postgres);
    ran += 1;
  }
} finally {
  await postgres.stop();
}
console.log(`\n${ran} servers, ${failures} failures`);
if (ran === 0 || failures > 0) process.exitCode = 1;
