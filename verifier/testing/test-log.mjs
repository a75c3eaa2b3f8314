import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { cosign } from '../lib/cosignature.mjs';
import { formatSignature } from '../lib/note.mjs';
import { cosignatureAlgorithm, makeVerifierKey, noteAlgorithm } from '../lib/vkey.mjs';

/**
 * @typedef {object} TestKey
 * @property {import('../lib/vkey.mjs').VerifierKey} key
 * @property {import('node:crypto').KeyObject} privateKey
 */

/**
 * @param {string} name
 * @param {number} algorithm
 * @param {import('node:crypto').KeyObject} privateKey
 * @returns {TestKey}
 */
function testKey(name, algorithm, privateKey = generateKeyPairSync('ed25519').privateKey) {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { key: makeVerifierKey(name, algorithm, Buffer.from(String(x), 'base64url')), privateKey };
}

/**
 * @param {string} [name]
 * @param {import('node:crypto').KeyObject} [privateKey]
 */
export function testLogKey(name = 'ledger.example/eu/2026h2', privateKey) {
  return testKey(name, noteAlgorithm, privateKey);
}

/** @param {string} [name] */
export function testWitnessKey(name = 'witness.example/w1') {
  return testKey(name, cosignatureAlgorithm);
}

/**
 * @param {string} text
 * @param {TestKey} signer
 */
export function signText(text, { key, privateKey }) {
  const bytes = sign(null, Buffer.from(text), privateKey);
  return `${text}\n${formatSignature({ name: key.name, keyId: key.keyId, bytes })}`;
}

/**
 * @param {TestKey} signer
 * @param {number} size
 * @param {Buffer} root
 * @param {readonly TestKey[]} [witnesses]
 * @param {number} [time] of the cosignatures, in seconds since the epoch
 */
export function signCheckpoint(signer, size, root, witnesses = [], time = 1_795_000_000) {
  const text = `${signer.key.name}\n${size}\n${root.toString('base64')}\n`;
  const lines = witnesses.map(({ key, privateKey }) => cosign(text, key, privateKey, time));
  return Buffer.from(signText(text, signer) + lines.join(''));
}
