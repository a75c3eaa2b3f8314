import { hash } from 'node:crypto';
import { formatLeaf } from './leaf.mjs';
import { Problem } from './problem.mjs';
import { json, jsonObject, utf8 } from './text.mjs';

/**
 * @typedef {object} PayloadSeal
 * @property {string} keyId
 * @property {string} keyCommitment
 * @property {'identity' | 'deflate-raw'} codec
 * @property {'A256GCM'} cipher
 * @property {string} ciphertextDigest
 * @property {string} plaintextCommitment
 *
 * @typedef {object} Header The fields this verifier reads; a header has more.
 * @property {1 | 2} schema
 * @property {string} type
 * @property {string} entryId
 * @property {string} decisionId
 * @property {string} tenant
 * @property {string} cell
 * @property {string | null} release
 * @property {string} time
 * @property {string | null} previous
 * @property {string | null} [about] the decision that an entry with an id of its own tells about; not in schema 1
 * @property {Record<string, unknown>} facts
 * @property {PayloadSeal | null} payload
 * @property {string} digest of the bytes, `sha256:…`
 */

const digestForm = /^sha256:[0-9a-f]{64}$/;
const commitmentForm = /^[0-9a-f]{64}$/;

/** @param {string | Uint8Array} bytes */
export function digestOf(bytes) {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}

/** @param {unknown} value */
export function isDigest(value) {
  return typeof value === 'string' && digestForm.test(value);
}

/**
 * Canonical JSON (RFC 8785): ECMAScript already writes numbers and strings so; keys are sorted by
 * UTF-16 code units.
 * @param {unknown} value
 * @returns {string}
 */
export function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/**
 * Reads a header from its exact bytes, which must be canonical: two byte strings for one meaning would
 * be two digests for one fact. A repeated key, too, does not survive being written again.
 * @param {Uint8Array} bytes
 * @returns {Header}
 * @throws {Problem} `header`, `malformed`
 */
export function parseHeader(bytes) {
  const text = utf8(bytes, 'a header');
  const fields = jsonObject(json(text, 'a header'), 'a header');
  if (canonicalJson(fields) !== text) throw new Problem('header', 'the header is not canonical JSON');
  if (fields['schema'] !== 1 && fields['schema'] !== 2) {
    throw new Problem(
      'header',
      `this verifier knows schemas 1 and 2 of headers, not ${String(fields['schema'])}`,
    );
  }
  for (const name of ['type', 'entryId', 'decisionId', 'tenant', 'cell', 'time']) {
    if (typeof fields[name] !== 'string') throw new Problem('header', `the header has no ${name}`);
  }
  for (const name of ['previous', 'release']) {
    if (fields[name] !== null && !isDigest(fields[name]))
      throw new Problem('header', `the header's ${name} is no digest`);
  }
  jsonObject(fields['facts'], "the header's facts");
  checkSeal(fields['payload']);
  return { .../** @type {Header} */ (/** @type {unknown} */ (fields)), digest: digestOf(bytes) };
}

/** @param {unknown} value */
function checkSeal(value) {
  if (value === null) return;
  const seal = jsonObject(value, "a header's payload seal");
  const isKnown =
    seal['cipher'] === 'A256GCM' &&
    (seal['codec'] === 'identity' || seal['codec'] === 'deflate-raw') &&
    isDigest(seal['ciphertextDigest']) &&
    commitmentForm.test(String(seal['keyCommitment'])) &&
    commitmentForm.test(String(seal['plaintextCommitment']));
  if (!isKnown) throw new Problem('header', 'the payload seal of the header is not of its form');
}

/**
 * The leaf that commits to a header.
 * @param {Header} header
 */
export function headerLeaf(header) {
  return formatLeaf({
    decisionId: header.decisionId,
    entryId: header.entryId,
    headerDigest: header.digest,
  });
}
