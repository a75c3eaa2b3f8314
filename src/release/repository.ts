import type { Digest } from '../decision/ids.ts';
import type { Store } from '../storage/store.ts';
import type { Insert, TableSpec } from '../storage/table.ts';
import type { Release } from './manifest.ts';

const partsTable: TableSpec = {
  name: 'parts',
  columns: [
    { name: 'digest', type: 'bytea' },
    { name: 'media_type', type: 'text' },
    { name: 'bytes', type: 'bytea' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
  ],
  onConflict: 'keep',
};

/** Whether the store has this release. Its manifest is committed together with all of its parts. */
export async function hasRelease(store: Store, release: Release): Promise<boolean> {
  const rows = await store.query({
    text: 'SELECT 1 FROM parts WHERE digest = $1',
    values: [digestBytes(release.digest)],
  });
  return rows.length > 0;
}

/** The rows of a release; parts that the store has already are kept as they are. */
export function releaseInserts(cell: string, release: Pick<Release, 'stored'>): Insert[] {
  return release.stored.map((part) => ({
    table: partsTable,
    row: [digestBytes(part.digest), part.mediaType, part.bytes, '', cell],
  }));
}

/** Stored parts by the digest they are kept under; those that are not there are left out. */
export async function findParts(
  store: Store,
  digests: readonly Digest[],
): Promise<Map<Digest, { readonly mediaType: string; readonly bytes: Buffer }>> {
  const rows = await store.query<{ digest: Buffer; media_type: string; bytes: Buffer }>({
    name: 'find_parts',
    text: 'SELECT digest, media_type, bytes FROM parts WHERE digest = ANY($1)',
    values: [digests.map(digestBytes)],
  });
  const entries = rows.map(
    ({ digest, media_type: mediaType, bytes }) =>
      [`sha256:${digest.toString('hex')}` as Digest, { mediaType, bytes }] as const,
  );
  return new Map(entries);
}

function digestBytes(digest: Digest): Buffer {
  return Buffer.from(digest.slice('sha256:'.length), 'hex');
}
