import type { ObjectStore } from '../../storage/object-store/object-store.ts';
import type { NoteVerifier } from '../ledger/note.ts';
import { walkChain } from './chain.ts';
import { checkSegment } from './check-segment.ts';
import { ArchiveError } from './error.ts';
import { segmentPrefix } from './hour.ts';
import { manifestName } from './manifest.ts';
import type { SegmentRow } from './repository.ts';

export interface ArchiveVerification {
  /** Segments that hold. */
  readonly segments: number;
  readonly entries: number;
  /** The last hour that holds, `2026-11-22T09:00:00Z`; null when none does. */
  readonly lastHour: string | null;
  /** The first segment that is missing or altered; null when all hold. */
  readonly problem: {
    readonly segment: string;
    readonly culprit: string | null;
    readonly problem: string;
  } | null;
}

export interface ArchiveProgress {
  readonly segments: number;
  readonly entries: number;
}

/**
 * Reads everything that was sealed of a cell and checks it from the first segment: the chain of manifests, each
 * object, each entry against its leaf, the leaves against every checkpoint.
 *
 * @param expected the newest segment as the store knows it: without it, segments missing at the end cannot be
 * noticed
 * @throws ObjectStoreError when the object store does not answer
 */
export async function verifyArchive(
  store: ObjectStore,
  cell: string,
  onProgress: (progress: ArchiveProgress) => void,
  expected: Pick<SegmentRow, 'period' | 'hour' | 'manifestDigest'> | null = null,
  logOf?: (period: string) => NoteVerifier,
): Promise<ArchiveVerification> {
  let segments = 0;
  let entries = 0;
  let lastHour: string | null = null;
  const isExpected = (digest: string) => digest === `sha256:${expected?.manifestDigest.toString('hex')}`;
  let found = expected === null;
  try {
    await walkChain(store, cell, async ({ manifest, digest }) => {
      const tree = await checkSegment(store, manifest, { locks: false, ...(logOf && { logOf }) });
      segments += 1;
      entries += manifest.size - manifest.firstIndex;
      lastHour = manifest.hour;
      found ||= isExpected(digest);
      onProgress({ segments, entries });
      return tree;
    });
    if (expected !== null && !found) {
      const prefix = segmentPrefix(cell, expected.period, expected.hour);
      throw new ArchiveError(prefix, manifestName, 'the segment that the store knows is missing or another');
    }
    return { segments, entries, lastHour, problem: null };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return { segments, entries, lastHour, problem: error.told };
  }
}
