import type { Store } from '../../storage/store.ts';
import { type PlacedEntry, findEntriesAfter, findEntry } from './repository.ts';

/** Entries read at once; with their payloads they are some megabytes. */
const pageSize = 512;
/** How far ahead an entry is looked for before it is looked up by its ids. */
const aheadMax = 2 * pageSize;

export interface Place {
  readonly committedIn: string;
  readonly entryId: string;
}

export const beforeEverything: Place = { committedIn: '0', entryId: '00000000-0000-0000-0000-000000000000' };

/** How an entry was found: where it belongs, elsewhere, or not at all. */
export type Found =
  | { readonly kind: 'in-order' | 'elsewhere'; readonly entry: PlacedEntry }
  | { readonly kind: 'missing' };

/**
 * The entries of a store in the order of the ledger, taken by the ids that the ledger names. Entries that
 * the ledger has not named yet wait here; those that are left over at the end were never in it.
 */
export class EntryOrder {
  readonly #store: Store;
  readonly #ahead = new Map<string, PlacedEntry>();
  #place: Place;
  #taken: Place | null = null;
  #atEnd = false;

  constructor(store: Store, from: Place) {
    this.#store = store;
    this.#place = from;
  }

  /** Behind what a later run may go on; null while an entry waits that was passed over. */
  get resumable(): Place | null {
    return this.#taken;
  }

  async take(decisionId: string, entryId: string): Promise<Found> {
    while (!this.#ahead.has(entryId) && !this.#atEnd && this.#ahead.size < aheadMax) await this.#readOn();
    const entry = this.#ahead.get(entryId);
    if (entry === undefined) {
      const elsewhere = await findEntry(this.#store, decisionId, entryId);
      return elsewhere === null ? { kind: 'missing' } : { kind: 'elsewhere', entry: elsewhere };
    }
    // Entries wait in the order in which they were read.
    const isNext = this.#ahead.keys().next().value === entryId;
    this.#ahead.delete(entryId);
    this.#taken = isNext ? { committedIn: entry.committedIn, entryId } : null;
    return { kind: isNext ? 'in-order' : 'elsewhere', entry };
  }

  /** What is left once the ledger has named all of its leaves; reads the rest of the store. */
  async *rest(): AsyncGenerator<PlacedEntry> {
    for (;;) {
      yield* this.#ahead.values();
      this.#ahead.clear();
      if (this.#atEnd) return;
      await this.#readOn();
    }
  }

  async #readOn(): Promise<void> {
    const entries = await findEntriesAfter(this.#store, this.#place, pageSize);
    for (const entry of entries) this.#ahead.set(entry.entryId, entry);
    const last = entries.at(-1);
    if (last) this.#place = { committedIn: last.committedIn, entryId: last.entryId };
    this.#atEnd = entries.length < pageSize;
  }
}
