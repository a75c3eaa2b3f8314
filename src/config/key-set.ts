import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/** Public keys as JWKs (RFC 7517), each fit to check a signature and to make none. */
export interface PublicKeySet {
  readonly keys: readonly PublicKey[];
}

export interface PublicKey {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  readonly kid?: string;
  readonly [member: string]: unknown;
}

/**
 * Reads `file:PATH` relative to the configuration.
 * @returns what is wrong with it, as a sentence, where it cannot be used
 */
export function readKeySet(reference: string, baseFolder: string): PublicKeySet | string {
  const path = reference.slice('file:'.length);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(isAbsolute(path) ? path : resolve(baseFolder, path), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return `${reference} is no JSON; write {"keys":[…]}`;
    return `${reference} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
  const keys = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys) || keys.length === 0) return `${reference} holds no keys; write {"keys":[…]}`;
  for (const key of keys as unknown[]) {
    const problem = keyProblem(key);
    if (problem !== null) return `${reference}: ${problem}`;
  }
  const ids = keys.map((key: PublicKey) => key.kid);
  // Which of two keys is meant must not be a guess.
  if (keys.length > 1 && (ids.includes(undefined) || new Set(ids).size < ids.length))
    return `${reference}: of several keys each needs a "kid" of its own`;
  return { keys: keys as PublicKey[] };
}

/** Members that only a private or shared key has (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

function keyProblem(key: unknown): string | null {
  if (typeof key !== 'object' || key === null) return 'a key is no JSON object';
  const { kty } = key as { kty?: unknown };
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP')
    return 'a key is neither RSA, EC nor OKP; shared secrets are not accepted';
  if (secretMembers.some((member) => member in key))
    return 'a key is private; keep it with its owner and put the public one here';
  return null;
}
