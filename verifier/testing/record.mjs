import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

/**
 * @typedef {object} TestEntry One entry of a decision, with everything an exporter would have.
 * @property {string} decisionId
 * @property {string} entryId
 * @property {string} type
 * @property {Buffer} header
 * @property {Buffer | null} ciphertext
 * @property {{entryKey: string, entrySalt: string} | null} opening
 * @property {Buffer | null} plaintext
 * @property {Buffer} leaf
 */

/**
 * @param {string | Buffer} bytes
 * @returns {string}
 */
export const testDigest = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * @param {Buffer} key
 * @param {...(string | Buffer)} parts
 */
function hmac(key, ...parts) {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** What every payload of the tests names as its key. */
export const testKeyId = '0199aaaa-0000-7000-8000-000000000000';

/** A UUIDv7 of the tests. */
export function testId() {
  const hex = randomBytes(16).toString('hex');
  return `0199${hex.slice(0, 4)}-${hex.slice(4, 8)}-7${hex.slice(8, 11)}-8${hex.slice(11, 14)}-${hex.slice(14, 26)}`;
}

/**
 * The seal of docs/formats/audit.md, step by step.
 * @param {Buffer} plaintext
 * @param {Buffer} secret of the subject, 64 bytes
 * @param {string} entryId
 * @param {1 | 2} schema
 * @param {'identity' | 'deflate-raw'} codec
 */
export function sealForTest(plaintext, secret, entryId, schema, codec) {
  const [key, salt] = [secret.subarray(0, 32), secret.subarray(32)];
  const entryKey = schema === 1 ? key : hmac(key, 'countersign entry key v2', '\0', entryId);
  const entrySalt = schema === 1 ? salt : hmac(salt, 'countersign entry salt v2', '\0', entryId);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(
    'aes-256-gcm',
    hmac(entryKey, `countersign payload encryption v${schema}`),
    nonce,
  );
  cipher.setAAD(Buffer.from(entryId));
  const packed = codec === 'identity' ? plaintext : deflateRawSync(plaintext);
  const ciphertext = Buffer.concat([nonce, cipher.update(packed), cipher.final(), cipher.getAuthTag()]);
  const committed = schema === 1 ? [entryId, plaintext] : [plaintext];
  return {
    ciphertext,
    opening: { entryKey: entryKey.toString('hex'), entrySalt: entrySalt.toString('hex') },
    seal: {
      cipher: 'A256GCM',
      ciphertextDigest: testDigest(ciphertext),
      codec,
      keyCommitment: hmac(entryKey, `countersign key commitment v${schema}`).toString('hex'),
      keyId: testKeyId,
      plaintextCommitment: hmac(entrySalt, ...committed).toString('hex'),
    },
  };
}

/**
 * A decision's entries, chained.
 * @param {{decisionId?: string, about?: string | null, keyId?: string | null, types?: readonly string[], release?: string | null, schema?: 1 | 2}} [options]
 */
export function testDecision({
  decisionId = testId(),
  about = null,
  keyId = null,
  types = ['intent', 'completion', 'outcome'],
  release = null,
  schema = 2,
} = {}) {
  const secret = randomBytes(64);
  /** @type {TestEntry[]} */
  const entries = [];
  /** @type {string | null} */
  let previous = null;
  for (const [i, type] of types.entries()) {
    const entryId = testId();
    const plaintext =
      type === 'completion'
        ? null
        : Buffer.from(JSON.stringify({ schema: 1, note: `plain ${i}`.repeat(20) }));
    const codec = i % 2 === 0 ? 'deflate-raw' : 'identity';
    const sealed = plaintext === null ? null : sealForTest(plaintext, secret, entryId, schema, codec);
    // Keys in the order of canonical JSON.
    const header = Buffer.from(
      JSON.stringify({
        ...(schema === 2 ? { about } : {}),
        callId: null,
        cell: 'eu',
        decisionId,
        entryId,
        facts: { ...(keyId === null ? {} : { keyId }), kind: type, score: 0.5 },
        payload: sealed?.seal ?? null,
        previous,
        release,
        schema,
        tenant: 'acme',
        time: '2026-11-22T19:00:00.000Z',
        type,
      }),
    );
    previous = testDigest(header);
    const ids = Buffer.from((decisionId + entryId).replaceAll('-', ''), 'hex');
    const leaf = Buffer.concat([ids, createHash('sha256').update(header).digest()]);
    entries.push({
      decisionId,
      entryId,
      type,
      header,
      ciphertext: sealed?.ciphertext ?? null,
      opening: sealed?.opening ?? null,
      plaintext,
      leaf,
    });
  }
  return { decisionId, secret, entries };
}
