import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { mintId } from '../audit/mint.ts';
import { sha256 } from '../decision/canonical.ts';
import type { Store } from '../storage/store.ts';
import { type StoredApiKey, findApiKeys, insertApiKey } from './api-key-repository.ts';
import type { Caller, Grants } from './caller.ts';

const prefix = 'cs_';
const keyShape = /^cs_[A-Za-z0-9_-]{43}$/;

/** How long a revoked key may still work, and how often an unknown one may reach the store. */
const cachedForMs = 5_000;
const cachedKeys = 10_000;

/**
 * Mints a key of 256 random bits and stores its SHA-256 in every given cell. The key itself is
 * returned once and kept nowhere; being random, it needs no slow hash.
 */
export async function createApiKey(
  stores: readonly Store[],
  options: { name: string; tenant: string; grants: Grants },
): Promise<{ key: string; id: string }> {
  const key = prefix + randomBytes(32).toString('base64url');
  const id = mintId();
  for (const store of stores) {
    await insertApiKey(store, { keyId: id, keyHash: sha256(key), ...options });
  }
  return { key, id };
}

export interface Authenticator {
  /** The caller of a credential, or null when no hosted cell knows it. */
  authenticate(credential: string): Promise<Caller | null>;
}

/**
 * A cell answers for its own jurisdictions only: the grants of a key are the union of what each
 * hosted cell stores of it, cut down to the jurisdictions that live there.
 * @param elsewhere jurisdictions of cells that other processes host. A grant of one opens nothing here: it
 * only makes the answer name the right address
 */
export function createAuthenticator(
  cells: readonly { store: Store; jurisdictions: readonly string[] }[],
  elsewhere: readonly string[],
): Authenticator {
  const cache = new LRUCache<string, { caller: Caller | null }>({ max: cachedKeys, ttl: cachedForMs });
  return {
    async authenticate(key) {
      if (!keyShape.test(key)) return null;
      const hash = sha256(key);
      const cacheKey = hash.toString('base64');
      const cached = cache.get(cacheKey);
      if (cached) return cached.caller;
      const found = await Promise.all(
        cells.map(async (cell) =>
          (await findApiKeys(cell.store, hash)).map((row) =>
            cutDown(row, [...cell.jurisdictions, ...elsewhere]),
          ),
        ),
      );
      const caller = unite(found.flat());
      cache.set(cacheKey, { caller });
      return caller;
    },
  };
}

function cutDown(row: StoredApiKey, jurisdictions: readonly string[]): Caller {
  const granted = row.grants.jurisdictions.filter((id) => jurisdictions.includes(id));
  return {
    keyId: row.keyId,
    name: row.name,
    tenant: row.tenant,
    grants: { ...row.grants, jurisdictions: granted },
    source: 'grant',
  };
}

function unite(rows: readonly Caller[]): Caller | null {
  const [first] = rows;
  if (!first) return null;
  // One key is one tenant everywhere; rows that disagree grant nothing more.
  const same = rows.filter((row) => row.tenant === first.tenant);
  const jurisdictions = [...new Set(same.flatMap((row) => row.grants.jurisdictions))];
  return { ...first, grants: { ...first.grants, jurisdictions } };
}
