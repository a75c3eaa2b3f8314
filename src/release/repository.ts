import type { Digest } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { Release } from './manifest.ts';

/** Stores the parts of a release by content. True when this release was new to the store. */
export async function storeRelease(store: Store, release: Release): Promise<boolean> {
  let isNew = false;
  for (const part of release.stored) {
    const rows = await store.query<{ digest: Buffer }>({
      text: `INSERT INTO parts (digest, media_type, bytes, tenant, cell)
             VALUES ($1, $2, $3, '', $4) ON CONFLICT (digest) DO NOTHING RETURNING digest`,
      values: [digestBytes(part.digest), part.mediaType, part.bytes, store.cell],
    });
    if (part.digest === release.digest) isNew = rows.length > 0;
  }
  return isNew;
}

function digestBytes(digest: Digest): Buffer {
  return Buffer.from(digest.slice('sha256:'.length), 'hex');
}
