import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, StorageSetupError } from '../errors.ts';
import { syncFolder } from '../sync-folder.ts';

/** The content of a key file, decoded. */
export interface KeyringFile {
  /** Id of the key that wraps; the others only unwrap what they wrapped before. */
  readonly active: string;
  readonly keys: readonly FileKey[];
  readonly macKey: Buffer;
  /** Changes whenever the file does. */
  readonly edition: string;
}

export interface FileKey {
  readonly id: string;
  readonly key: Buffer;
  /** ISO 8601. */
  readonly createdAt: string;
}

const keyBytes = 32;

export function newFileKey(): FileKey {
  const id = `k-${randomBytes(6).toString('hex')}`;
  return { id, key: randomBytes(keyBytes), createdAt: new Date().toISOString() };
}

/** Makes the file with random keys, unless somebody else was first. */
export async function createKeyringFile(path: string): Promise<void> {
  const key = newFileKey();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = await writeDraft(path, { active: key.id, keys: [key], macKey: randomBytes(keyBytes) });
  try {
    // Linked, not renamed: a second start cannot replace keys already in use.
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolder(dirname(path));
}

/** Readers see the old content or the new one, also after a loss of power. */
export async function replaceKeyringFile(path: string, content: Omit<KeyringFile, 'edition'>): Promise<void> {
  const draft = await writeDraft(path, content);
  try {
    await rename(draft, path);
  } catch (error) {
    await unlink(draft);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** @throws StorageSetupError when the file is missing, readable by others, or damaged. */
export async function readKeyringFile(path: string): Promise<KeyringFile> {
  try {
    const edition = await editionOf(path);
    return { ...parse(await readFile(path, 'utf8'), path), edition };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new StorageSetupError(
      `There is no keyring at ${path}. Restore it from its backup; only for a cell without records, have a new one created.`,
    );
  }
}

/** @throws StorageSetupError when other accounts can read the file. */
export async function editionOf(path: string): Promise<string> {
  const { mode, ino, size, mtimeNs } = await stat(path, { bigint: true });
  if (process.platform !== 'win32' && (mode & 0o077n) !== 0n) {
    throw new StorageSetupError(
      `The keyring ${path} can be read by other accounts. Run: chmod 600 '${path}'`,
    );
  }
  return `${ino}.${size}.${mtimeNs}`;
}

async function writeDraft(path: string, content: Omit<KeyringFile, 'edition'>): Promise<string> {
  const text = JSON.stringify(
    {
      version: 1,
      active: content.active,
      keys: content.keys.map(({ id, key, createdAt }) => ({ id, key: key.toString('base64'), createdAt })),
      macKey: content.macKey.toString('base64'),
    },
    null,
    2,
  );
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } catch (error) {
    await unlink(draft);
    throw error;
  } finally {
    await file.close();
  }
  return draft;
}

interface FileContent {
  readonly version: 1;
  readonly active: unknown;
  readonly keys: readonly { readonly id: unknown; readonly key: unknown; readonly createdAt: unknown }[];
  readonly macKey: unknown;
}

function parse(text: string, path: string): Omit<KeyringFile, 'edition'> {
  let content: Partial<FileContent> | null;
  try {
    content = JSON.parse(text);
  } catch {
    // JSON.parse quotes the text it stumbles over, which here is a key.
    throw damaged(path, 'it is not JSON');
  }
  if (content?.version !== 1) throw damaged(path, 'its version is not 1');
  const { active, keys, macKey } = content;
  if (typeof active !== 'string' || typeof macKey !== 'string' || !Array.isArray(keys)) {
    throw damaged(path, '"active", "keys" or "macKey" is missing');
  }
  const decoded = keys.map(({ id, key, createdAt }) => ({
    id: String(id),
    key: decodeKey(key, path),
    createdAt: String(createdAt),
  }));
  if (!decoded.some(({ id }) => id === active)) {
    throw damaged(path, `there is no key with the active id "${active}"`);
  }
  return { active, keys: decoded, macKey: decodeKey(macKey, path) };
}

function decodeKey(base64: unknown, path: string): Buffer {
  const key = Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64');
  if (key.length !== keyBytes) throw damaged(path, 'a key does not have 256 bits');
  return key;
}

function damaged(path: string, fault: string): StorageSetupError {
  return new StorageSetupError(`The keyring ${path} is damaged: ${fault}. Restore it from its backup.`);
}
