import { createHmac, randomBytes } from 'node:crypto';

/** What a subject's payloads are sealed with; destroying it erases them all. */
export interface SubjectKey {
  readonly keyId: string;
  /** Key of AES-256-GCM. */
  readonly encryptionKey: Buffer;
  /** Random salt of the plaintext commitments, destroyed with the key. */
  readonly salt: Buffer;
  /**
   * AES-GCM does not commit to its key: one ciphertext can be made to open under two. Headers therefore
   * carry this, so that a payload opens in one way only.
   */
  readonly commitment: string;
  /** What the keyring wraps: 256 random bits of key, never derived from anything that outlives it, and the salt. */
  readonly secret: Buffer;
}

const keyBytes = 32;
const saltBytes = 32;

export function makeSubjectKey(keyId: string): SubjectKey {
  return readSubjectKey(keyId, randomBytes(keyBytes + saltBytes));
}

export function readSubjectKey(keyId: string, secret: Buffer): SubjectKey {
  const key = secret.subarray(0, keyBytes);
  const derive = (purpose: string) => createHmac('sha256', key).update(`countersign ${purpose} v1`).digest();
  return {
    keyId,
    encryptionKey: derive('payload encryption'),
    salt: secret.subarray(keyBytes, keyBytes + saltBytes),
    commitment: derive('key commitment').toString('hex'),
    secret,
  };
}
