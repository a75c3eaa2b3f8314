import { sha256 } from '../../decision/canonical.ts';
import type { ObjectStore } from '../../storage/object-store/object-store.ts';
import { ArchiveError } from './error.ts';
import { segmentPrefix } from './hour.ts';
import { type Manifest, manifestName, parseManifest } from './manifest.ts';
import type { SegmentRow } from './repository.ts';

/**
 * The manifest of a segment that the store knows.
 * @throws ArchiveError when it is missing or not the one that was sealed; ObjectStoreError
 */
export async function readManifest(
  store: ObjectStore,
  cell: string,
  row: Pick<SegmentRow, 'period' | 'hour' | 'manifestDigest'>,
): Promise<Manifest> {
  const prefix = segmentPrefix(cell, row.period, row.hour);
  const bytes = await store.get(prefix + manifestName);
  if (bytes === null) throw new ArchiveError(prefix, manifestName, 'the object is missing');
  const manifest = sha256(bytes).equals(row.manifestDigest)
    ? parseManifest(bytes, prefix + manifestName)
    : null;
  if (manifest === null) throw new ArchiveError(prefix, manifestName, 'the object was altered');
  return manifest;
}
