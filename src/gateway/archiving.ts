import { setTimeout as sleep } from 'node:timers/promises';
import type { Archive } from '../audit/archive/archive.ts';
import { ArchiveError } from '../audit/archive/error.ts';
import { hourMs } from '../audit/archive/hour.ts';
import { lastSegment } from '../audit/archive/repository.ts';
import { sealNext } from '../audit/archive/seal.ts';
import { RecordAlteredError } from '../audit/repository.ts';
import { StorageSetupError } from '../storage/errors.ts';
import type { LeaderTerm } from '../storage/leadership.ts';
import type { StorageLog } from '../storage/log.ts';
import { ObjectStoreError } from '../storage/object-store/object-store.ts';
import { type ArchiveWay, archiveObstacle } from './archive-way.ts';
import type { Cell, Rooms } from './rooms.ts';

/** Nothing is sealed while the archive is no place where the cell's records may be. */
class ArchiveUnlawfulError extends Error {
  override name = 'ArchiveUnlawfulError';
}

/** How often the archivist looks whether an hour is over, ms. */
const minuteMs = 60_000;

/** What the archivist needs of the house. */
type Archivist = Pick<Rooms, 'cells' | 'alerts' | 'metrics' | 'nowMs'> & ArchiveWay;

/**
 * Refuses to start on an archive that is not lawful for its cell, or does not keep what it is given. One that does not answer is no reason to
 * refuse decisions: the archivist asks again before it seals.
 * @throws StorageSetupError
 */
export async function checkArchives(
  rooms: Pick<Rooms, 'cells'> & ArchiveWay,
  log: StorageLog,
): Promise<void> {
  for (const { id, archive } of rooms.cells.values()) {
    const obstacle = archiveObstacle(rooms, id);
    if (obstacle !== null)
      throw new StorageSetupError(`Sealing would send records where they may not be: ${obstacle}.`);
    try {
      await archive?.objects.check();
    } catch (error) {
      if (!(error instanceof ObjectStoreError)) throw error;
      log('warn', 'the archive does not answer; nothing is sealed until it does', { cell: id });
    }
  }
}

/** Seals, in one process of each cell, every hour that is over. */
export function startArchiving(
  rooms: Archivist,
  log: StorageLog,
  lookMs = minuteMs,
): { stop(): Promise<void> } {
  const terms = [...rooms.cells.values()].flatMap((cell) => {
    const { archive } = cell;
    return archive
      ? [cell.store.lead('archivist', (term) => serve({ rooms, cell, archive, log, lookMs }, term))]
      : [];
  });
  return {
    async stop() {
      await Promise.all(terms.map((term) => term.stop()));
    },
  };
}

async function serve(
  at: { rooms: Archivist; cell: Cell; archive: Archive; log: StorageLog; lookMs: number },
  term: LeaderTerm,
): Promise<void> {
  const { rooms, cell, archive, log, lookMs } = at;
  const desk = { cell: cell.id, query: term.query, store: archive.objects, nowMs: rooms.nowMs };
  /** The alert that stands; the same one is not raised at every look. */
  let standing: string | null = null;
  while (!term.signal.aborted) {
    try {
      // Asked anew each time: a mechanism that ends takes the archive out by itself.
      const obstacle = archiveObstacle(rooms, cell.id);
      if (obstacle !== null) throw new ArchiveUnlawfulError(obstacle);
      await archive.objects.check();
      const sealed = await sealNext(desk);
      standing = null;
      const last = await lastSegment(term.query);
      if (last) rooms.metrics.archive.sealed(cell.id, last.hour + hourMs, sealed ? 1 : 0);
      if (sealed !== null) {
        log('info', 'sealed an hour', { cell: cell.id, hour: sealed.hour, size: sealed.size });
        continue;
      }
    } catch (error) {
      const fault = faultOf(error);
      rooms.metrics.archive.failed(cell.id);
      if (fault !== standing)
        rooms.alerts.raise({ kind: 'archive-failed', cell: cell.id, detail: { fault } });
      standing = fault;
    }
    await sleep(lookMs, undefined, { signal: term.signal, ref: false }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  }
}

/** Their messages hold names, ids and codes only. @throws what is no fault of the archive or the ledger */
function faultOf(error: unknown): string {
  const expected = [
    ArchiveError,
    ArchiveUnlawfulError,
    RecordAlteredError,
    ObjectStoreError,
    StorageSetupError,
  ];
  if (error instanceof Error && expected.some((kind) => error instanceof kind)) return error.message;
  throw error;
}
