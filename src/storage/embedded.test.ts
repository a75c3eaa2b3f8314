import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { databaseUrl, startEmbedded, type EmbeddedPostgres } from './embedded.ts';
import { commandLine, processIdentity } from './process-identity.ts';
import { canTraverse } from './server-account.ts';

const isRoot = process.getuid?.() === 0;
const silent = () => undefined;
let parent: string;
let dataDir: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'countersign-embedded-'));
  // mkdtemp makes 0700; most tests want a folder that PostgreSQL's account can reach.
  await chmod(parent, 0o755);
  dataDir = join(parent, 'data');
  cleanups.push(() => rm(parent, { recursive: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbedded({ dataDir, log: silent });
  cleanups.push(() => server.stop());
  return server;
}

async function sql(server: EmbeddedPostgres, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: server.superuserUrl('postgres') });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Pids of the processes started on the data folder: a postmaster names it on its command line. */
function serversOf(folder: string): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter(
    (pid) => processIdentity(pid) !== null && commandLine(pid).includes(`${folder}/cluster`),
  );
}

/** A gateway in a process of its own, which reports the server's port and pid and then goes on living. */
async function spawnGateway(
  account: { uid?: number; gid?: number } = {},
): Promise<{ gateway: ChildProcess; pid: number; folder: string }> {
  const script = `
    import { startEmbedded } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)};
    const server = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, log: () => undefined });
    process.once('SIGTERM', () => server.stop());
    console.log(JSON.stringify({ pid: server.pid(), folder: server.folder }));`;
  const gateway = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...account,
  });
  const [line] = await once(createInterface(gateway.stdout), 'line');
  return { gateway, ...JSON.parse(String(line)) };
}

it('runs with durable settings, on the loopback interface only, and stops without a trace', async () => {
  const server = await start();
  const rows = await sql(server, 'SELECT name, setting FROM pg_settings');
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  expect(settings).toMatchObject({
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    data_checksums: 'on',
    server_encoding: 'UTF8',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
  });
  expect(await sql(server, 'SELECT datcollate FROM pg_database')).toContainEqual({ datcollate: 'C' });
  const withoutPassword = new Client({
    connectionString: server.superuserUrl('postgres').replace(/:[0-9a-f]{64}@/, ':wrong@'),
  });
  await expect(withoutPassword.connect()).rejects.toThrow('password authentication failed');
  expect((await stat(server.folder)).mode & 0o777).toBe(0o700);
  for (const name of ['superuser-password', 'gateway.lock', 'postgres.log']) {
    expect((await stat(join(server.folder, name))).mode & 0o777, name).toBe(0o600);
  }
  const pid = server.pid();
  await server.stop();
  await server.stop();
  expect(processIdentity(pid!)).toBeNull();
  expect(existsSync(join(server.folder, 'gateway.lock'))).toBe(false);
});

it('writes nothing of a statement, its parameters or its errors into the log', async () => {
  const server = await start();
  const client = new Client({ connectionString: server.superuserUrl('postgres') });
  await client.connect();
  await client.query('CREATE TABLE t (a text UNIQUE, b int CHECK (b > 0))');
  await client.query('INSERT INTO t VALUES ($1, 1)', ['PERSONAL']);
  await expect(client.query('INSERT INTO t VALUES ($1, 1)', ['PERSONAL'])).rejects.toThrow('unique');
  await expect(client.query('INSERT INTO t VALUES ($1, -1)', ['PERSONAL-2'])).rejects.toThrow('check');
  await expect(client.query('SELECT $1::uuid', ['PERSONAL-3'])).rejects.toThrow('uuid');
  await expect(client.query(`SELECT 'PERSONAL-4' FROM nowhere`)).rejects.toThrow('nowhere');
  await client.end();
  await server.stop();
  const log = await readFile(join(server.folder, 'postgres.log'), 'utf8');
  expect(log).toContain('ready to accept connections');
  expect(log).not.toContain('PERSONAL');
});

