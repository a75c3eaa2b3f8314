import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { StorageSetupError, codeOf } from '../errors.ts';
import { ObjectConflictError, type ObjectStore, ObjectStoreError, checkObjectName } from './object-store.ts';
import { syncFolder } from '../sync-folder.ts';

const draftSuffix = '.draft';

/**
 * Objects as read-only files. Nothing here can keep an administrator from removing a file; see
 * docs/archive.md for what to mount below it.
 */
export function openFolderStore(folder: string): ObjectStore {
  const pathOf = (name: string) => {
    checkObjectName(name);
    return join(folder, ...name.split('/'));
  };
  return {
    place: folder,
    lockDays: null,
    async check() {
      try {
        await mkdir(folder, { recursive: true });
        const probe = join(folder, `.probe-${randomBytes(6).toString('hex')}${draftSuffix}`);
        await writeDurably(probe, Buffer.from('probe'));
        await unlink(probe);
      } catch (error) {
        throw new StorageSetupError(
          `The archive folder ${folder} cannot be written (${codeOf(error) ?? 'unknown'}). Make it, and give the gateway's account the right to write there.`,
        );
      }
    },
    put: (name, bytes) => asFault(() => putFile(folder, pathOf(name), name, bytes)),
    get: (name) => asFault(() => readIfThere(pathOf(name))),
    head: (name) =>
      asFault(async () => {
        const found = await absentAsNull(() => stat(pathOf(name)));
        return found?.isFile() ? { bytes: found.size, lockedUntil: null } : null;
      }),
    async *list(prefix) {
      // Whole folders of the prefix lead to it; the last part may be the beginning of a name.
      const start = join(folder, ...prefix.split('/').slice(0, -1));
      for await (const path of filesBelow(start)) {
        const name = relative(folder, path).split('\\').join('/');
        if (name.startsWith(prefix) && !name.endsWith(draftSuffix)) yield name;
      }
    },
    close: () => Promise.resolve(),
  };
}

async function putFile(folder: string, path: string, name: string, bytes: Buffer): Promise<void> {
  await makeFolders(folder, dirname(path));
  const draft = `${path}.${randomBytes(6).toString('hex')}${draftSuffix}`;
  await writeDurably(draft, bytes);
  try {
    // A link, unlike a rename, fails when the name is taken.
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const existing = await readIfThere(path);
    if (!existing?.equals(bytes)) throw new ObjectConflictError(name);
  } finally {
    await unlink(draft);
  }
  await syncFolder(dirname(path));
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o444);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await file.close();
  }
}

/** A new folder's name is durable once the folder that it is in is flushed. */
async function makeFolders(root: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let path = folder; path.length >= first.length; path = dirname(path)) {
    await syncFolder(dirname(path));
    if (path === root) return;
  }
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  const found = (await absentAsNull(() => readdir(folder, { withFileTypes: true }))) ?? [];
  // Ordered as whole names are: a folder counts with the slash that follows it.
  const key = (entry: (typeof found)[number]) => (entry.isDirectory() ? `${entry.name}/` : entry.name);
  for (const entry of found.sort((a, b) => (key(a) < key(b) ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

function readIfThere(path: string): Promise<Buffer | null> {
  return absentAsNull(() => readFile(path));
}

async function absentAsNull<Found>(look: () => Promise<Found>): Promise<Found | null> {
  try {
    return await look();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function asFault<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ObjectStoreError) throw cause;
    throw new ObjectStoreError(`The archive folder failed (${codeOf(cause) ?? 'unknown'}).`, { cause });
  }
}
