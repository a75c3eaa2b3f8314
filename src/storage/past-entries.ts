/** An entry that left the store with its month, as it stood there. */
export interface PastEntry {
  readonly period: string;
  /** Index of its leaf in the ledger of the period. */
  readonly index: number;
  readonly headerBytes: Buffer;
  readonly payload: Buffer | null;
}

/** Where entries are found whose month was taken out of the store. */
export interface PastEntries {
  /**
   * Entries of a decision whose month has left the store, each checked against what was sealed; empty when the
   * month is still here, or was never.
   * @throws StoreUnavailableError when the place does not answer; RecordAlteredError when it was altered
   */
  entriesOf(decisionId: string): Promise<PastEntry[]>;
}
