import type { DecisionId } from '../../decision/ids.ts';
import {
  type MonthSummary,
  type MonthVerdict,
  type SealedEntries,
  detachMonth,
} from '../../storage/detach-month.ts';
import type { StorageLog } from '../../storage/log.ts';
import type { Store } from '../../storage/store.ts';
import { leafBytes } from '../ledger/leaf.ts';
import type { NoteVerifier } from '../ledger/note.ts';
import { mintId } from '../mint.ts';
import { recordSystemEntry } from '../system-entry.ts';
import type { Archive } from './archive.ts';
import { checkSegment } from './check-segment.ts';
import { idText } from './hour.ts';
import { readManifest } from './read-manifest.ts';
import { segmentsOfIds } from './repository.ts';

export interface DetachOptions {
  readonly store: Store;
  readonly archive: Archive;
  /** The owner of the tables: the gateway's own login can drop nothing. */
  readonly ownerUrl: string;
  readonly logOf: (period: string) => NoteVerifier;
  /** Who does it, for the record: `cli/<uid>`. */
  readonly by: string;
  readonly dryRun: boolean;
  readonly nowMs: () => number;
  readonly log: StorageLog;
}

/** A month of UTC: its name and the milliseconds of its beginning and end. */
interface Month {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Whether the configuration lets a month (`yyyy-mm`) leave the store by now. */
export function isPastHotWindow(month: string, hotMonths: Archive['hotMonths'], nowMs: number): boolean {
  if (hotMonths === 'all') return false;
  const [year = 0, number = 0] = month.split('-').map(Number);
  return Date.UTC(year, number + hotMonths) <= nowMs;
}

/**
 * Takes a month out of the store when every entry of it is sealed and can be read back now: each segment is
 * read in full before, because these are the last copies.
 * @param month `yyyy-mm`
 * @throws ArchiveError when a segment does not hold; ObjectStoreError
 */
export async function detachArchivedMonth(month: string, options: DetachOptions): Promise<MonthVerdict> {
  const { store, ownerUrl, dryRun, log } = options;
  const [year = 0, number = 0] = month.split('-').map(Number);
  const span = { name: month, from: Date.UTC(year, number - 1), to: Date.UTC(year, number) };
  return detachMonth({
    ownerUrl,
    cell: store.cell,
    month,
    sealed: sealedOf(span, options),
    dryRun,
    beforeDrop: (summary) => record(span, summary, options),
    log,
  });
}

/** The entries of the month's decisions in all segments that have any. */
async function* sealedOf(month: Month, options: DetachOptions): AsyncGenerator<SealedEntries> {
  const { store, archive, logOf } = options;
  const ids = { from: idFloor(month.from), to: idFloor(month.to) };
  for (const row of await segmentsOfIds(store.query, ids, month)) {
    const manifest = await readManifest(archive.objects, store.cell, row);
    const batches: SealedEntries[] = [];
    await checkSegment(archive.objects, manifest, {
      locks: true,
      logOf,
      onLeaves(leaves) {
        batches.push(entriesOf(leaves, month));
        return Promise.resolve();
      },
    });
    yield* batches;
  }
}

function entriesOf(leaves: Buffer, month: Month): SealedEntries {
  const decisionIds: string[] = [];
  const entryIds: string[] = [];
  const headerDigests: Buffer[] = [];
  for (let at = 0; at < leaves.length; at += leafBytes) {
    const ms = leaves.readUIntBE(at, 6);
    if (ms < month.from || ms >= month.to) continue;
    decisionIds.push(idText(leaves.subarray(at, at + 16)));
    entryIds.push(idText(leaves.subarray(at + 16, at + 32)));
    headerDigests.push(leaves.subarray(at + 32, at + leafBytes));
  }
  return { decisionIds, entryIds, headerDigests };
}

/** The smallest id of a moment. */
function idFloor(ms: number): string {
  return idText(Buffer.from(`${ms.toString(16).padStart(12, '0')}${'0'.repeat(20)}`, 'hex'));
}

async function record(month: Month, summary: MonthSummary, options: DetachOptions): Promise<void> {
  const { decisions, entries, firstEntry, lastEntry, partition } = summary;
  await recordSystemEntry(options.store, {
    id: mintId<DecisionId>(),
    type: 'configuration',
    decisionType: null,
    release: null,
    facts: {
      action: 'month-detached',
      by: options.by,
      decisions,
      entries,
      firstEntry,
      kind: 'configuration',
      lastEntry,
      month: month.name,
      partition,
    },
    companions: [],
    nowMs: options.nowMs,
  });
}
