import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../storage/errors.ts';
import { syncFolder } from '../../storage/sync-folder.ts';

const temporarySuffix = '.new';

/** The published files of one log, below `<ledger.folder>/<cell>/<period>`. */
export class PublishedFiles {
  readonly #folder: string;
  /** Folders whose list of names has changed since the last flush. */
  readonly #changed = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns null when there is no such file */
  async read(path: string): Promise<string | null> {
    try {
      return await readFile(join(this.#folder, path), 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  /** Nobody ever sees half of a file, not even after a power cut. */
  async write(path: string, bytes: string | Buffer): Promise<void> {
    const file = join(this.#folder, path);
    const folder = dirname(file);
    await mkdir(folder, { recursive: true });
    const handle = await open(file + temporarySuffix, 'w', 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(file + temporarySuffix, file);
    this.#changed.add(folder);
  }

  /**
   * Nobody sees half of a file while the machine runs; a power cut may leave a short one. For what can be
   * made again: flushing thousands of tiles one by one took the disk away from the records themselves.
   */
  async writeLoosely(path: string, bytes: Buffer): Promise<void> {
    const file = join(this.#folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file + temporarySuffix, bytes, { mode: 0o644 });
    await rename(file + temporarySuffix, file);
  }

  /** Bytes of a file; null when there is none. */
  async size(path: string): Promise<number | null> {
    try {
      return (await stat(join(this.#folder, path))).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.#folder, path), { recursive: true, force: true });
  }

  /** Makes durable that the files written so far are there under their names. */
  async flush(): Promise<void> {
    for (const folder of this.#changed) await syncFolder(folder);
    this.#changed.clear();
  }
}

/** The names in a folder; none when it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
