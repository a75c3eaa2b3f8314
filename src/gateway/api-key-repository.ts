import type { Store } from '../storage/store.ts';
import type { Grants } from './caller.ts';

export interface StoredApiKey {
  readonly keyId: string;
  readonly name: string;
  readonly tenant: string;
  readonly grants: Grants;
}

export async function insertApiKey(
  store: Store,
  key: { keyId: string; keyHash: Buffer; name: string; tenant: string; grants: Grants },
): Promise<void> {
  await store.query({
    text: 'INSERT INTO api_keys (key_id, key_hash, name, tenant, cell, grants) VALUES ($1, $2, $3, $4, $5, $6)',
    values: [key.keyId, key.keyHash, key.name, key.tenant, store.cell, JSON.stringify(key.grants)],
  });
}

export async function findApiKeys(store: Store, keyHash: Buffer): Promise<StoredApiKey[]> {
  const rows = await store.query<{ key_id: string; name: string; tenant: string; grants: Grants }>({
    name: 'find_api_key',
    text: 'SELECT key_id, name, tenant, grants FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL',
    values: [keyHash],
  });
  return rows.map((row) => ({ keyId: row.key_id, name: row.name, tenant: row.tenant, grants: row.grants }));
}

/** True when the key was there and not yet revoked. */
export async function revokeApiKey(store: Store, keyId: string): Promise<boolean> {
  const rows = await store.query<{ key_id: string }>({
    text: `UPDATE api_keys SET revoked_at = clock_timestamp()
            WHERE key_id = $1 AND revoked_at IS NULL RETURNING key_id`,
    values: [keyId],
  });
  return rows.length > 0;
}
