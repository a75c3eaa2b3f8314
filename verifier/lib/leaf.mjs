import { Problem } from './problem.mjs';

/** Bytes of a leaf: two ids and a digest. */
export const leafBytes = 64;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * @typedef {object} Leaf
 * @property {string} decisionId
 * @property {string} entryId
 * @property {string} headerDigest `sha256:` and 64 hexadecimal digits
 */

/**
 * @param {Buffer} bytes
 * @returns {Leaf}
 */
export function parseLeaf(bytes) {
  if (bytes.length !== leafBytes) {
    throw new Problem('leaf', `a leaf has ${bytes.length} bytes in place of ${leafBytes}`);
  }
  return {
    decisionId: uuidText(bytes.subarray(0, 16)),
    entryId: uuidText(bytes.subarray(16, 32)),
    headerDigest: `sha256:${bytes.toString('hex', 32, 64)}`,
  };
}

/**
 * @param {Leaf} leaf
 * @returns {Buffer}
 */
export function formatLeaf({ decisionId, entryId, headerDigest }) {
  return Buffer.concat([
    uuidBytes(decisionId),
    uuidBytes(entryId),
    Buffer.from(headerDigest.slice('sha256:'.length), 'hex'),
  ]);
}

/**
 * The 16 bytes of a UUID in the order of RFC 9562.
 * @param {string} text
 */
export function uuidBytes(text) {
  if (!uuid.test(text)) throw new Problem('malformed', `"${text}" is not an id`);
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

/** @param {Buffer} bytes */
function uuidText(bytes) {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
