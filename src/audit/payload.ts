import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { digestOf } from '../decision/canonical.ts';
import type { PayloadSeal } from '../decision/entry.ts';
import type { EntryId } from '../decision/ids.ts';
import { randomBytesPooled } from './random.ts';
import { type SubjectKey, entryKeyOf } from './subject-key.ts';

const nonceBytes = 12;
const tagBytes = 16;
/** Below this compressing costs the gateway more than the bytes cost the store. */
const compressFromBytes = 4096;
/** Small windows: a payload is a few kilobytes, and the default's tables cost more to clear than to use. */
const deflateOptions = { level: 1, memLevel: 4, windowBits: 13 } as const;
/** Bounds what a payload may inflate to; larger than any request the gateway accepts. */
const plaintextBytesMax = 512 * 1024 * 1024;

export class PayloadError extends Error {
  override name = 'PayloadError';
}

/** Compresses, then encrypts, bound to its entry: nonce ‖ ciphertext ‖ tag. Always as schema 2 has it. */
export function sealPayload(
  plaintext: Buffer,
  key: SubjectKey,
  entryId: EntryId,
): { seal: PayloadSeal; ciphertext: Buffer } {
  const codec = plaintext.length < compressFromBytes ? 'identity' : 'deflate-raw';
  const packed = codec === 'identity' ? plaintext : deflateRawSync(plaintext, deflateOptions);
  const entryKey = entryKeyOf(key, entryId, 2);
  const nonce = randomBytesPooled(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', entryKey.cipherKey, nonce);
  cipher.setAAD(Buffer.from(entryId));
  const ciphertext = Buffer.concat([nonce, cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
  const seal: PayloadSeal = {
    cipher: 'A256GCM',
    ciphertextDigest: digestOf(ciphertext),
    codec,
    keyCommitment: entryKey.commitment,
    keyId: key.keyId,
    plaintextCommitment: entryKey.plaintextCommitment(plaintext),
  };
  return { seal, ciphertext };
}

/** The plaintext, checked against every commitment of its header. @throws PayloadError */
export function openPayload(
  ciphertext: Buffer,
  seal: PayloadSeal,
  key: SubjectKey,
  entry: { readonly entryId: EntryId; readonly schema: 1 | 2 },
): Buffer {
  const { entryId } = entry;
  const entryKey = entryKeyOf(key, entryId, entry.schema);
  if (digestOf(ciphertext) !== seal.ciphertextDigest) throw new PayloadError('the ciphertext was altered');
  if (entryKey.commitment !== seal.keyCommitment)
    throw new PayloadError('the key is not the one committed to');
  const nonce = ciphertext.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', entryKey.cipherKey, nonce);
  decipher.setAAD(Buffer.from(entryId));
  decipher.setAuthTag(ciphertext.subarray(-tagBytes));
  let packed: Buffer;
  try {
    packed = Buffer.concat([decipher.update(ciphertext.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new PayloadError('the payload does not open under its key', { cause });
  }
  const plaintext =
    seal.codec === 'identity' ? packed : inflateRawSync(packed, { maxOutputLength: plaintextBytesMax });
  const expected = Buffer.from(seal.plaintextCommitment, 'hex');
  const actual = Buffer.from(entryKey.plaintextCommitment(plaintext), 'hex');
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    throw new PayloadError('the plaintext is not the one committed to');
  }
  return plaintext;
}
