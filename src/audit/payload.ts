import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { digestOf } from '../decision/canonical.ts';
import type { PayloadSeal } from '../decision/entry.ts';
import type { EntryId } from '../decision/ids.ts';
import { type SubjectKey, keyCommitment } from './subject-key.ts';

const nonceBytes = 12;
const tagBytes = 16;
const compressFromBytes = 256;
/** Bounds what a payload may inflate to; larger than any request the gateway accepts. */
const plaintextBytesMax = 512 * 1024 * 1024;

export class PayloadError extends Error {
  override name = 'PayloadError';
}

/** Compresses, then encrypts under a key of this entry alone: nonce ‖ ciphertext ‖ tag. */
export function sealPayload(
  plaintext: Buffer,
  key: SubjectKey,
  entryId: EntryId,
): { seal: PayloadSeal; ciphertext: Buffer } {
  const codec = plaintext.length < compressFromBytes ? 'identity' : 'deflate-raw';
  const packed = codec === 'identity' ? plaintext : deflateRawSync(plaintext, { level: 1 });
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', entryKey(key, entryId), nonce);
  cipher.setAAD(Buffer.from(entryId));
  const ciphertext = Buffer.concat([nonce, cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
  const seal: PayloadSeal = {
    keyId: key.keyId,
    keyCommitment: keyCommitment(key),
    codec,
    cipher: 'A256GCM',
    ciphertextDigest: digestOf(ciphertext),
    plaintextCommitment: plaintextCommitment(plaintext, key, entryId),
  };
  return { seal, ciphertext };
}

/** The plaintext, checked against every commitment of its header. @throws PayloadError */
export function openPayload(
  ciphertext: Buffer,
  seal: PayloadSeal,
  key: SubjectKey,
  entryId: EntryId,
): Buffer {
  if (digestOf(ciphertext) !== seal.ciphertextDigest) throw new PayloadError('the ciphertext was altered');
  if (keyCommitment(key) !== seal.keyCommitment)
    throw new PayloadError('the key is not the one committed to');
  const nonce = ciphertext.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', entryKey(key, entryId), nonce);
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
  const actual = Buffer.from(plaintextCommitment(plaintext, key, entryId), 'hex');
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    throw new PayloadError('the plaintext is not the one committed to');
  }
  return plaintext;
}

/** One key per entry keeps the nonce budget of AES-GCM (NIST SP 800-38D, 8.3) out of sight. */
function entryKey(key: SubjectKey, entryId: EntryId): Buffer {
  return Buffer.from(hkdfSync('sha256', key.dek, entryId, 'countersign payload v1', 32));
}

function plaintextCommitment(plaintext: Buffer, key: SubjectKey, entryId: EntryId): string {
  return createHmac('sha256', key.salt).update(entryId).update(plaintext).digest('hex');
}
