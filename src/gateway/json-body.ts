import { parse as parseSecure } from 'secure-json-parse';
import { CountersignError } from '../decision/errors.ts';

/** Deeper JSON has no honest use in a request, and recursion over it must end. */
export const depthMax = 64;

const surrogateEscape = /\\u[dD][89a-fA-F]/;
const halfCharacter = /\p{Surrogate}/u;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes and parses a JSON body: strict UTF-8, bounded depth, whole characters, no `__proto__` keys.
 * @throws CountersignError REQUEST_MALFORMED, REQUEST_TOO_DEEP
 */
export function parseJsonBody(bytes: Buffer): { text: string; value: unknown } {
  const text = decode(bytes);
  if (isTooDeep(text)) throw new CountersignError('REQUEST_TOO_DEEP');
  try {
    const reviver = surrogateEscape.test(text) ? refuseHalfCharacters : null;
    return { text, value: parseSecure(text, reviver, { protoAction: 'error', constructorAction: 'error' }) };
  } catch {
    // The parser's own message quotes the body (I8); the code says enough.
    throw new CountersignError('REQUEST_MALFORMED');
  }
}

/** Half a character is no text: it has no UTF-8, and so no canonical form (RFC 7493, section 2.1). */
function refuseHalfCharacters(key: string, value: unknown): unknown {
  if (halfCharacter.test(key) || (typeof value === 'string' && halfCharacter.test(value))) {
    throw new CountersignError('REQUEST_MALFORMED');
  }
  return value;
}

function decode(bytes: Buffer): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new CountersignError('REQUEST_MALFORMED', { cause });
  }
}

/** Counts brackets outside strings before anything recursive sees the text. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > depthMax) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}
