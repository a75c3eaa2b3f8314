import { LRUCache } from 'lru-cache';
import { mintId } from './mint.ts';
import type { Insert } from '../storage/table.ts';
import type { Keyring } from '../storage/keyring/keyring.ts';
import { ConflictError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import { findKey, findSubjectKey, insertSubjectKey, subjectKeysTable } from './repository.ts';
import { type SubjectKey, makeSubjectKey, readSubjectKey } from './subject-key.ts';

/** A key and, when it is new, the row that makes it durable together with its first entry. */
export interface KeyForDecision {
  readonly key: SubjectKey;
  readonly insert: Insert | null;
}

export interface KeyStore {
  /** The key of a subject; a decision that names none gets a key of its own. */
  keyFor(tenant: string, subject: string | null): Promise<KeyForDecision>;
  /** The key of an existing record, or null when it was destroyed. */
  keyOf(tenant: string, keyId: string): Promise<SubjectKey | null>;
  /** Stands for a subject wherever the name must not: keyed, so that nobody else can compute it; 32 bytes. */
  subjectMac(tenant: string, subject: string): Buffer;
  /** Id of the key that a subject has now; null when it has none. */
  keyIdOf(tenant: string, subject: string): Promise<string | null>;
  /** Drops from this process's memory a key that was destroyed, by its id or by its subject. */
  forget(key: { readonly keyId: string } | { readonly tenant: string; readonly subject: string }): void;
}

const cachedKeys = 10_000;
/** A key destroyed by another gateway must stop opening records here within this time. */
export const keysCachedForMs = 60_000;

/** The constraint by which the store refuses a decision that begins under a destroyed key. */
const keyAlive = 'entries_key_alive';

/** Whether a decision could not begin because its subject was erased in the meantime. */
export function isKeyDestroyed(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof ConflictError && cause.constraint === keyAlive;
}

export function createKeyStore(store: Store, keyring: Keyring): KeyStore {
  const subjects = new LRUCache<string, SubjectKey>({ max: cachedKeys, ttl: keysCachedForMs });
  const cacheKeyOf = (tenant: string, subject: string) => `${tenant}\u0000${subject}`;
  const macOf = (tenant: string, subject: string) => keyring.mac('subject', cacheKeyOf(tenant, subject));
  const context = (tenant: string, keyId: string) => `${store.cell}/${tenant}/${keyId}`;

  async function unwrap(
    tenant: string,
    stored: { keyId: string; wrappedKey: Buffer; keyringKeyId: string },
  ): Promise<SubjectKey> {
    const packed = await keyring.unwrap(
      stored.wrappedKey,
      stored.keyringKeyId,
      context(tenant, stored.keyId),
    );
    return readSubjectKey(stored.keyId, packed);
  }

  async function wrapNew(tenant: string) {
    const key = makeSubjectKey(mintId());
    const { wrapped, keyId } = await keyring.wrap(key.secret, context(tenant, key.keyId));
    return { key, wrappedKey: wrapped, keyringKeyId: keyId };
  }

  async function keyOfSubject(tenant: string, subject: string): Promise<SubjectKey> {
    const cacheKey = cacheKeyOf(tenant, subject);
    const cached = subjects.get(cacheKey);
    if (cached) return cached;
    const mac = macOf(tenant, subject);
    let stored = await findSubjectKey(store, tenant, mac);
    if (!stored) {
      const { key, wrappedKey, keyringKeyId } = await wrapNew(tenant);
      const row = { keyId: key.keyId, wrappedKey, keyringKeyId, tenant, subjectMac: mac };
      await insertSubjectKey(store, row);
      // Another gateway may have been first; what is in the store counts.
      stored = (await findSubjectKey(store, tenant, mac)) ?? row;
    }
    const key = await unwrap(tenant, stored);
    subjects.set(cacheKey, key);
    return key;
  }

  return {
    async keyFor(tenant, subject) {
      if (subject !== null) return { key: await keyOfSubject(tenant, subject), insert: null };
      const { key, wrappedKey, keyringKeyId } = await wrapNew(tenant);
      const row = [key.keyId, tenant, store.cell, null, wrappedKey, keyringKeyId];
      return { key, insert: { table: subjectKeysTable, row } };
    },
    async keyOf(tenant, keyId) {
      const stored = await findKey(store, keyId);
      return stored ? unwrap(tenant, stored) : null;
    },
    subjectMac: macOf,
    async keyIdOf(tenant, subject) {
      return (await findSubjectKey(store, tenant, macOf(tenant, subject)))?.keyId ?? null;
    },
    forget(key) {
      if ('subject' in key) subjects.delete(cacheKeyOf(key.tenant, key.subject));
      else
        for (const [name, cached] of subjects.entries())
          if (cached.keyId === key.keyId) subjects.delete(name);
    },
  };
}
