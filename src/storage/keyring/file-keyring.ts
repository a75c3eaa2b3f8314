import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createKeyringFile, editionOf, type KeyringFile, readKeyringFile } from './keyring-file.ts';
import { type Keyring, KeyringError, KeyringUnavailableError, macUnder } from './keyring.ts';

export interface FileKeyring extends Keyring {
  /** Never changes: it decides under which MAC a subject is found again. */
  readonly macKey: Buffer;
}

const nonceBytes = 12;
const tagBytes = 16;
/** A rotated key is taken into use this much later at most. */
const lookAgainMs = 1000;

/**
 * A keyring in a file that only its owner can read. With `create` a missing file is made with random keys;
 * without, a missing file is an error, because new keys would silently make old records unreadable.
 * While it is open, it follows the file: a key added there wraps a second later.
 *
 * @throws StorageSetupError when the file is missing, readable by others, or damaged.
 */
export async function openFileKeyring(path: string, options: { create: boolean }): Promise<FileKeyring> {
  if (options.create && !existsSync(path)) await createKeyringFile(path);
  let file = await readKeyringFile(path);
  let lookedMs = performance.now();
  const { macKey } = file;
  const find = (keyId: string) => file.keys.find(({ id }) => id === keyId)?.key;

  /** A gateway that cannot see the file any more must not go on with a key that may be retired. */
  async function follow(): Promise<void> {
    try {
      if ((await editionOf(path)) !== file.edition) file = await sameKeyring(path, macKey);
      lookedMs = performance.now();
    } catch (cause) {
      throw new KeyringUnavailableError(`The keyring ${path} can no longer be used.`, { cause });
    }
  }

  return {
    macKey,
    async wrap(plaintext, context) {
      if (performance.now() - lookedMs >= lookAgainMs) await follow();
      const keyId = file.active;
      return { wrapped: seal(find(keyId)!, plaintext, context), keyId };
    },
    async unwrap(wrapped, keyId, context) {
      if (find(keyId) === undefined) await follow();
      const key = find(keyId);
      if (key === undefined) throw new KeyringError(`The keyring has no key "${keyId}".`);
      return unseal(key, wrapped, context);
    },
    names: (keyId) => find(keyId) !== undefined || /^k-[0-9a-f]{12}$/.test(keyId),
    mac: (purpose, data) => macUnder(macKey, purpose, data),
  };
}

async function sameKeyring(path: string, macKey: Buffer): Promise<KeyringFile> {
  const file = await readKeyringFile(path);
  if (!file.macKey.equals(macKey)) throw new KeyringError(`The file ${path} now holds another keyring.`);
  return file;
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
