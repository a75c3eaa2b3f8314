import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { rename, stat, unlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InvariantError } from '../decision/errors.ts';
import { childOptions, serverArguments, type Cluster } from './cluster.ts';
import { codeOf, StorageSetupError } from './errors.ts';
import { commandLine, processIdentity } from './process-identity.ts';

export interface Postmaster {
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/** Long, because after a crash the server first replays up to a gigabyte of its write-ahead log. */
const readyTimeoutMs = 600_000;
const logBytesMax = 10 * 1024 * 1024;

/**
 * Starts the server and waits until it accepts connections.
 *
 * @throws StorageSetupError when it ends before that; the reason is in its log file.
 */
export async function startPostmaster(cluster: Cluster, port: number): Promise<Postmaster> {
  await rotateLog(cluster.logFile);
  const logFile = openSync(cluster.logFile, 'a', 0o600);
  // Detached: Ctrl-C on a terminal signals the whole foreground group, and we must end before it does.
  const child = spawn(cluster.binaries.postgres, serverArguments(cluster, port), {
    ...childOptions(cluster.account),
    stdio: ['ignore', logFile, logFile],
    detached: true,
  });
  closeSync(logFile);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const { pid } = child;
  const failed = new StorageSetupError(`PostgreSQL did not start; ${cluster.logFile} says why.`);
  if (pid === undefined) throw failed;
  const deadlineMs = performance.now() + readyTimeoutMs;
  while (processIdentity(pid) !== null && performance.now() < deadlineMs) {
    if (readPidFile(cluster)?.ready === pid) return { pid, ended };
    await Promise.race([delay(20), ended]);
  }
  await stopPostmaster(pid);
  throw failed;
}

async function rotateLog(path: string): Promise<void> {
  try {
    if ((await stat(path)).size > logBytesMax) await rename(path, `${path}.1`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * Fast shutdown (open transactions are rolled back, a checkpoint is written); an immediate one when that
 * takes too long, after which the next start recovers from the write-ahead log. Nothing committed is lost
 * either way.
 */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 8_000],
    ['SIGKILL', 2_000],
  ] as const) {
    if (processIdentity(pid) === null) return;
    process.kill(pid, signal);
    const deadlineMs = performance.now() + waitMs;
    while (processIdentity(pid) !== null && performance.now() < deadlineMs) await delay(20);
  }
  if (processIdentity(pid) !== null) throw new StorageSetupError(`PostgreSQL (pid ${pid}) does not stop.`);
}

/**
 * The server of this folder that a killed gateway left behind, if one is running. postmaster.pid may be
 * stale and its pid may belong to a stranger by now: only a process started on this folder counts.
 */
export function findOrphan(cluster: Cluster): number | null {
  const pid = readPidFile(cluster)?.pid;
  if (pid === undefined || processIdentity(pid) === null) return null;
  return commandLine(pid).includes(cluster.data) ? pid : null;
}

/**
 * Removes a postmaster.pid whose pid now belongs to a living stranger: PostgreSQL itself would take a
 * process of its own account for a server and refuse to start. A file with a dead pid stays, because
 * PostgreSQL finds leftover backends by it. To be called under the data folder's lock only.
 */
export async function forgetStranger(cluster: Cluster): Promise<void> {
  const pid = readPidFile(cluster)?.pid;
  if (pid === undefined || processIdentity(pid) === null || findOrphan(cluster) !== null) return;
  await unlink(join(cluster.data, 'postmaster.pid'));
}

/** postmaster.pid: the pid in line 1, the port in line 4, "ready" in line 8 once connections are accepted. */
export function readPidFile(
  cluster: Pick<Cluster, 'data'>,
): { pid: number; port: number; ready: number | null } | null {
  try {
    const lines = readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' ? pid : null };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** A port of the loopback interface that nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string')
        throw new InvariantError('a TCP server has no port');
      server.close(() => resolve(address.port));
    });
  });
}
