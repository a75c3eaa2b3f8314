import { LRUCache } from 'lru-cache';
import { mintId } from './mint.ts';
import type { Insert } from '../storage/table.ts';
import type { Keyring } from '../storage/keyring.ts';
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
}

const cachedKeys = 10_000;
/** A key destroyed by another gateway must stop opening records here within this time. */
const cachedForMs = 60_000;

export function createKeyStore(store: Store, keyring: Keyring): KeyStore {
  const subjects = new LRUCache<string, SubjectKey>({ max: cachedKeys, ttl: cachedForMs });
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
    const wrappedKey = await keyring.wrap(key.secret, context(tenant, key.keyId));
    return { key, wrappedKey };
  }

  async function keyOfSubject(tenant: string, subject: string): Promise<SubjectKey> {
    const cacheKey = `${tenant}\u0000${subject}`;
    const cached = subjects.get(cacheKey);
    if (cached) return cached;
    const mac = keyring.mac('subject', cacheKey);
    let stored = await findSubjectKey(store, tenant, mac);
    if (!stored) {
      const { key, wrappedKey } = await wrapNew(tenant);
      const row = { keyId: key.keyId, wrappedKey, keyringKeyId: keyring.keyId, tenant, subjectMac: mac };
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
      const { key, wrappedKey } = await wrapNew(tenant);
      const row = [key.keyId, tenant, store.cell, null, wrappedKey, keyring.keyId];
      return { key, insert: { table: subjectKeysTable, row } };
    },
    async keyOf(tenant, keyId) {
      const stored = await findKey(store, keyId);
      return stored ? unwrap(tenant, stored) : null;
    },
  };
}
