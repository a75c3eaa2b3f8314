import { createDecipheriv, createHmac } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { digestOf } from './header.mjs';
import { Problem } from './problem.mjs';
import { json, jsonObject, utf8 } from './text.mjs';

const nonceBytes = 12;
const tagBytes = 16;
/** Bounds what a payload may inflate to. */
const plaintextBytesMax = 512 * 1024 * 1024;
const hex32 = /^[0-9a-f]{64}$/;

/**
 * @typedef {object} Opening
 * @property {Buffer} key of schema 2: the entry's; of schema 1: the subject's, which opens all of the subject's entries
 * @property {Buffer} salt likewise
 */

/**
 * @param {Buffer} key
 * @param {...(string | Uint8Array)} parts
 */
function hmac(key, ...parts) {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/**
 * Reads `{"entryKey":hex,"entrySalt":hex}`.
 * @param {Uint8Array} bytes
 * @returns {Opening}
 */
export function parseOpening(bytes) {
  const { entryKey, entrySalt } = jsonObject(json(utf8(bytes, 'an opening'), 'an opening'), 'an opening');
  if (!hex32.test(String(entryKey)) || !hex32.test(String(entrySalt))) {
    throw new Problem('opening', 'an opening has an entryKey and an entrySalt of 64 hexadecimal digits');
  }
  return { key: Buffer.from(String(entryKey), 'hex'), salt: Buffer.from(String(entrySalt), 'hex') };
}

/**
 * @param {import('./header.mjs').Header} header
 * @param {Uint8Array} ciphertext
 * @throws {Problem} `ciphertext`
 */
export function checkCiphertext(header, ciphertext) {
  if (header.payload === null)
    throw new Problem('ciphertext', 'there is a payload that the header does not know');
  if (digestOf(ciphertext) !== header.payload.ciphertextDigest) {
    throw new Problem('ciphertext', 'the ciphertext is not the one that the header commits to');
  }
}

/**
 * Opens a payload and checks it against every commitment of its header.
 * @param {import('./header.mjs').Header} header
 * @param {Buffer} ciphertext
 * @param {Opening} opening
 * @returns {Buffer} the plaintext
 * @throws {Problem} `ciphertext`, `opening`, `plaintext`
 */
export function openPayload(header, ciphertext, opening) {
  checkCiphertext(header, ciphertext);
  const seal = /** @type {import('./header.mjs').PayloadSeal} */ (header.payload);
  const version = `v${header.schema}`;
  const commitment = hmac(opening.key, `countersign key commitment ${version}`).toString('hex');
  if (commitment !== seal.keyCommitment)
    throw new Problem('opening', 'the opening is not the one committed to');
  const cipherKey = hmac(opening.key, `countersign payload encryption ${version}`);
  const plaintext = unpack(decrypt(ciphertext, cipherKey, header.entryId), seal.codec);
  const salted = header.schema === 1 ? [header.entryId, plaintext] : [plaintext];
  if (hmac(opening.salt, ...salted).toString('hex') !== seal.plaintextCommitment) {
    throw new Problem('plaintext', 'the plaintext is not the one committed to');
  }
  return plaintext;
}

/**
 * @param {Buffer} ciphertext
 * @param {Buffer} cipherKey
 * @param {string} entryId
 */
function decrypt(ciphertext, cipherKey, entryId) {
  if (ciphertext.length < nonceBytes + tagBytes)
    throw new Problem('ciphertext', 'the ciphertext is too short');
  const nonce = ciphertext.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', cipherKey, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(entryId));
  decipher.setAuthTag(ciphertext.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new Problem('ciphertext', `the ciphertext does not open under its key (${String(cause)})`);
  }
}

/**
 * @param {Buffer} packed
 * @param {'identity' | 'deflate-raw'} codec
 */
function unpack(packed, codec) {
  if (codec === 'identity') return packed;
  try {
    return inflateRawSync(packed, { maxOutputLength: plaintextBytesMax });
  } catch (cause) {
    throw new Problem('plaintext', `the payload does not decompress (${String(cause)})`);
  }
}
