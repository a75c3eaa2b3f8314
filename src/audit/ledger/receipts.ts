import { digestOf } from '../../decision/canonical.ts';
import type { DecisionId, EntryId } from '../../decision/ids.ts';
import { RecordAlteredError } from '../repository.ts';
import { findLeaf, leafBytes, leafOf } from './leaf.ts';
import { leafHash } from './merkle.ts';
import { inclusionProof, rootFromInclusion } from './proof.ts';
import { writeReceipt } from './receipt.ts';
import { type StoredCheckpoint, checkpointAt, findPlace, firstCovering } from './repository.ts';
import { checkpointBeyond, servedCheckpoint } from './served-checkpoint.ts';
import type { LedgerDesk } from './settings.ts';
import type { StoredTiles } from './stored-tiles.ts';
import { tileWidth, widthOfTile } from './tile.ts';

export type ReceiptResult =
  | {
      readonly kind: 'receipt';
      /** The receipt's text; see docs/formats/audit.md. */
      readonly text: string;
      readonly index: number;
      readonly period: string;
      /** The checkpoint that it is against, with its cosignatures. */
      readonly checkpoint: string;
      /** Entries that the checkpoint covers. */
      readonly size: number;
    }
  /** The entry is committed and its leaf not in a checkpoint yet. */
  | { readonly kind: 'promised' };

/**
 * The receipt of one entry; null when the store has no such entry.
 *
 * @param against Period and size of a checkpoint to use where it covers the entry, so that several receipts
 * can be against one.
 * @throws RecordAlteredError when the ledger should have the leaf and has another or none
 */
export async function makeReceipt(
  desk: LedgerDesk,
  tilesOf: (period: string) => StoredTiles,
  entry: { decisionId: DecisionId; entryId: EntryId },
  against: { readonly period: string; readonly size: number } | null,
): Promise<ReceiptResult | null> {
  const { query } = desk.store;
  const found = (await findInStore(desk, tilesOf, entry)) ?? (await findInArchive(desk, entry));
  if (found === null || found === 'promised') return found && { kind: 'promised' };
  const { period, index, leaf } = found;
  const tiles = tilesOf(period);
  const fits = against?.period === period && against.size > index;
  const checkpoint = fits
    ? await checkpointAt(query, period, against.size)
    : await checkpointBeyond(query, period, index, desk.settings);
  if (checkpoint === null) throw new RecordAlteredError(`the checkpoints of the ledger ${period} are gone`);
  const { size } = checkpoint;
  const proof = await inclusionProof(tiles, size, index);
  const root = rootFromInclusion({ index, size, leaf: leafHash(leaf), proof });
  if (!root?.equals(checkpoint.root)) {
    throw new RecordAlteredError(`the tiles of the ledger ${period} do not prove the entry ${entry.entryId}`);
  }
  const served = await servedCheckpoint(query, checkpoint);
  const text = writeReceipt({ leaf, index, proof, checkpoint: served });
  return { kind: 'receipt', text, index, period, checkpoint: served, size };
}

interface Place {
  readonly period: string;
  readonly index: number;
  readonly leaf: Buffer;
}

async function findInStore(
  { store: { query } }: LedgerDesk,
  tilesOf: (period: string) => StoredTiles,
  entry: { decisionId: DecisionId; entryId: EntryId },
): Promise<Place | 'promised' | null> {
  const place = await findPlace(query, entry);
  if (place === null) return null;
  const covering = await firstCovering(query, place);
  if (covering === null) return 'promised';
  const leaf = leafOf({ ...entry, headerDigest: place.headerDigest });
  const { period } = covering;
  return { period, index: await findIndex(tilesOf(period), covering, entry.entryId, leaf), leaf };
}

/** An entry that has left the store was sealed with its index. */
async function findInArchive(
  { store: { past } }: LedgerDesk,
  { decisionId, entryId }: { decisionId: DecisionId; entryId: EntryId },
): Promise<Place | null> {
  for (const { headerBytes, period, index } of (await past?.entriesOf(decisionId)) ?? []) {
    const header = JSON.parse(headerBytes.toString('utf8')) as { entryId: string };
    const leaf = leafOf({ decisionId, entryId, headerDigest: digestOf(headerBytes) });
    if (header.entryId === entryId) return { period, index, leaf };
  }
  return null;
}

/** Looks through the leaves that a checkpoint added: rows that are gone elsewhere move nothing. */
async function findIndex(
  tiles: StoredTiles,
  { firstIndex, size, period }: StoredCheckpoint,
  entryId: EntryId,
  leaf: Buffer,
): Promise<number> {
  for (let bundle = Math.floor(firstIndex / tileWidth); bundle * tileWidth < size; bundle++) {
    const leaves = await tiles.leaves(bundle, widthOfTile(size, 0, bundle));
    const at = findLeaf(leaves, entryId);
    if (at < 0) continue;
    if (leaves.subarray(at * leafBytes, (at + 1) * leafBytes).equals(leaf)) return bundle * tileWidth + at;
    throw new RecordAlteredError(`the entry ${entryId} is not what the ledger ${period} has of it`);
  }
  throw new RecordAlteredError(`the ledger ${period} has no leaf of the entry ${entryId}`);
}
