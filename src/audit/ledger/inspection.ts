import { join } from 'node:path';
import type { Query } from '../../storage/connections.ts';
import { codeOf } from '../../storage/errors.ts';
import { RecordAlteredError } from '../repository.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { leafBytes } from './leaf.ts';
import { parsePeriod } from './period.ts';
import { rootAt } from './proof.ts';
import { PublishedFiles, namesIn } from './published-files.ts';
import {
  type LedgerHead,
  type StoredCheckpoint,
  findHead,
  findLog,
  hasForeignEntries,
} from './repository.ts';
import { type LedgerDesk, originOf } from './settings.ts';
import { StoredTiles } from './stored-tiles.ts';
import { tileWidth } from './tile.ts';
import { TreeEdge } from './tree-edge.ts';

/** Name of the checkpoint's file in the folder of a log. */
export const checkpointFile = 'checkpoint';

/** Whether the store's ledger agrees with itself, and with what was published. */
export type Inspection =
  | {
      readonly kind: 'consistent';
      readonly head: LedgerHead;
      readonly edge: TreeEdge;
      readonly newest: StoredCheckpoint;
    }
  | {
      readonly kind: 'inconsistent';
      readonly sentence: string;
      /** True when store and files contradict each other; false when something else must be mended first. */
      readonly canBeginAnew: boolean;
      /** What the files say was signed, where they can be believed; null otherwise. */
      readonly published: Checkpoint | null;
    };

export function folderOf(desk: LedgerDesk, period: string): string {
  return join(desk.settings.folder, desk.cell, period);
}

/**
 * Recomputes the root from the tiles and compares it with the newest checkpoint of the store and with the
 * published one. Whoever signs must have looked here first: a restored backup would otherwise sign a second
 * history. It may look beside a leader at work: the files are read first, so they are never the newer ones.
 */
export async function inspect(desk: LedgerDesk, query: Query, period: string): Promise<Inspection> {
  const origin = originOf(desk, period);
  let published: Checkpoint | null = null;
  try {
    if (await hasForeignEntries(query)) return unsettled(foreignSentence(desk.cell));
    const file = await readPublished(desk, period);
    published = file === null ? null : openCheckpoint(file, desk.signer.verifier(origin));
    const found = await compare(desk, query, { period, file });
    return typeof found === 'string' ? contradiction(desk, found, published) : found;
  } catch (error) {
    if (error instanceof RecordAlteredError) {
      return contradiction(desk, `In ${origin}, ${error.message}.`, published);
    }
    const code = codeOf(error);
    if (code === null) throw error;
    return unsettled(
      `The published files of ${origin} cannot be read (${code}), so nobody can tell whether the store continues them. Nothing is signed until they can be.`,
    );
  }
}

function contradiction(desk: LedgerDesk, what: string, published: Checkpoint | null): Inspection {
  const sentence = `${what} Nothing is signed until this is settled: bring the right store back, or run "countersign audit ledger begin-anew --cell ${desk.cell} --reason CODE", which closes this log and says so in the next.`;
  return { kind: 'inconsistent', sentence, canBeginAnew: true, published };
}

function unsettled(sentence: string): Inspection {
  return { kind: 'inconsistent', sentence, canBeginAnew: false, published: null };
}

const foreignSentence = (cell: string) =>
  `The store of the cell ${cell} holds entries of transactions that its server has not reached: it was copied from another server by a logical restore. Restore it physically (base backup or volume), or advance this server’s transaction counter beyond them (pg_resetwal --next-transaction-id and --epoch, server stopped). Nothing is signed until then.`;

/** @returns what is wrong, as a sentence; or the log, when nothing is */
async function compare(
  desk: LedgerDesk,
  query: Query,
  { period, file }: { period: string; file: string | null },
): Promise<Extract<Inspection, { kind: 'consistent' }> | string> {
  const origin = originOf(desk, period);
  const tiles = new StoredTiles(query, period);
  const log = await findLog(query, period);
  if (log === null) return `The head of ${origin} is gone from the store.`;
  const { head, newest } = log;
  if (newest === null) return `The checkpoints of ${origin} are gone from the store.`;
  const problem = newestProblem(desk, head, newest);
  if (problem !== null) return problem;
  const edge = await TreeEdge.read(tiles, head.size);
  if (!edge.root().equals(newest.root)) {
    return `The tiles of ${origin} in the store do not lead to the root that was signed at ${head.size}.`;
  }
  const difference = file === null ? null : await publishedProblem(desk, { head, file, tiles });
  return difference ?? (await laterLog(desk, query, period)) ?? { kind: 'consistent', head, edge, newest };
}

function newestProblem(desk: LedgerDesk, head: LedgerHead, newest: StoredCheckpoint): string | null {
  const origin = originOf(desk, head.period);
  const { upto } = newest;
  const same =
    newest.size === head.size &&
    upto.committedIn === head.upto.committedIn &&
    upto.entryId === head.upto.entryId &&
    head.edge.length === (head.size % tileWidth) * leafBytes;
  if (!same) {
    return `The store’s newest checkpoint of ${origin} has ${newest.size} entries, its head ${head.size} or another edge: rows of the ledger were changed or removed.`;
  }
  const signed = openCheckpoint(newest.note, desk.signer.verifier(origin));
  if (signed?.size === newest.size && signed.root.equals(newest.root)) return null;
  return `The store’s newest checkpoint of ${origin} is not what this cell’s key signed.`;
}

/** The published checkpoint; null when none is there. */
export function readPublished(desk: LedgerDesk, period: string): Promise<string | null> {
  return new PublishedFiles(folderOf(desk, period)).read(checkpointFile);
}

/**
 * What a published checkpoint says that the store's ledger does not; null when they agree.
 * @throws RecordAlteredError when the store lacks tiles
 */
export async function publishedProblem(
  desk: LedgerDesk,
  compared: { head: { period: string; size: number }; file: string; tiles: StoredTiles },
): Promise<string | null> {
  const { head, file, tiles } = compared;
  const origin = originOf(desk, head.period);
  const published = openCheckpoint(file, desk.signer.verifier(origin));
  if (published === null) return `The published checkpoint of ${origin} is not signed by this cell’s key.`;
  if (published.size > head.size) {
    return `The published checkpoint of ${origin} has ${published.size} entries, the store’s ledger ${head.size}: the store was restored from an older backup, or its tail was cut off.`;
  }
  const root = await rootAt(tiles, published.size);
  if (root.equals(published.root)) return null;
  return `The published checkpoint of ${origin} and the store have different roots at ${published.size} entries: the ledger was altered.`;
}

/** A log that was begun after the one that the store takes for its newest. */
async function laterLog(desk: LedgerDesk, query: Query, period: string): Promise<string | null> {
  for (const name of await namesIn(join(desk.settings.folder, desk.cell))) {
    if (!isLater(name, period)) continue;
    if ((await readPublished(desk, name)) === null || (await findHead(query, name)) !== null) continue;
    return `A later log, ${originOf(desk, name)}, was published already, and the store does not know it: it was restored from an older backup.`;
  }
  return null;
}

function isLater(name: string, period: string): boolean {
  const [a, b] = [parsePeriod(name), parsePeriod(period)];
  if (a === null || b === null) return false;
  return a.halfYear > b.halfYear || (a.halfYear === b.halfYear && a.count > b.count);
}
