import { open, unlink } from 'node:fs/promises';
import { codeOf, StorageSetupError } from '../errors.ts';
import { type KeyringFile, newFileKey, readKeyringFile, replaceKeyringFile } from './keyring-file.ts';

/**
 * Gateways look at the file once a second, and a decision that took the old key must have been written
 * or given up: an hour is far beyond both.
 */
const retireAfterMs = 60 * 60 * 1000;

/**
 * Adds a key that wraps from now on; the old ones stay and unwrap. Running gateways follow by themselves.
 * @returns the ids of the new key and of the one before it
 * @throws StorageSetupError
 */
export async function rotateFileKeyring(path: string): Promise<{ active: string; before: string }> {
  return change(path, (file) => {
    const key = newFileKey();
    return {
      next: { ...file, active: key.id, keys: [...file.keys, key] },
      result: { active: key.id, before: file.active },
    };
  });
}

/**
 * Removes an old key for ever. Whoever calls this has made sure that no row is wrapped under it.
 * @throws StorageSetupError when the key is active or unknown, or the active key is too new
 */
export async function retireFileKey(path: string, keyId: string, nowMs = Date.now()): Promise<void> {
  await change(path, (file) => {
    const active = file.keys.find(({ id }) => id === file.active);
    if (!file.keys.some(({ id }) => id === keyId)) {
      throw new StorageSetupError(`The keyring ${path} has no key "${keyId}".`);
    }
    if (keyId === file.active) {
      throw new StorageSetupError(`"${keyId}" is the active key of ${path}. Rotate first.`);
    }
    // Not a number compares false: a date that cannot be read keeps the key.
    if (!(nowMs - Date.parse(active?.createdAt ?? '') >= retireAfterMs)) {
      throw new StorageSetupError(
        `The active key of ${path} is less than an hour old: a gateway may still write under "${keyId}". Retire it later.`,
      );
    }
    return { next: { ...file, keys: file.keys.filter(({ id }) => id !== keyId) }, result: undefined };
  });
}

export async function fileKeyIds(path: string): Promise<string[]> {
  return (await readKeyringFile(path)).keys.map(({ id }) => id);
}

/** One change at a time: of two rotations that read the same file, one would lose the other's key. */
async function change<Result>(
  path: string,
  plan: (file: KeyringFile) => { next: KeyringFile; result: Result },
): Promise<Result> {
  const lock = `${path}.lock`;
  try {
    await (await open(lock, 'wx', 0o600)).close();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new StorageSetupError(
      `Somebody else is changing the keyring ${path}. If nobody is, a command was killed: delete ${lock}.`,
    );
  }
  try {
    const { next, result } = plan(await readKeyringFile(path));
    await replaceKeyringFile(path, next);
    return result;
  } finally {
    await unlink(lock);
  }
}
