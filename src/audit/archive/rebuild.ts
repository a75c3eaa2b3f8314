import { walkChain } from './chain.ts';
import { ArchiveError } from './error.ts';
import { prefixOf } from './manifest.ts';
import { type RegisterDesk, registerSegment } from './register.ts';
import { segmentNumbered } from './repository.ts';
import type { ArchiveProgress } from './verify.ts';

/**
 * Makes the store's tables of the archive again from the objects alone: every segment is read and checked, and
 * those without a row get one.
 * @returns how many segments there are, and how many had no row
 * @throws ArchiveError at the first segment that does not hold or that the store knows otherwise
 */
export async function rebuildIndex(
  desk: RegisterDesk & { cell: string },
  onProgress: (progress: ArchiveProgress) => void,
): Promise<{ segments: number; added: number }> {
  const { query, store, cell } = desk;
  const done = { segments: 0, entries: 0 };
  let added = 0;
  await walkChain(store, cell, async ({ manifest, digest }) => {
    const row = await segmentNumbered(query, manifest.number);
    if (row !== null && `sha256:${row.manifestDigest.toString('hex')}` !== digest)
      throw new ArchiveError(prefixOf(manifest), null, 'the store knows another segment of this number');
    added += row === null ? 1 : 0;
    const tree = await registerSegment(desk, manifest, { hasRow: row !== null });
    done.segments += 1;
    done.entries += manifest.size - manifest.firstIndex;
    onProgress({ ...done });
    return tree;
  });
  return { segments: done.segments, added };
}
