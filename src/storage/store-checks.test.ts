import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { locateBinaries, reachableBinaries } from './binaries.ts';
import { childOptions, serverArguments, type Cluster } from './cluster.ts';
import { systemHome } from './data-folder.ts';
import { openEmbeddedStores, type StoreAddress } from './embedded-stores.ts';
import { freePort, readPidFile, stopPostmaster } from './postmaster.ts';
import { serverAccount } from './server-account.ts';
import { openStore } from './store.ts';

const silent = () => undefined;
let parent: string;
let cluster: Cluster;
let address: StoreAddress;

/** A migrated cluster at rest: our own start would not let it run with weaker settings. */
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'countersign-checks-'));
  await chmod(parent, 0o755);
  const folder = join(parent, 'data');
  const { server, addresses } = await openEmbeddedStores({ dataDir: folder, cells: ['eu'], log: silent });
  await server.stop();
  address = addresses.get('eu')!;
  const data = join(folder, 'cluster');
  const logFile = join(folder, 'postgres.log');
  const account = serverAccount();
  const binaries = await reachableBinaries(await locateBinaries(), account, systemHome);
  cluster = { folder, data, logFile, binaries, account };
});
afterAll(() => rm(parent, { recursive: true }));

it.each([
  ['fsync', 'off'],
  ['full_page_writes', 'off'],
  ['synchronous_commit', 'off'],
  ['fsync', 'on'],
])('with %s = %s, opens a store only when it would be durable', async (name, value) => {
  const port = await freePort();
  const settings = serverArguments(cluster, port).map((argument) =>
    argument.startsWith(`${name}=`) ? `${name}=${value}` : argument,
  );
  const child = spawn(cluster.binaries.postgres, settings, {
    ...childOptions(cluster.account),
    stdio: 'ignore',
  });
  try {
    await expect.poll(() => readPidFile(cluster)?.ready, { timeout: 20_000 }).toBe(child.pid);
    const url = new URL(address.url);
    url.port = String(port);
    const opening = openStore({ cell: 'eu', url: url.href, timeoutMs: 5000, log: silent });
    if (value === 'on') await (await opening).close();
    else await expect(opening).rejects.toThrow(new RegExp(`^${name} is off: .*"${name} = on"`));
  } finally {
    await stopPostmaster(child.pid!);
  }
});
