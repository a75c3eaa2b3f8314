import { setImmediate as breathe } from 'node:timers/promises';
import type { Query } from '../../storage/connections.ts';
import { leafBytes } from '../ledger/leaf.ts';
import { leafHashes } from '../ledger/merkle.ts';
import { type StoredCheckpoint, checkpointAt } from '../ledger/repository.ts';
import { StoredTiles } from '../ledger/stored-tiles.ts';
import { tileWidth } from '../ledger/tile.ts';
import { TreeEdge } from '../ledger/tree-edge.ts';
import { ArchiveError } from './error.ts';
import { idText } from './hour.ts';
import { leafProblem } from './line.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { type SourceEntry, entriesBetween, parseHeader } from './source.ts';

/** Entries treated before requests are served again in between: some milliseconds of work. */
const entriesAtOnce = 32;

/** Entries of one segment, as the store and the ledger have them. */
export interface EntriesSource {
  readonly query: Query;
  /** Name of the segment, for errors. */
  readonly prefix: string;
  readonly firstIndex: number;
  /** Where the segment ends. */
  readonly checkpoint: StoredCheckpoint;
}

/**
 * Writes the entries and the tiles that they fill. Every entry is compared with its leaf before.
 * @throws ArchiveError naming the first entry that differs; RecordAlteredError when the ledger lacks leaves
 */
export async function writeEntries(source: EntriesSource, writer: SegmentWriter): Promise<void> {
  const { query, prefix, firstIndex, checkpoint } = source;
  const { period } = checkpoint;
  const tiles = new StoredTiles(query, period);
  const edge = await TreeEdge.read(tiles, firstIndex);
  const start = await checkpointAt(query, period, firstIndex);
  if (start === null) throw new ArchiveError(prefix, null, 'the ledger has no checkpoint where it begins');
  const leaves = new LeafReader(tiles, checkpoint.size);
  let index = firstIndex;
  for await (const page of entriesBetween(query, start.upto, checkpoint.upto)) {
    const pageLeaves: Buffer[] = [];
    for (const entry of page) {
      const leaf = await leaves.at(index);
      if (leaf === null) throw new ArchiveError(prefix, `entry ${index}`, 'the ledger has no leaf of it');
      const header = matched(prefix, index, entry, leaf);
      await writer.addEntry(index, { ...entry, header }, leaf);
      pageLeaves.push(leaf);
      index += 1;
      if (index % entriesAtOnce === 0) await breathe();
    }
    const hashes = leafHashes(Buffer.concat(pageLeaves), leafBytes);
    for (const tile of edge.append(hashes)) await writer.addTile(tile.level, tile.bytes);
  }
  const missing = await leaves.at(index);
  if (missing !== null) throw new ArchiveError(prefix, nameOfLeaf(index, missing), 'the entry is missing');
  if (!edge.root().equals(checkpoint.root))
    throw new ArchiveError(prefix, null, 'the leaves do not make the root of the checkpoint');
}

/** The entry's header, once its bytes are those that the leaf commits to. */
function matched(prefix: string, index: number, entry: SourceEntry, leaf: Buffer) {
  const header = parseHeader(entry.headerBytes);
  const problem = header === null ? 'the header is no JSON' : leafProblem({ ...entry, header }, leaf);
  if (header === null || problem !== null)
    throw new ArchiveError(prefix, nameOfLeaf(index, leaf), problem ?? 'the header is no JSON');
  return header;
}

function nameOfLeaf(index: number, leaf: Buffer): string {
  return `entry ${index} (${idText(leaf.subarray(16, 32))} of decision ${idText(leaf.subarray(0, 16))})`;
}

/** Leaves one after the other, read a bundle at a time. */
class LeafReader {
  readonly #tiles: StoredTiles;
  readonly #size: number;
  #bundle = -1;
  #leaves: Buffer = Buffer.alloc(0);

  constructor(tiles: StoredTiles, size: number) {
    this.#tiles = tiles;
    this.#size = size;
  }

  /** Null beyond the end. @throws RecordAlteredError when the ledger lacks it */
  async at(index: number): Promise<Buffer | null> {
    if (index >= this.#size) return null;
    const bundle = Math.floor(index / tileWidth);
    if (bundle !== this.#bundle) {
      this.#bundle = bundle;
      this.#leaves = await this.#tiles.leaves(bundle, Math.min(tileWidth, this.#size - bundle * tileWidth));
    }
    const at = (index % tileWidth) * leafBytes;
    return this.#leaves.subarray(at, at + leafBytes);
  }
}
