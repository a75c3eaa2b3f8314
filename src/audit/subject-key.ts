import { createHmac, randomBytes } from 'node:crypto';

/** What a subject's payloads are sealed with; destroying it erases them all. */
export interface SubjectKey {
  readonly keyId: string;
  /** 256 random bits; never derived from anything that outlives it. */
  readonly dek: Buffer;
  /** Random salt of the plaintext commitments, destroyed with the key. */
  readonly salt: Buffer;
}

const dekBytes = 32;
const saltBytes = 32;

export function makeSubjectKey(keyId: string): SubjectKey {
  const material = randomBytes(dekBytes + saltBytes);
  return { keyId, dek: material.subarray(0, dekBytes), salt: material.subarray(dekBytes) };
}

export function packSubjectKey(key: SubjectKey): Buffer {
  return Buffer.concat([key.dek, key.salt]);
}

export function unpackSubjectKey(keyId: string, packed: Buffer): SubjectKey {
  return { keyId, dek: packed.subarray(0, dekBytes), salt: packed.subarray(dekBytes, dekBytes + saltBytes) };
}

/**
 * AES-GCM does not commit to its key: one ciphertext can be made to open under two. The header
 * therefore carries this, so that a payload opens in one way only.
 */
export function keyCommitment(key: SubjectKey): string {
  return createHmac('sha256', key.dek).update('countersign key commitment v1').digest('hex');
}
