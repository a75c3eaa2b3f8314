import { RecordAlteredError } from '../repository.ts';
import { bundleOf, bundledBytes } from './leaf.ts';
import { checkpointFile, folderOf, publishedProblem } from './inspection.ts';
import { hashBytes } from './merkle.ts';
import { verifierKey } from './note.ts';
import { PublishedFiles } from './published-files.ts';
import { checkpointAt } from './repository.ts';
import { servedCheckpoint } from './served-checkpoint.ts';
import { type LedgerDesk, originOf } from './settings.ts';
import { StoredTiles } from './stored-tiles.ts';
import { bundleLevel, partialTiles, tilePath, tileWidth, widthOfLevel } from './tile.ts';
import { findTiles } from './tile-repository.ts';

/** Tiles read and written at once. */
const tilesAtOnce = 32;
/** Time between attempts while the disk refuses. */
const retryMs = 5_000;

/**
 * Writes the files of one period from the tables: full tiles, partial ones, and last the checkpoint that
 * they belong to. One publication at a time; what comes meanwhile waits, and only the newest counts.
 */
export class Publisher {
  readonly #desk: LedgerDesk;
  readonly #period: string;
  readonly #files: PublishedFiles;
  readonly #tiles: StoredTiles;
  /** The text of the file as this process left it; another one is somebody else's and is checked. */
  #written: string | null = null;
  /** Everything below this size is in the files; -1 before they were looked through. */
  #complete = -1;
  #next: number | null = null;
  /** When the last publication failed; null when it did not. */
  #failedAtMs: number | null = null;
  #running: Promise<void> = Promise.resolve();
  #problem: string | null = null;
  readonly #onEnd: (fault: Error | null) => void;

  constructor(desk: LedgerDesk, period: string, onEnd: (fault: Error | null) => void) {
    this.#desk = desk;
    this.#period = period;
    this.#files = new PublishedFiles(folderOf(desk, period));
    this.#tiles = new StoredTiles(desk.store.query, period);
    this.#onEnd = onEnd;
  }

  /** What the published checkpoint says that the store does not; no more is published then. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Publishes the checkpoint of this size as soon as the one in work is done, unless a newer one comes. */
  offer(size: number): void {
    const waiting = this.#next !== null;
    this.#next = Math.max(size, this.#next ?? 0);
    if (!waiting) this.#running = this.#running.then(() => this.#run());
  }

  /** Once a round: tries again what the disk refused, even when there is no newer checkpoint. */
  retry(size: number): void {
    if (this.#failedAtMs !== null && performance.now() - this.#failedAtMs >= retryMs) this.offer(size);
  }

  /** Resolves when nothing is left to publish. */
  idle(): Promise<void> {
    return this.#running;
  }

  async #run(): Promise<void> {
    const size = this.#next;
    this.#next = null;
    if (size === null || this.#problem !== null) return;
    try {
      this.#problem = await this.#publish(size);
      this.#failedAtMs = null;
      if (this.#problem === null) this.#onEnd(null);
    } catch (error) {
      this.#failedAtMs = performance.now();
      // The tables have everything: a later publication writes what this one could not.
      this.#onEnd(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #publish(size: number): Promise<string | null> {
    const stored = await checkpointAt(this.#desk.store.query, this.#period, size);
    if (stored === null) throw new RecordAlteredError(`the checkpoint at ${size} is gone from the store`);
    const file = await this.#files.read(checkpointFile);
    if (file !== null && file !== this.#written) {
      const head = { period: this.#period, size };
      const problem = await publishedProblem(this.#desk, { head, file, tiles: this.#tiles });
      if (problem !== null) return problem;
    }
    await this.#writeFullTiles(size);
    await this.#writePartialTiles(size);
    await this.#files.flush();
    const text = await servedCheckpoint(this.#desk.store.query, stored);
    if (text !== file) await this.#files.write(checkpointFile, text);
    await this.#files.flush();
    this.#written = text;
    return null;
  }

  async #writeFullTiles(size: number): Promise<void> {
    const first = this.#complete < 0;
    if (first) await this.#writeKey();
    for (let level = bundleLevel; ; level++) {
      const to = Math.floor(widthOfLevel(size, Math.max(0, level)) / tileWidth);
      if (to === 0 && level > bundleLevel) break;
      // Another process, or a disk that was full, may have left gaps anywhere.
      const from = first ? 0 : Math.floor(widthOfLevel(this.#complete, Math.max(0, level)) / tileWidth);
      await this.#writeRange(level, { from, to, lookFirst: first });
    }
    this.#complete = size;
  }

  async #writeRange(level: number, range: { from: number; to: number; lookFirst: boolean }): Promise<void> {
    for (let from = range.from; from < range.to; from += tilesAtOnce) {
      const to = Math.min(range.to, from + tilesAtOnce);
      const wanted = range.lookFirst ? await this.#missing(level, from, to) : null;
      if (wanted?.size === 0) continue;
      for (const { index, bytes } of await findTiles(this.#desk.store.query, this.#period, level, {
        from,
        to,
      })) {
        if (wanted && !wanted.has(index)) continue;
        const path = tilePath({ level, index, width: tileWidth });
        await this.#files.writeLoosely(path, bytes);
        // Only now may the parts go (C2SP tlog-tiles).
        await this.#files.remove(`${path}.p`);
      }
    }
  }

  /** Indexes of full tiles that have no file, or one that a power cut left short. */
  async #missing(level: number, from: number, to: number): Promise<Set<number>> {
    const bytes = tileWidth * (level === bundleLevel ? bundledBytes : hashBytes);
    const indexes = Array.from({ length: to - from }, (_, i) => from + i);
    const sizes = await Promise.all(
      indexes.map((index) => this.#files.size(tilePath({ level, index, width: tileWidth }))),
    );
    return new Set(indexes.filter((_, i) => sizes[i] !== bytes));
  }

  async #writePartialTiles(size: number): Promise<void> {
    for (const name of partialTiles(size)) {
      const { level, index, width } = name;
      const bytes =
        level === bundleLevel
          ? bundleOf(await this.#tiles.leaves(index, width))
          : await this.#tiles.tile(level, index, width);
      await this.#files.writeLoosely(tilePath(name), bytes);
    }
  }

  async #writeKey(): Promise<void> {
    const key = `${verifierKey(this.#desk.signer.verifier(originOf(this.#desk, this.#period)))}\n`;
    if ((await this.#files.read('log.vkey')) !== key) await this.#files.write('log.vkey', key);
  }
}