it.runIf(isRoot)('as root, puts the data where PostgreSQL’s account can reach it', async () => {
  await chmod(parent, 0o700);
  const server = await start();
  const prefix = createHash('sha256')
    .update(dataDir)
    .digest('hex')
    .slice(0, basename(server.folder).length - 5);
  expect(server.folder).toBe(`/var/lib/countersign/data-${prefix}`);
  cleanups.unshift(() => rm(server.folder, { recursive: true }));
  expect((await stat(join(server.folder, 'cluster'))).uid).not.toBe(0);
  await sql(server, 'CREATE TABLE kept AS SELECT 1 AS n');
  await server.stop();
  const again = await start();
  expect(again.folder).toBe(server.folder);
  expect(await sql(again, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
});

it.runIf(isRoot)('as an ordinary user, keeps everything in the requested folder', async (context) => {
  const reachable = await canTraverse(process.cwd(), { uid: 65_534, gid: 65_534 });
  context.skip(!reachable, 'this checkout lies in a folder that an ordinary user cannot enter');
  await chown(parent, 65_534, 65_534);
  await chmod(parent, 0o700);
  const { gateway, pid, folder } = await spawnGateway({ uid: 65_534, gid: 65_534 });
  expect(folder).toBe(dataDir);
  expect((await stat(join(folder, 'cluster', 'PG_VERSION'))).uid).toBe(65_534);
  gateway.kill('SIGTERM');
  expect(await once(gateway, 'exit')).toEqual([0, null]);
  expect(processIdentity(pid)).toBeNull();
});

it('lets one gateway use a data folder, and names it to the second', async () => {
  const server = await start();
  await expect(startEmbedded({ dataDir, log: silent })).rejects.toThrow(`pid ${process.pid}`);
  expect(await sql(server, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
});

it.runIf(process.platform === 'linux')(
  'takes over after a SIGKILL of the gateway: nothing lost, no orphan left',
  async () => {
    const { gateway, pid, folder } = await spawnGateway();
    await expect(startEmbedded({ dataDir, log: silent })).rejects.toThrow(`pid ${gateway.pid}`);
    const port = Number((await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[3]);
    const password = await readFile(join(folder, 'superuser-password'), 'utf8');
    const client = new Client({
      connectionString: databaseUrl({ user: 'countersign_owner', password, port, database: 'postgres' }),
    });
    await client.connect();
    client.on('error', silent);
    await client.query('CREATE TABLE kept AS SELECT 1 AS n');
    gateway.kill('SIGKILL');
    await once(gateway, 'exit');
    await client.query('INSERT INTO kept VALUES (2)');
    await expect.poll(() => serversOf(folder), { timeout: 5_000 }).toEqual([pid]);

    const server = await start();
    expect(processIdentity(pid)).toBeNull();
    // A process that the server has just forked bears its name for a moment.
    await expect.poll(() => serversOf(folder), { timeout: 5_000 }).toEqual([server.pid()]);
    expect(await sql(server, 'SELECT n FROM kept ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
    await server.stop();
    await expect.poll(() => serversOf(folder), { timeout: 5_000 }).toEqual([]);
  },
);

it('does not mistake a stranger with the pid of a dead server for it', async () => {
  const first = await start();
  await first.stop();
  const stranger = spawn('sleep', ['60']);
  await once(stranger, 'spawn');
  await writeFile(
    join(first.folder, 'cluster', 'postmaster.pid'),
    `${stranger.pid}\n${first.folder}/cluster\n1\n1\n\n\n\nready   \n`,
  );
  const second = await start();
  expect(await sql(second, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  expect(processIdentity(stranger.pid!)).not.toBeNull();
  stranger.kill('SIGKILL');
});

it('starts again on the same port, with all that was committed, whenever the server dies', async () => {
  const server = await start();
  await sql(server, 'CREATE TABLE kept (n int)');
  for (let round = 1; round <= 3; round += 1) {
    await sql(server, `INSERT INTO kept VALUES (${round})`);
    const before = server.pid();
    process.kill(before!, 'SIGKILL');
    await expect.poll(() => server.pid(), { timeout: 20_000 }).not.toBe(before);
    await expect.poll(() => server.pid(), { timeout: 20_000 }).not.toBeNull();
  }
  expect(await sql(server, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 3 }]);
  await server.stop();
});

it('stops for good when asked while the server is being restarted', async () => {
  const server = await start();
  process.kill(server.pid()!, 'SIGKILL');
  await server.stop();
  await (await start()).stop();
  expect(server.pid()).toBeNull();
});

it('begins anew after a first start that was killed half way', async () => {
  const server = await start();
  await server.stop();
  const cluster = join(server.folder, 'cluster');
  await rename(cluster, `${cluster}.new`);
  await rm(join(`${cluster}.new`, 'global', 'pg_control'));
  expect(await sql(await start(), 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  expect(existsSync(`${cluster}.new`)).toBe(false);
});

it('says where to look when the server cannot start', async () => {
  const server = await start();
  await server.stop();
  await writeFile(join(server.folder, 'cluster', 'global', 'pg_control'), randomBytes(8192));
  await expect(startEmbedded({ dataDir, log: silent })).rejects.toThrow(join(server.folder, 'postgres.log'));
  expect(existsSync(join(server.folder, 'gateway.lock'))).toBe(false);
});
