import type { Store } from '../../storage/store.ts';
import { type Checkpoint, openCheckpoint } from '../ledger/checkpoint.ts';
import { leafBytes, leavesOf } from '../ledger/leaf.ts';
import { emptyRoot, hashBytes, leafHashes, rootOfRow } from '../ledger/merkle.ts';
import type { NoteVerifier } from '../ledger/note.ts';
import { bundleLevel, tileWidth, widthOfLevel } from '../ledger/tile.ts';
import type { Problem } from './problem.ts';
import { type LedgerHead, findTiles } from './repository.ts';

/** Bundles and tiles read at once. */
const tilesAtOnce = 128;

/** The leaves of one bundle, proven to be those of the tree. */
export interface CheckedBundle {
  readonly firstIndex: number;
  /** Leaves one after the other. */
  readonly leaves: Buffer;
}

/** A checkpoint from somewhere else, against which this log must hold. */
export interface OutsideCheckpoint {
  /** `published file`, or the name of a file an auditor kept. */
  readonly source: string;
  readonly note: string;
}

/**
 * Recomputes the tree of one log from its bundles, beside whoever reads the leaves: every tile of every
 * level, and in the end the root against signed checkpoints. Only one hash for each bundle is kept.
 */
export class LogCheck {
  readonly #store: Store;
  readonly #head: LedgerHead;
  readonly #log: NoteVerifier;
  readonly #report: (problem: Problem) => void;
  /** Sizes whose root is asked for, and what was found. */
  readonly #roots = new Map<number, Buffer | null>();
  /** Roots of all bundles, one after the other, as far as they are checked. */
  readonly #bundleRoots: Buffer;
  #checked: number;

