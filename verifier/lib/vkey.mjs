import { createPublicKey, hash } from 'node:crypto';
import { Problem } from './problem.mjs';
import { base64 } from './text.mjs';

/** Signature types of C2SP signed-note that this verifier knows. */
export const noteAlgorithm = 0x01;
export const cosignatureAlgorithm = 0x04;

/**
 * @typedef {object} VerifierKey
 * @property {string} name
 * @property {number} algorithm
 * @property {Buffer} keyId four bytes
 * @property {Buffer} publicKey 32 bytes of Ed25519
 */

/**
 * Names hold neither white space nor a plus, which divide the lines and keys they stand in.
 * @param {string} name
 */
export function isKeyName(name) {
  return name.length > 0 && !/[\p{White_Space}\p{Cc}+]/u.test(name);
}

/**
 * @param {string} name
 * @param {number} algorithm
 * @param {Buffer} publicKey
 * @returns {VerifierKey}
 */
export function makeVerifierKey(name, algorithm, publicKey) {
  if (!isKeyName(name)) throw new Problem('key', `"${name}" is not a key name`);
  const message = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([algorithm]), publicKey]);
  return { name, algorithm, publicKey, keyId: hash('sha256', message, 'buffer').subarray(0, 4) };
}

/**
 * Reads `<name>+<key id>+<base64 of algorithm and key>` (C2SP signed-note, verifier keys).
 * @param {string} text
 */
export function parseVerifierKey(text) {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text);
  if (match === null) throw new Problem('key', 'a verifier key is not of the form name+hash+key');
  const [, name, keyId, material] = /** @type {[string, string, string, string]} */ (
    /** @type {unknown} */ (match)
  );
  const bytes = base64(material, 'the material of a verifier key');
  const algorithm = bytes[0];
  if (algorithm !== noteAlgorithm && algorithm !== cosignatureAlgorithm) {
    throw new Problem('key', `signature type ${algorithm} is not Ed25519 (1) or cosignature/v1 (4)`);
  }
  if (bytes.length !== 33) throw new Problem('key', 'an Ed25519 key has 32 bytes');
  const key = makeVerifierKey(name, algorithm, bytes.subarray(1));
  if (key.keyId.toString('hex') !== keyId)
    throw new Problem('key', `the key id of ${name} is not that of its key`);
  return key;
}

/** @param {VerifierKey} key */
export function formatVerifierKey({ name, algorithm, keyId, publicKey }) {
  const material = Buffer.concat([Buffer.from([algorithm]), publicKey]).toString('base64');
  return `${name}+${keyId.toString('hex')}+${material}`;
}

/**
 * What people compare over another channel: SHA-256 of the 32 bytes of the public key.
 * @param {VerifierKey} key
 */
export function fingerprint(key) {
  return hash('sha256', key.publicKey, 'hex');
}

/** @param {VerifierKey} key */
export function publicKeyObject(key) {
  const x = key.publicKey.toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
