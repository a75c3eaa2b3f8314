import { spawnSync } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageSetupError } from './errors.ts';

/** The operating-system account PostgreSQL runs under when the gateway itself runs as root. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root: finds the account `postgres`, else creates it, else takes `nobody`
 * (initdb needs an account with a name). Null when this process is not root and needs no other account.
 *
 * @throws StorageSetupError when the machine has none of them.
 */
export function serverAccount(): ServerAccount | null {
  if (process.platform === 'win32' || process.getuid?.() !== 0) return null;
  const existing = lookUp('postgres');
  if (existing !== null) return existing;
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']);
  const account = lookUp('postgres') ?? lookUp('nobody');
  if (account !== null) return account;
  throw new StorageSetupError(
    'PostgreSQL refuses to run as root and there is no account "postgres" or "nobody" to run it under. Run "useradd --system postgres", or start the gateway as an ordinary user.',
  );
}

function lookUp(name: string): ServerAccount | null {
  const uid = spawnSync('id', ['-u', name], { encoding: 'utf8' });
  const gid = spawnSync('id', ['-g', name], { encoding: 'utf8' });
  if (uid.status !== 0 || gid.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** Whether the account may pass through the folder and all folders above it. */
export async function canTraverse(folder: string, account: ServerAccount): Promise<boolean> {
  for (let current = await realpath(folder); ; current = dirname(current)) {
    const { mode, uid, gid } = await stat(current);
    const searchBit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & searchBit) === 0) return false;
    if (current === dirname(current)) return true;
  }
}
