import type { StorageLog } from '../../../storage/log.ts';
import type { Store } from '../../../storage/store.ts';
import { StoreUnavailableError } from '../../../storage/errors.ts';
import { measures, type OutputFeatures } from './features.ts';
import { binOf, boundsOf, type OutputProfile, type ProfileBounds } from './profile.ts';
import { addCounts, findProfiles, keyText, type ProfileKey } from './profile-repository.ts';
import type { OutputProfileSettings } from './settings.ts';

/** The running profiles of every cell, and what this process has seen since it last wrote. */
export interface OutputProfiles {
  /** What is usual for such an answer by now; null where no profile is kept, or too few answers made it. */
  boundsOf(cell: string, key: ProfileKey, settings: OutputProfileSettings | undefined): ProfileBounds | null;
  /** Takes an answer that passed into its profile; it is written later, and never waited for. */
  observe(cell: string, key: ProfileKey, features: OutputFeatures): void;
  /** Writes what was seen, and reads what all processes have seen. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProfilesOptions {
  readonly cells: ReadonlyMap<string, { readonly store: Store }>;
  readonly log: StorageLog;
  /** Time between refreshes, ms; 5,000 unless told. */
  readonly periodMs?: number;
}

interface Unwritten {
  readonly cell: string;
  readonly key: ProfileKey;
  readonly counts: Map<string, number>;
}

/** @throws StoreUnavailableError when the profiles cannot be read: without them nothing would be unusual */
export async function openOutputProfiles(options: ProfilesOptions): Promise<OutputProfiles> {
  const profiles = new RunningProfiles(options);
  await profiles.read();
  profiles.watch();
  return profiles;
}

class RunningProfiles implements OutputProfiles {
  readonly #options: ProfilesOptions;
  #stored: ReadonlyMap<string, ReadonlyMap<string, OutputProfile>> = new Map();
  /** Bounds are made once for each reading. */
  #bounds = new Map<string, ProfileBounds | null>();
  #unwritten = new Map<string, Unwritten>();
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ProfilesOptions) {
    this.#options = options;
  }

  boundsOf(cell: string, key: ProfileKey, settings: OutputProfileSettings | undefined) {
    if (settings === undefined) return null;
    const name = `${cell} ${keyText(key)}`;
    const known = this.#bounds.get(name);
    if (known !== undefined) return known;
    const profile = this.#stored.get(cell)?.get(keyText(key));
    const bounds = profile === undefined ? null : boundsOf(profile, settings);
    this.#bounds.set(name, bounds);
    return bounds;
  }

  observe(cell: string, key: ProfileKey, { measured, form, language }: OutputFeatures): void {
    const name = `${cell} ${keyText(key)}`;
    const unwritten = this.#unwritten.get(name) ?? { cell, key, counts: new Map<string, number>() };
    this.#unwritten.set(name, unwritten);
    const seen = [
      'answers:',
      ...measures.map((measure) => `${measure}:${binOf(measured[measure])}`),
      `form:${form}`,
      ...(language === null ? [] : [`language:${language}`]),
    ];
    for (const value of seen) unwritten.counts.set(value, (unwritten.counts.get(value) ?? 0) + 1);
  }

  refresh(): Promise<void> {
    this.#work = this.#work.then(async () => {
      try {
        await this.#write();
        await this.read();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        this.#options.log('warn', 'output profiles wait for the store', { fault: error.name });
      }
    });
    return this.#work;
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.refresh();
  }

  watch(): void {
    const { periodMs = 5_000, log } = this.#options;
    this.#timer = setTimeout(() => {
      this.refresh().then(
        () => this.watch(),
        (error: Error) => {
          log('error', 'output profiles are not kept up any more', { fault: error.name });
          this.#work = Promise.resolve();
          this.watch();
        },
      );
    }, periodMs).unref();
  }

  async read(): Promise<void> {
    const cells = [...this.#options.cells];
    const read = await Promise.all(
      cells.map(async ([id, { store }]) => [id, await findProfiles(store.query, id)] as const),
    );
    this.#stored = new Map(read);
    this.#bounds = new Map();
  }

  /** What a store did not take is kept for the next time. */
  async #write(): Promise<void> {
    for (const [name, { cell, key, counts }] of this.#unwritten) {
      const store = this.#options.cells.get(cell)?.store;
      this.#unwritten.delete(name);
      if (store === undefined) continue;
      try {
        await addCounts(store.query, cell, key, counts);
      } catch (error) {
        const since = this.#unwritten.get(name)?.counts ?? new Map<string, number>();
        for (const [value, count] of counts) since.set(value, (since.get(value) ?? 0) + count);
        this.#unwritten.set(name, { cell, key, counts: since });
        throw error; // It ends the loop, which would come to this one again.
      }
    }
  }
}
