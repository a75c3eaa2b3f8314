import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './binaries.ts';
import { StorageSetupError } from './errors.ts';
import type { ServerAccount } from './server-account.ts';

export const superuser = 'countersign_owner';
export const superuserSecret = 'superuser-password';

/** What belongs to one embedded database on disk. */
export interface Cluster {
  /** Our folder: lock, secrets, log. */
  readonly folder: string;
  /** PostgreSQL's own data directory inside it. */
  readonly data: string;
  readonly logFile: string;
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | null;
}

/**
 * Creates the database cluster if there is none yet. It is made aside and renamed when whole, so that a
 * crash in the middle leaves nothing that looks like data.
 */
export async function ensureCluster(cluster: Cluster): Promise<void> {
  const draft = `${cluster.data}.new`;
  await rm(draft, { recursive: true, force: true });
  if (existsSync(join(cluster.data, 'PG_VERSION'))) return;
  const options = [
    ['-D', draft],
    ['--username', superuser],
    ['--pwfile', join(cluster.folder, superuserSecret)],
    ['--auth', 'scram-sha-256'],
    ['--encoding', 'UTF8'],
    ['--locale', 'C'],
    ['--data-checksums'],
  ].flat();
  try {
    await promisify(execFile)(cluster.binaries.initdb, options, childOptions(cluster.account));
  } catch (error) {
    // The error of a failed child quotes all it wrote, which says what is wrong with the machine.
    throw new StorageSetupError(`initdb failed in ${cluster.folder}: ${String(error)}`);
  }
  await rename(draft, cluster.data);
}

/** Only what PostgreSQL needs: a PGDATA or LANG of the operator's shell must not reach it. */
export function childOptions(account: ServerAccount | null): {
  cwd: string;
  env: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
} {
  const { PATH, SystemRoot } = process.env;
  const env = { LC_ALL: 'C', TZ: 'UTC', ...(PATH && { PATH }), ...(SystemRoot && { SystemRoot }) };
  return { cwd: process.platform === 'win32' ? process.cwd() : '/', env, ...account };
}

/** The settings we rely on, given on the command line so that no edited file weakens them. */
export function serverArguments(cluster: Cluster, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    // A socket's path is limited to 107 bytes, which a deep data folder exceeds.
    unix_socket_directories: '',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    max_connections: 100,
    shared_buffers: '128MB',
    min_wal_size: '256MB',
    max_wal_size: '1GB',
    // Worker processes for reads cost more than they bring: the gateway writes, and rarely reads.
    io_method: 'sync',
    jit: 'off',
    // Stops the work of a client that gave up waiting and closed its connection.
    client_connection_check_interval: '1s',
    // Shorter than the budget of a request, so that a deadlock costs one batch a second try, not a 503.
    deadlock_timeout: '100ms',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Statements, parameters and the values that error messages quote are personal data (I8).
    log_statement: 'none',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_error_verbosity: 'terse',
  };
  return [
    '-D',
    cluster.data,
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
}
