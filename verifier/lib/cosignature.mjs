import { sign } from 'node:crypto';
import { cosignedMessage, formatSignature } from './note.mjs';

/**
 * A cosignature/v1 line on a checkpoint (C2SP tlog-cosignature).
 * @param {string} text of the checkpoint
 * @param {import('./vkey.mjs').VerifierKey} key
 * @param {import('node:crypto').KeyObject} privateKey
 * @param {number} timestamp seconds since the epoch
 */
export function cosign(text, key, privateKey, timestamp) {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timestamp));
  const signature = sign(null, Buffer.from(cosignedMessage(text, timestamp)), privateKey);
  return formatSignature({ name: key.name, keyId: key.keyId, bytes: Buffer.concat([time, signature]) });
}
