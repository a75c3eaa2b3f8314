import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { InvariantError } from './errors.ts';
import type { Digest } from './ids.ts';

/** Canonical JSON (RFC 8785): the one byte string that a value is digested and compared as. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new InvariantError('a value without a JSON form was to be recorded');
  return text;
}

export function sha256(bytes: string | Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

export function digestOf(bytes: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}
