import { randomUUID } from 'node:crypto';
import { StoreUnavailableError } from '../../storage/errors.ts';
import type { StorageLog } from '../../storage/log.ts';
import type { Store } from '../../storage/store.ts';
import { appendRows, forgetRows, type JournalRow, journalStart, readRows } from './journal.ts';
import { KeyedHash } from './keyed-hash.ts';
import { Monitors, type Observation, type Sender, type Standing, type Step } from './monitors.ts';
import type { ProbingSettings } from './settings.ts';
import { type Sketch, sketchOf } from './sketch.ts';

/** The monitors of one cell, as this process has them, and what it tells the others. */
export interface Watch {
  sketch(input: unknown): Sketch;
  standing(sender: Sender, nowMs: number): Standing;
  /** Whether a throttled caller's turn has come; it is taken then. */
  letThrough(sender: Sender, nowMs: number): boolean;
  /** Takes what became of a request in at once; the other processes learn of it a little later. */
  observe(observation: Observation, keyId: string): readonly Step[];
  /** Writes what was seen, and takes in what others have seen. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

export interface WatchOptions {
  readonly store: Store;
  readonly settings: ProbingSettings;
  /** MACs under a key of the cell. */
  readonly mac: (purpose: string, data: string) => Buffer;
  readonly log: StorageLog;
  /** Time between refreshes, ms; 1,000 unless told. */
  readonly periodMs?: number;
}

/** What waits for a store that is away; the oldest are given up beyond it, for monitors are no record. */
const unwrittenMax = 20_000;
const forgetEveryMs = 3_600_000;
const purpose = 'probing';

/** @throws StoreUnavailableError when what was seen before cannot be read: a restart would forget who probes */
export async function openWatch(options: WatchOptions): Promise<Watch> {
  const watch = new CellWatch(options);
  if (options.settings.mode !== 'off') {
    await watch.read();
    watch.keep();
  }
  return watch;
}

class CellWatch implements Watch {
  readonly #options: WatchOptions;
  readonly #hash: KeyedHash;
  readonly #monitors: Monitors;
  readonly #at: { readonly cell: string; readonly process: string; readonly key: Buffer };
  #cursor = journalStart;
  #unwritten: JournalRow[] = [];
  #forgottenMs = 0;
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: WatchOptions) {
    const { settings, mac, store } = options;
    this.#options = options;
    this.#hash = new KeyedHash(mac(purpose, 'sketch'));
    this.#monitors = new Monitors(settings, this.#hash);
    this.#at = { cell: store.cell, process: randomUUID(), key: mac(purpose, 'journal') };
  }

  sketch(input: unknown): Sketch {
    return sketchOf(input, this.#hash);
  }

  standing(sender: Sender, nowMs: number): Standing {
    return this.#monitors.standing(sender, nowMs);
  }

  letThrough(sender: Sender, nowMs: number): boolean {
    return this.#monitors.letThrough(sender, nowMs);
  }

  observe(observation: Observation, keyId: string): readonly Step[] {
    if (this.#unwritten.length >= unwrittenMax) this.#unwritten.shift();
    this.#unwritten.push({ keyId, observation });
    return this.#monitors.observe(observation);
  }

  refresh(): Promise<void> {
    this.#work = this.#work.then(async () => {
      try {
        await this.#write();
        await this.read();
        await this.#forget();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        this.#options.log('warn', 'probing sketches wait for the store', { fault: error.name });
      }
    });
    return this.#work;
  }

  async stop(): Promise<void> {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    await this.refresh();
  }

  keep(): void {
    const { periodMs = 1_000, log } = this.#options;
    this.#timer = setTimeout(() => {
      this.refresh().then(
        () => this.keep(),
        (error: Error) => {
          log('error', 'probing sketches could not be exchanged; trying again', { fault: error.name });
          this.#work = Promise.resolve();
          this.keep();
        },
      );
    }, periodMs).unref();
  }

  /** Steps that others led to were told by them. */
  async read(): Promise<void> {
    for (;;) {
      const { observations, cursor, isLast } = await readRows(
        this.#options.store.query,
        this.#at,
        this.#cursor,
      );
      for (const observation of observations) this.#monitors.observe(observation);
      this.#cursor = cursor;
      if (isLast) return;
    }
  }

  async #write(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const rows = this.#unwritten.slice(0, 500);
      await appendRows(this.#options.store.query, this.#at, rows);
      // Anything given up meanwhile was among the oldest.
      this.#unwritten = this.#unwritten.filter((row) => !rows.includes(row));
    }
  }

  async #forget(): Promise<void> {
    const nowMs = Date.now();
    if (nowMs - this.#forgottenMs < forgetEveryMs) return;
    this.#forgottenMs = nowMs;
    await forgetRows(this.#options.store.query, this.#at.cell, this.#options.settings.keepMs);
  }
}
