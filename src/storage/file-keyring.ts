import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, StorageSetupError } from './errors.ts';
import { KeyringError, type Keyring } from './keyring.ts';

interface KeyringFile {
  readonly version: 1;
  /** Id of the key that wraps; the others only unwrap what they wrapped before. */
  readonly active: string;
  readonly keys: readonly { readonly id: string; readonly key: string; readonly createdAt: string }[];
  readonly macKey: string;
}

const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/**
 * A keyring in a file that only its owner can read. With `create` a missing file is made with random keys;
 * without, a missing file is an error, because new keys would silently make old records unreadable.
 *
 * @throws StorageSetupError when the file is missing, readable by others, or damaged.
 */
export async function openFileKeyring(path: string, options: { create: boolean }): Promise<Keyring> {
  if (options.create && !existsSync(path)) await createFile(path);
  const file = await readKeyringFile(path);
  const keys = new Map(file.keys.map(({ id, key }) => [id, decodeKey(key, path)]));
  const activeKey = keys.get(file.active);
  if (activeKey === undefined) throw damaged(path, `there is no key with the active id "${file.active}"`);
  const macKey = decodeKey(file.macKey, path);
  return {
    keyId: file.active,
    wrap: (plaintext, context) => seal(activeKey, plaintext, context),
    unwrap(wrapped, keyId, context) {
      const key = keys.get(keyId);
      if (key === undefined) throw new KeyringError(`The keyring has no key "${keyId}".`);
      return unseal(key, wrapped, context);
    },
    // The length prefix keeps purpose and data apart: ("a", "bc") and ("ab", "c") differ.
    mac: (purpose, data) =>
      createHmac('sha256', macKey)
        .update(`${Buffer.byteLength(purpose)}:${purpose}`)
        .update(data)
        .digest(),
  };
}

/** nonce || ciphertext || tag. Random nonces are safe here: a key wraps far fewer than 2^32 data keys. */
function seal(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Buffer, wrapped: Buffer, context: string): Buffer {
  if (wrapped.length < nonceBytes + tagBytes) throw new KeyringError('The wrapped key is cut short.');
  const nonce = wrapped.subarray(0, nonceBytes);
  const tag = wrapped.subarray(wrapped.length - tagBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(context))
    .setAuthTag(tag);
  const body = decipher.update(wrapped.subarray(nonceBytes, wrapped.length - tagBytes));
  try {
    return Buffer.concat([body, decipher.final()]);
  } catch (error) {
    throw new KeyringError('The wrapped key, or what it belongs to, was altered.', { cause: error });
  }
}

function randomKey(): string {
  return randomBytes(keyBytes).toString('base64');
}

/** Written and flushed aside, then linked into place: a second start cannot replace keys already in use. */
async function createFile(path: string): Promise<void> {
  const createdAt = new Date().toISOString();
  const id = `k-${randomBytes(6).toString('hex')}`;
  const content: KeyringFile = {
    version: 1,
    active: id,
    keys: [{ id, key: randomKey(), createdAt }],
    macKey: randomKey(),
  };
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await file.sync();
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await unlink(draft);
  }
  await syncFolder(dirname(path));
}

/** The name of a new file is durable once its folder is flushed; Windows does that by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readKeyringFile(path: string): Promise<KeyringFile> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new StorageSetupError(
        `The keyring ${path} can be read by other accounts. Run: chmod 600 '${path}'`,
      );
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new StorageSetupError(
      `There is no keyring at ${path}. Restore it from its backup; only for a cell without records, have a new one created.`,
    );
  }
  return parseKeyring(text, path);
}

function parseKeyring(text: string, path: string): KeyringFile {
  let content: Partial<KeyringFile> | null;
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
  return { version: 1, active, keys, macKey };
}

function decodeKey(base64: unknown, path: string): Buffer {
  const key = Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64');
  if (key.length !== keyBytes) throw damaged(path, 'a key does not have 256 bits');
  return key;
}

function damaged(path: string, fault: string): StorageSetupError {
  return new StorageSetupError(`The keyring ${path} is damaged: ${fault}. Restore it from its backup.`);
}
