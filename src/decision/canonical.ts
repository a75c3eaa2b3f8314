import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { InvariantError } from './errors.ts';
import type { Digest } from './ids.ts';

/**
 * Canonical JSON (RFC 8785): the one byte string that a value is digested and compared as. ECMAScript
 * writes strings and numbers as the RFC wants them, so a value whose keys are in order already is
 * written as it is; records are built that way, because sorting them costs more than the rest.
 */
export function canonicalJson(value: unknown): string {
  const text = isInKeyOrder(value) ? JSON.stringify(value) : canonicalize(value);
  if (text === undefined) throw new InvariantError('a value without a JSON form was to be recorded');
  return text;
}

/** True when ECMAScript lists the keys of every object in the order of RFC 8785, section 3.2.3. */
function isInKeyOrder(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined;
  if (Array.isArray(value)) return value.every(isInKeyOrder);
  if ('toJSON' in value) return false;
  let before = '';
  for (const key of Object.keys(value)) {
    if (key < before || !isInKeyOrder((value as Record<string, unknown>)[key])) return false;
    before = key;
  }
  return true;
}

export function sha256(bytes: string | Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

export function digestOf(bytes: string | Uint8Array): Digest {
  return `sha256:${hash('sha256', bytes, 'hex')}` as Digest;
}