  constructor(options: {
    store: Store;
    head: LedgerHead;
    log: NoteVerifier;
    report: (problem: Problem) => void;
    /** Roots of the bundles that an earlier run has checked, one after the other. */
    bundleRoots?: Buffer;
  }) {
    this.#store = options.store;
    this.#head = options.head;
    this.#log = options.log;
    this.#report = options.report;
    const before = options.bundleRoots ?? Buffer.alloc(0);
    this.#bundleRoots = Buffer.alloc(Math.floor(options.head.size / tileWidth) * hashBytes);
    before.copy(this.#bundleRoots);
    this.#checked = before.length / hashBytes;
  }

  /** What a later run needs to go on behind the last bundle that was read. */
  get bundleRoots(): Buffer {
    return this.#bundleRoots.subarray(0, this.#checked * hashBytes);
  }

  /** Reads the bundles from where the last run stopped. A bundle that is not the tree's is reported. */
  async *bundles(wantedSizes: readonly number[]): AsyncGenerator<CheckedBundle> {
    for (const size of wantedSizes) this.#roots.set(size, null);
    const full = Math.floor(this.#head.size / tileWidth);
    for (let from = this.#checked; from < full; from += tilesAtOnce) {
      const count = Math.min(tilesAtOnce, full - from);
      const [bundles, tiles] = await Promise.all([
        this.#read(bundleLevel, from, count),
        this.#read(0, from, count),
      ]);
      for (let index = from; index < from + count; index++) {
        const checked = this.#checkBundle(index, bundles.get(index), tiles.get(index));
        this.#noteRoots(index, checked.hashes);
        rootOfRow(checked.hashes, null).copy(this.#bundleRoots, index * hashBytes);
        this.#checked = index + 1;
        if (checked.leaves) yield { firstIndex: index * tileWidth, leaves: checked.leaves };
      }
    }
    yield* this.#edge(full);
  }

  /** After all bundles: the tiles of the levels above, and the root against every signed checkpoint. */
  async finish(
    newest: { note: string; root: Buffer } | null,
    outside: readonly OutsideCheckpoint[],
  ): Promise<void> {
    await this.#checkUpperTiles();
    const { period, size } = this.#head;
    const root = this.#rootOf(size);
    const own = newest && openCheckpoint(newest.note, this.#log);
    if (!own) {
      this.#fault(
        'ledger-altered',
        null,
        `the newest checkpoint of ${period} is missing, or not signed by the cell’s key`,
      );
    } else if (own.size !== size || !own.root.equals(root) || !newest.root.equals(root)) {
      this.#fault(
        'ledger-altered',
        null,
        `the tree of ${period} does not have the root of its newest checkpoint`,
      );
    }
    for (const { source, note } of outside) this.#checkOutside(source, openCheckpoint(note, this.#log));
  }

  #checkOutside(source: string, checkpoint: Checkpoint | null): void {
    const { period, size } = this.#head;
    if (checkpoint === null) {
      this.#fault(
        'ledger-altered',
        null,
        `the checkpoint from ${source} is not signed by the key of ${this.#log.name}`,
      );
    } else if (checkpoint.size > size) {
      const lost = checkpoint.size - size;
      this.#fault(
        'ledger-truncated',
        size,
        `${lost} leaves of ${period} are missing at the end: the checkpoint from ${source} has ${checkpoint.size}, the store ${size}`,
      );
    } else if (!this.#rootOf(checkpoint.size).equals(checkpoint.root)) {
      this.#fault(
        'ledger-altered',
        null,
        `${period} has another root at size ${checkpoint.size} than the checkpoint from ${source}`,
      );
    }
  }

  #checkBundle(index: number, bundle: Buffer | undefined, tile: Buffer | undefined) {
    const leaves = bundle === undefined ? null : leavesOf(bundle);
    const whole = leaves?.length === tileWidth * leafBytes ? leaves : null;
    const firstIndex = index * tileWidth;
    const { period } = this.#head;
    if (whole === null) {
      this.#fault('ledger-altered', firstIndex, `bundle ${index} of ${period} is missing or damaged`);
      const hashes = tile?.length === tileWidth * hashBytes ? tile : Buffer.alloc(tileWidth * hashBytes);
      return { leaves: null, hashes };
    }
    const hashes = leafHashes(whole, leafBytes);
    if (tile === undefined || !hashes.equals(tile)) {
      const at = tile === undefined ? 0 : firstDifference(hashes, tile);
      this.#fault(
        'ledger-altered',
        firstIndex + at,
        `leaf ${firstIndex + at} of ${period} is not the one in tile 0/${index}`,
      );
    }
    // Goes on with the tile: the tree above tells whether it or the bundle was altered.
    return { leaves: whole, hashes: tile?.length === hashes.length ? tile : hashes };
  }

  *#edge(full: number): Generator<CheckedBundle> {
    const { edge, period, size } = this.#head;
    const width = size - full * tileWidth;
    if (edge.length !== width * leafBytes) {
      this.#fault(
        'ledger-altered',
        full * tileWidth,
        `the last ${width} leaves of ${period} are missing or damaged`,
      );
      return;
    }
    if (width === 0) return;
    this.#noteRoots(full, leafHashes(edge, leafBytes));
    yield { firstIndex: full * tileWidth, leaves: edge };
  }

  /** Keeps the root at each wanted size that ends within this bundle. */
  #noteRoots(index: number, hashes: Buffer): void {
    const first = index * tileWidth;
    for (const [size, root] of this.#roots) {
      const within = size - first;
      if (root !== null || within <= 0 || within > hashes.length / hashBytes || within >= tileWidth) continue;
      const roots = this.#bundleRoots.subarray(0, index * hashBytes);
      this.#roots.set(size, rootOfRow(roots, rootOfRow(hashes.subarray(0, within * hashBytes), null)));
    }
  }

  #rootOf(size: number): Buffer {
    if (size === 0) return emptyRoot;
    if (size % tileWidth === 0) {
      return rootOfRow(this.#bundleRoots.subarray(0, (size / tileWidth) * hashBytes), null);
    }
    return this.#roots.get(size) ?? Buffer.alloc(hashBytes);
  }

  async #checkUpperTiles(): Promise<void> {
    let row = this.#bundleRoots;
    for (let level = 1; widthOfLevel(this.#head.size, level) >= tileWidth; level++) {
      const full = Math.floor(widthOfLevel(this.#head.size, level) / tileWidth);
      const above: Buffer[] = [];
      for (let from = 0; from < full; from += tilesAtOnce) {
        const count = Math.min(tilesAtOnce, full - from);
        const tiles = await this.#read(level, from, count);
        for (let index = from; index < from + count; index++) {
          const hashes = row.subarray(index * tileWidth * hashBytes, (index + 1) * tileWidth * hashBytes);
          if (tiles.get(index)?.equals(hashes) !== true) {
            this.#fault(
              'ledger-altered',
              null,
              `tile ${level}/${index} of ${this.#head.period} is missing or altered`,
            );
          }
          above.push(rootOfRow(hashes, null));
        }
      }
      row = Buffer.concat(above);
    }
  }

  async #read(level: number, from: number, count: number): Promise<Map<number, Buffer>> {
    const rows = await findTiles(this.#store, this.#head.period, level, from, count);
    return new Map(rows.map(({ tile, bytes }) => [tile, bytes]));
  }

  #fault(kind: Problem['kind'], index: number | null, problem: string): void {
    const leaf = index === null ? null : { period: this.#head.period, index };
    this.#report({ kind, decisionId: null, entryId: null, leaf, problem });
  }
}

function firstDifference(ours: Buffer, theirs: Buffer): number {
  for (let at = 0; at < ours.length; at += hashBytes) {
    if (ours.compare(theirs, at, at + hashBytes, at, at + hashBytes) !== 0) return at / hashBytes;
  }
  return 0;
}
