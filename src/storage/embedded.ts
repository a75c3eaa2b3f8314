import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { locateBinaries, reachableBinaries } from './binaries.ts';
import { ensureCluster, superuser, superuserSecret, type Cluster } from './cluster.ts';
import { placeDataFolder, secretFile, systemHome } from './data-folder.ts';
import { lockDataFolder, type DataFolderLock } from './data-folder-lock.ts';
import type { StorageLog } from './log.ts';
import {
  findOrphan,
  forgetStranger,
  freePort,
  startPostmaster,
  stopPostmaster,
  type Postmaster,
} from './postmaster.ts';
import { serverAccount } from './server-account.ts';

export interface EmbeddedPostgres {
  /** The folder in use: the requested one, or a reachable one when root asked for a closed one. */
  readonly folder: string;
  readonly port: number;
  superuserUrl(database: string): string;
  /** The pid of the postmaster; null while it is being restarted. */
  pid(): number | null;
  /** Stops the server and gives the data folder free. */
  stop(): Promise<void>;
}

/**
 * Runs PostgreSQL on a data folder until `stop()`, restarting it whenever it dies. A server that a killed
 * gateway left running on the folder is stopped first; what it had committed stays.
 *
 * @throws StorageSetupError when the folder is in use, or the server cannot be installed or started.
 */
export async function startEmbedded(options: {
  dataDir: string;
  log: StorageLog;
}): Promise<EmbeddedPostgres> {
  const { log } = options;
  const account = serverAccount();
  const binaries = await reachableBinaries(await locateBinaries(), account, systemHome);
  const folder = await placeDataFolder(options.dataDir, account);
  const cluster: Cluster = {
    folder,
    data: join(folder, 'cluster'),
    logFile: join(folder, 'postgres.log'),
    binaries,
    account,
  };
  const lock = await lockDataFolder(folder);
  try {
    const password = await secretFile(folder, superuserSecret, account);
    await ensureCluster(cluster);
    const orphan = findOrphan(cluster);
    if (orphan !== null) {
      log('warn', 'stopping the PostgreSQL that a killed gateway left behind', { pid: orphan });
      await stopPostmaster(orphan);
    } else {
      await forgetStranger(cluster);
    }
    return await supervise(cluster, password, lock, log);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function supervise(
  cluster: Cluster,
  password: string,
  lock: DataFolderLock,
  log: StorageLog,
): Promise<EmbeddedPostgres> {
  const { postmaster, port } = await startOnFreePort(cluster);
  log('info', 'PostgreSQL is running', { folder: cluster.folder, port, pid: postmaster.pid });
  let current: Postmaster | null = postmaster;
  const stopping = new AbortController();
  const supervision = (async () => {
    for (;;) {
      await current?.ended;
      current = null;
      if (stopping.signal.aborted) return;
      log('error', 'PostgreSQL ended unexpectedly; restarting it', { port });
      current = await revive(cluster, port, stopping.signal, log);
      if (current === null) return;
      log('info', 'PostgreSQL is running again', { port, pid: current.pid });
      if (stopping.signal.aborted) await stopPostmaster(current.pid);
    }
  })();
  return {
    folder: cluster.folder,
    port,
    superuserUrl: (database) => databaseUrl({ user: superuser, password, port, database }),
    pid: () => current?.pid ?? null,
    async stop() {
      if (stopping.signal.aborted) return supervision;
      stopping.abort();
      if (current !== null) await stopPostmaster(current.pid);
      await supervision;
      await lock.release();
      log('info', 'PostgreSQL is stopped', { port });
    },
  };
}

/**
 * Between finding a free port and listening on it, somebody else may take it; and the backends of a server
 * that was killed together with its gateway may hold its memory a little longer.
 */
async function startOnFreePort(cluster: Cluster): Promise<{ postmaster: Postmaster; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { postmaster: await startPostmaster(cluster, port), port };
    } catch (error) {
      if (attempt === 8) throw error;
      await delay(200 * attempt);
    }
  }
}

/**
 * Restarts on the same port, where the pools look for it. The backends of a killed postmaster hold its
 * shared memory until they notice, which usually takes less than a second; PostgreSQL refuses to start
 * until then.
 */
async function revive(
  cluster: Cluster,
  port: number,
  stopping: AbortSignal,
  log: StorageLog,
): Promise<Postmaster | null> {
  for (let attempt = 1; !stopping.aborted; attempt += 1) {
    try {
      return await startPostmaster(cluster, port);
    } catch (error) {
      if (attempt === 50) log('error', `PostgreSQL still does not restart: ${String(error)}`, { port });
      await delay(attempt < 50 ? 200 : 1000);
    }
  }
  return null;
}

/** The URL of a database of the embedded server. */
export function databaseUrl(at: { user: string; password: string; port: number; database: string }): string {
  return `postgres://${at.user}:${at.password}@127.0.0.1:${at.port}/${encodeURIComponent(at.database)}`;
}
