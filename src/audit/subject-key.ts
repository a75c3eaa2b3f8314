import { createHmac, randomBytes } from 'node:crypto';
import type { EntryId } from '../decision/ids.ts';

/** What a subject's payloads are sealed with; destroying it erases them all. */
export interface SubjectKey {
  readonly keyId: string;
  readonly key: Buffer;
  readonly salt: Buffer;
  /** What the keyring wraps: 256 random bits of key and of salt, never derived from anything that outlives them. */
  readonly secret: Buffer;
}

/** What seals one entry. It can be disclosed and opens nothing else (docs/formats/audit.md). */
export interface EntryKey {
  /** Key of AES-256-GCM. */
  readonly cipherKey: Buffer;
  /**
   * AES-GCM does not commit to its key: one ciphertext can be made to open under two. Headers therefore
   * carry this, so that a payload opens in one way only.
   */
  readonly commitment: string;
  readonly plaintextCommitment: (plaintext: Buffer) => string;
  /** What an auditor is given to open this entry; null in schema 1, whose entries share one key. */
  readonly opening: { readonly entryKey: Buffer; readonly entrySalt: Buffer } | null;
}

const keyBytes = 32;
const saltBytes = 32;

export function makeSubjectKey(keyId: string): SubjectKey {
  return readSubjectKey(keyId, randomBytes(keyBytes + saltBytes));
}

export function readSubjectKey(keyId: string, secret: Buffer): SubjectKey {
  const salt = secret.subarray(keyBytes, keyBytes + saltBytes);
  return { keyId, key: secret.subarray(0, keyBytes), salt, secret };
}

/** The key of one entry, as the given schema of its header derives it. */
export function entryKeyOf(subject: SubjectKey, entryId: EntryId, schema: 1 | 2): EntryKey {
  if (schema === 1) {
    return {
      cipherKey: hmac(subject.key, 'countersign payload encryption v1'),
      commitment: hmac(subject.key, 'countersign key commitment v1').toString('hex'),
      plaintextCommitment: (plaintext) => hmac(subject.salt, entryId, plaintext).toString('hex'),
      opening: null,
    };
  }
  const entryKey = hmac(subject.key, `countersign entry key v2\u0000${entryId}`);
  const entrySalt = hmac(subject.salt, `countersign entry salt v2\u0000${entryId}`);
  return {
    cipherKey: hmac(entryKey, 'countersign payload encryption v2'),
    commitment: hmac(entryKey, 'countersign key commitment v2').toString('hex'),
    plaintextCommitment: (plaintext) => hmac(entrySalt, plaintext).toString('hex'),
    opening: { entryKey, entrySalt },
  };
}

function hmac(key: Buffer, ...parts: readonly (string | Buffer)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
