import { StoreUnavailableError } from '../../storage/errors.ts';
import type { ObjectStore } from '../../storage/object-store/object-store.ts';
import { ObjectStoreError } from '../../storage/object-store/object-store.ts';
import type { PastEntries, PastEntry } from '../../storage/past-entries.ts';
import type { Store } from '../../storage/store.ts';
import { RecordAlteredError } from '../repository.ts';
import { readPart } from './check-segment.ts';
import { ArchiveError } from './error.ts';
import { hourOfId, idBytes } from './hour.ts';
import { indexPartOf, locationsIn } from './index-parts.ts';
import { readLine } from './line.ts';
import { type Manifest, partsOf, prefixOf } from './manifest.ts';
import { readManifest } from './read-manifest.ts';
import { isArchived, monthIsGone, segmentsOfDecision } from './repository.ts';

/** The sealed segments of one cell. */
export interface Archive extends PastEntries {
  readonly objects: ObjectStore;
  /** Months a decision stays in the store at least; `all` for ever. */
  readonly hotMonths: number | 'all';
  /** True when the decision's month was taken out of the store. */
  isArchived(decisionId: string): Promise<boolean>;
}

export function openArchive(options: {
  store: Pick<Store, 'query' | 'cell'>;
  objects: ObjectStore;
  hotMonths: Archive['hotMonths'];
}): Archive {
  const { store, objects, hotMonths } = options;
  return {
    objects,
    hotMonths,
    isArchived: (decisionId) => isArchived(store.query, decisionId),
    async entriesOf(decisionId) {
      if (!(await monthIsGone(store.query, idBytes(decisionId).readUIntBE(0, 6)))) return [];
      try {
        return await findEntries(store, objects, decisionId);
      } catch (cause) {
        if (cause instanceof ArchiveError) throw new RecordAlteredError(cause.message, { cause });
        if (cause instanceof ObjectStoreError)
          throw new StoreUnavailableError(cause.message, { sent: false });
        throw cause;
      }
    },
  };
}

async function findEntries(
  store: Pick<Store, 'query' | 'cell'>,
  objects: ObjectStore,
  decisionId: string,
): Promise<PastEntry[]> {
  const id = idBytes(decisionId);
  // A log that was begun anew may have an entry again that an earlier one has.
  const entries = new Map<string, PastEntry>();
  for (const row of await segmentsOfDecision(store.query, decisionId, hourOfId(id))) {
    const manifest = await readManifest(objects, store.cell, row);
    for (const entry of await entriesIn(objects, manifest, decisionId, id))
      entries.set(entry.headerBytes.toString('latin1'), entry);
  }
  return [...entries.values()];
}

/** Every byte that is read here was compared with the manifest's digests. */
async function entriesIn(
  objects: ObjectStore,
  manifest: Manifest,
  decisionId: string,
  id: Buffer,
): Promise<PastEntry[]> {
  const indexParts = partsOf(manifest, 'index');
  if (indexParts === 0) return [];
  const indexPart = await readPart(objects, manifest, 'index', indexPartOf(id, indexParts));
  const entries: PastEntry[] = [];
  const open = { part: -1, bytes: Buffer.alloc(0) as Buffer };
  for (const [part, offset, length] of locationsIn(indexPart, decisionId)) {
    if (open.part !== part)
      Object.assign(open, { part, bytes: await readPart(objects, manifest, 'entries', part) });
    const { index, header, headerBytes, payload } = readLine(open.bytes.subarray(offset, offset + length));
    if (header.decisionId !== decisionId)
      throw new ArchiveError(prefixOf(manifest), `entry ${index}`, 'the index leads to another decision');
    entries.push({ period: manifest.period, index, headerBytes, payload });
  }
  return entries;
}
