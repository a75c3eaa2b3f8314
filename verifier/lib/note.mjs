import { verify } from 'node:crypto';
import { Problem } from './problem.mjs';
import { base64, utf8 } from './text.mjs';
import { cosignatureAlgorithm, isKeyName, publicKeyObject } from './vkey.mjs';

/** Far above sixteen post-quantum signatures, which a verifier has to accept. */
export const noteBytesMax = 1_048_576;
const signaturesMax = 100;

/**
 * @typedef {object} NoteSignature
 * @property {string} name
 * @property {Buffer} keyId
 * @property {Buffer} bytes
 *
 * @typedef {object} Note
 * @property {string} text with its final newline
 * @property {NoteSignature[]} signatures
 *
 * @typedef {object} Verified
 * @property {import('./vkey.mjs').VerifierKey} key
 * @property {number | null} timestamp seconds since the epoch, where the signature carries one
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Note}
 * @throws {Problem} `malformed`
 */
export function parseNote(bytes) {
  if (bytes.length > noteBytesMax) throw new Problem('malformed', 'a signed note is too large');
  const whole = utf8(bytes, 'a signed note');
  // eslint-disable-next-line no-control-regex -- the specification forbids exactly these
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole))
    throw new Problem('malformed', 'a signed note holds a control character');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw new Problem('malformed', 'this is not a signed note');
  const lines = whole
    .slice(split + 2)
    .split('\n')
    .slice(0, -1);
  if (lines.length === 0) throw new Problem('malformed', 'a note without a signature');
  if (lines.length > signaturesMax) throw new Problem('malformed', 'a note with too many signatures');
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/** @param {string} line */
function parseSignature(line) {
  const [dash, name, encoded, ...rest] = line.split(' ');
  if (dash !== '—' || name === undefined || !isKeyName(name) || encoded === undefined || rest.length > 0) {
    throw new Problem('malformed', 'a signature line of a note is not of its form');
  }
  const bytes = base64(encoded, 'a signature of a note');
  if (bytes.length < 5) throw new Problem('malformed', 'a signature of a note is too short');
  return { name, keyId: bytes.subarray(0, 4), bytes: bytes.subarray(4) };
}

/**
 * @param {NoteSignature} signature
 * @returns {string} the line, with its newline
 */
export function formatSignature({ name, keyId, bytes }) {
  return `— ${name} ${Buffer.concat([keyId, bytes]).toString('base64')}\n`;
}

/**
 * Checks every signature of a known key. A bad one condemns the note; signatures of strangers are
 * ignored, and one key counts once (C2SP signed-note).
 * @param {Note} note
 * @param {readonly import('./vkey.mjs').VerifierKey[]} keys
 * @returns {Verified[]}
 * @throws {Problem} `signature`
 */
export function verifyNote(note, keys) {
  /** @type {Map<import('./vkey.mjs').VerifierKey, Verified>} */
  const verified = new Map();
  for (const signature of note.signatures) {
    const key = keys.find(({ name, keyId }) => name === signature.name && keyId.equals(signature.keyId));
    if (key !== undefined) verified.set(key, verifySignature(note.text, signature, key));
  }
  return [...verified.values()];
}

/**
 * @param {string} text
 * @param {NoteSignature} signature
 * @param {import('./vkey.mjs').VerifierKey} key
 * @returns {Verified}
 */
function verifySignature(text, signature, key) {
  const timestamped = key.algorithm === cosignatureAlgorithm;
  const timestamp = timestamped ? timestampOf(signature) : null;
  const message = timestamp === null ? text : cosignedMessage(text, timestamp);
  const raw = timestamped ? signature.bytes.subarray(8) : signature.bytes;
  if (!verify(null, Buffer.from(message), publicKeyObject(key), raw)) {
    throw new Problem('signature', `the signature of ${key.name} does not verify`);
  }
  return { key, timestamp };
}

/** @param {NoteSignature} signature */
function timestampOf(signature) {
  const seconds = signature.bytes.length === 72 ? Number(signature.bytes.readBigUInt64BE(0)) : Number.NaN;
  if (!Number.isSafeInteger(seconds)) {
    throw new Problem('signature', `the cosignature of ${signature.name} is not of its form`);
  }
  return seconds;
}

/**
 * What a witness signs (C2SP tlog-cosignature, Ed25519).
 * @param {string} text of the checkpoint
 * @param {number} timestamp seconds since the epoch
 */
export function cosignedMessage(text, timestamp) {
  return `cosignature/v1\ntime ${timestamp}\n${text}`;
}
