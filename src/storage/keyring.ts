/**
 * Where a cell's own keys live: a file, or later a hardware module or cloud service behind the same port.
 * A key never leaves it; only wrapped data keys and MACs do.
 */
export interface Keyring {
  /** The key that wraps from now on; it is stored beside what it wrapped. */
  readonly keyId: string;
  /**
   * @param context What the secret belongs to. It is authenticated, not stored: unwrapping under another
   *   context fails, so a wrapped key cannot be moved to another row.
   */
  wrap(plaintext: Buffer, context: string): Promise<Buffer> | Buffer;
  /** @throws KeyringError when the key is not there, or the wrapped bytes or the context were altered. */
  unwrap(wrapped: Buffer, keyId: string, context: string): Promise<Buffer> | Buffer;
  /** HMAC-SHA256 under a key used for nothing else, separated by purpose; 32 bytes. */
  mac(purpose: string, data: Buffer | string): Buffer;
}

export class KeyringError extends Error {
  override name = 'KeyringError';
}
