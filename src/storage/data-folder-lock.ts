import { link, mkdir, readFile, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, DataFolderInUseError, StorageSetupError } from './errors.ts';
import { processIdentity } from './process-identity.ts';

export interface DataFolderLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly identity: string;
}

/**
 * Makes this process the only gateway on a data folder. A lock whose holder has died is replaced.
 *
 * @throws StorageSetupError that names the pid of the gateway that holds the folder.
 */
export async function lockDataFolder(folder: string): Promise<DataFolderLock> {
  const path = join(folder, 'gateway.lock');
  const own: Holder = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  for (;;) {
    if (await createLock(path, own)) return { release: () => unlink(path) };
    const holder = await readHolder(path);
    if (holder !== null && isAlive(holder)) {
      throw new DataFolderInUseError(
        `Another gateway (pid ${holder.pid}) is using the data folder ${folder}. Stop it, or give this one a data folder of its own.`,
      );
    }
    if (holder !== null) await removeStale(path, holder);
  }
}

function isAlive(holder: Holder): boolean {
  return processIdentity(holder.pid) === holder.identity;
}

/** Written aside and linked into place, so that no reader ever sees a lock that is half written. */
async function createLock(path: string, own: Holder): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const holder: Holder = JSON.parse(await readFile(path, 'utf8'));
    return holder;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    if (error instanceof SyntaxError) {
      throw new StorageSetupError(
        `The lock file ${path} is damaged. Remove it when no gateway uses the folder.`,
      );
    }
    throw error;
  }
}

/** Far longer than a removal takes: one that is older was left by a process that died in the middle. */
const removalMs = 5_000;

/**
 * Removes a stale lock, one starter at a time: another one may have replaced it since it was read, and a
 * living holder's lock must never go. While the lock stands nobody can replace it, so what is read under
 * the removal's own lock is still true when it is removed.
 */
async function removeStale(path: string, stale: Holder): Promise<void> {
  const removal = `${path}.removal`;
  if (!(await beginRemoval(removal))) return delay(10);
  try {
    const holder = await readHolder(path);
    if (holder?.pid === stale.pid && holder.identity === stale.identity) await unlink(path);
  } finally {
    await rmdir(removal);
  }
}

async function beginRemoval(removal: string): Promise<boolean> {
  try {
    await mkdir(removal);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  try {
    if (Date.now() - (await stat(removal)).mtimeMs > removalMs) await rmdir(removal);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  return false;
}
