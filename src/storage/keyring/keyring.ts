import { createHmac } from 'node:crypto';
import { StoreUnavailableError } from '../errors.ts';

/** A secret as it is kept in a row: of no use without the keyring. */
export interface WrappedSecret {
  readonly wrapped: Buffer;
  /** The key that wrapped it, and its version where keys have versions. Stored beside it. */
  readonly keyId: string;
}

/** What wraps and unwraps: a file, AWS KMS, or Vault's Transit engine. */
export interface KeyWrapper {
  /**
   * Wraps under the key that is active now. The id comes back together with the bytes, because the
   * active key may change between two calls.
   *
   * @param context What the secret belongs to. It is authenticated, not stored: unwrapping under another
   *   context fails, so a wrapped key cannot be moved to another row. It may appear in the audit log of a
   *   key service, so it holds ids only.
   * @throws KeyringUnavailableError
   */
  wrap(plaintext: Buffer, context: string): Promise<WrappedSecret>;
  /**
   * @throws KeyringError when the key is not this wrapper's, or the wrapped bytes or the context were altered.
   * @throws KeyringUnavailableError
   */
  unwrap(wrapped: Buffer, keyId: string, context: string): Promise<Buffer>;
  /** Whether an id has the form of this wrapper's ids; an answer of true promises no key. */
  names(keyId: string): boolean;
}

/** Where a cell's own keys live. A key never leaves it; only wrapped data keys and MACs do. */
export interface Keyring extends KeyWrapper {
  /** HMAC-SHA256 under a key used for nothing else, separated by purpose; 32 bytes. */
  mac(purpose: string, data: Buffer | string): Buffer;
}

/** It will never unwrap: altered, of another context, or wrapped by a key that is not there. */
export class KeyringError extends Error {
  override name = 'KeyringError';
}

/**
 * The keyring does not answer within its budget, or refuses us. A cell cannot write without its keys, so
 * this counts as its store being away: callers answer 503 and nothing is released.
 */
export class KeyringUnavailableError extends StoreUnavailableError {
  override name = 'KeyringUnavailableError';

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { sent: false });
    if (options.cause !== undefined) this.cause = options.cause;
  }
}

export const macKeyBytes = 32;

export function macUnder(macKey: Buffer, purpose: string, data: Buffer | string): Buffer {
  // The length prefix keeps purpose and data apart: ("a", "bc") and ("ab", "c") differ.
  return createHmac('sha256', macKey)
    .update(`${Buffer.byteLength(purpose)}:${purpose}`)
    .update(data)
    .digest();
}
