const alphabet = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Bytes of a base64 text (RFC 4648, section 4), with or without padding; null for anything else. Node
 * skips what it does not know, so that two readers could see two documents in one text.
 */
export function decodeBase64(text: string): Buffer | null {
  const letters = text.indexOf('=') === -1 ? text.length : text.indexOf('=');
  return alphabet.test(text) && letters % 4 !== 1 ? Buffer.from(text, 'base64') : null;
}
