import { sha256 } from '../../decision/canonical.ts';
import type { Query } from '../../storage/connections.ts';
import type { ObjectStore } from '../../storage/object-store/object-store.ts';
import { leafBytes } from '../ledger/leaf.ts';
import type { NoteVerifier } from '../ledger/note.ts';
import { checkLock, checkSegment } from './check-segment.ts';
import {
  hourOf as hourOfManifest,
  manifestBytes,
  manifestName,
  type Manifest,
  prefixOf,
} from './manifest.ts';
import { hourOfId, idText } from './hour.ts';
import type { Frontier } from './frontier.ts';
import { insertContinuations, insertSegment } from './repository.ts';

const idLength = 16;

export interface RegisterDesk {
  readonly query: Query;
  readonly store: ObjectStore;
  readonly nowMs: () => number;
  /** See `SegmentCheck`. */
  readonly logOf?: (period: string) => NoteVerifier;
}

/**
 * Reads a whole segment back and, when everything holds, records it in the store: from then on its
 * decisions can be found.
 *
 * @param options.hasRow the row is there and only the continuations may be missing
 * @throws ArchiveError when something does not hold; ObjectStoreError
 */
export async function registerSegment(
  desk: RegisterDesk,
  manifest: Manifest,
  { hasRow = false } = {},
): Promise<Frontier> {
  const hour = hourOfManifest(manifest);
  const { cell, period, number, firstIndex } = manifest;
  const tree = await checkSegment(desk.store, manifest, {
    locks: true,
    ...(desk.logOf && { logOf: desk.logOf }),
    async onLeaves(leaves) {
      const elsewhere = continuedIn(hour, leaves);
      if (elsewhere.length > 0) await insertContinuations(desk.query, { cell, period, hour }, elsewhere);
    },
  });
  await checkLock(desk.store, manifest, prefixOf(manifest) + manifestName);
  if (hasRow) return tree;
  await insertSegment(desk.query, {
    cell,
    period,
    hour,
    number,
    manifestDigest: sha256(manifestBytes(manifest)),
    firstIndex,
    tree,
    sealedAt: new Date(manifest.sealedAt),
    readBackAt: new Date(desk.nowMs()),
  });
  return tree;
}

/** Decisions of other hours that have a leaf here. */
function continuedIn(hour: number, leaves: Buffer): string[] {
  const ids = new Set<string>();
  for (let at = 0; at < leaves.length; at += leafBytes) {
    const id = leaves.subarray(at, at + idLength);
    if (hourOfId(id) !== hour) ids.add(idText(id));
  }
  return [...ids];
}
