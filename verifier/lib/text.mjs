import { Problem } from './problem.mjs';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const decimal = /^(0|[1-9][0-9]{0,15})$/;

/**
 * @param {Uint8Array} bytes
 * @param {string} what named in the problem
 */
export function utf8(bytes, what) {
  try {
    return strictUtf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new Problem('malformed', `${what} is not UTF-8`);
    throw error;
  }
}

/**
 * Base64 in its one canonical form (RFC 4648, section 4): what Node forgives, this does not, or one
 * signed text would have many spellings.
 * @param {string} text
 * @param {string} what
 */
export function base64(text, what) {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new Problem('malformed', `${what} is not base64`);
  return bytes;
}

/**
 * @param {string} text
 * @param {string} what
 */
export function base64Hash(text, what) {
  const bytes = base64(text, what);
  if (bytes.length !== 32) throw new Problem('malformed', `${what} is not a SHA-256 hash`);
  return bytes;
}

/**
 * A decimal without leading zeroes, within what a double counts exactly (2^53 - 1).
 * @param {string} text
 * @param {string} what
 */
export function wholeNumber(text, what) {
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new Problem('malformed', `${what} is not a whole number`);
  return value;
}

/**
 * @param {string} text
 * @param {string} what
 * @returns {unknown}
 */
export function json(text, what) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Problem('malformed', `${what} is not JSON`);
    throw error;
  }
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {Record<string, unknown>}
 */
export function jsonObject(value, what) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem('malformed', `${what} is not a JSON object`);
  }
  return /** @type {Record<string, unknown>} */ (value);
}
