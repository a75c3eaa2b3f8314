import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { canTraverse, type ServerAccount } from './server-account.ts';
import { codeOf } from './errors.ts';

/** Where binaries and data live when root runs the gateway from a folder PostgreSQL's account cannot reach. */
export const systemHome = '/var/lib/countersign';

/**
 * The folder to use for the requested data folder: itself, or, when the server's account could not reach
 * it (a clone under /root), one under `home` that is the same for the same request at every start.
 */
export async function placeDataFolder(
  requested: string,
  account: ServerAccount | null,
  home: string = systemHome,
): Promise<string> {
  const wanted = resolve(requested);
  await mkdir(dirname(wanted), { recursive: true });
  if (account === null) {
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    return wanted;
  }
  const reachable = await canTraverse(dirname(wanted), account);
  const prefix = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const folder = reachable ? wanted : join(home, `data-${prefix}`);
  if (!reachable) {
    await mkdir(home, { recursive: true, mode: 0o755 });
    await chmod(home, 0o755);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  await chown(folder, account.uid, account.gid);
  return folder;
}

/** Reads a secret of the data folder, or makes one of 256 random bits that only the owner may read. */
export async function secretFile(
  folder: string,
  name: string,
  account: ServerAccount | null,
): Promise<string> {
  const path = join(folder, name);
  try {
    await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
    if (account !== null) await chown(path, account.uid, account.gid);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return (await readFile(path, 'utf8')).trim();
}
