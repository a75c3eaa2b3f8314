import type { DecisionId, EntryId } from '../../decision/ids.ts';
import type { LeaderTerm } from '../../storage/leadership.ts';
import type { Store } from '../../storage/store.ts';
import type { CommittedEntry } from '../record.ts';
import { type AnewReason, type AnewResult, beginAnew } from './begin-anew.ts';
import { type NoteVerifier, createNoteSigner } from './note.ts';
import { parsePeriod } from './period.ts';
import { signPromise } from './promise.ts';
import { type ReceiptResult, makeReceipt } from './receipts.ts';
import { findHead, findHeads, newestCheckpoint } from './repository.ts';
import { sequence } from './sequencer.ts';
import { servedCheckpoint } from './served-checkpoint.ts';
import { type LedgerDesk, type LedgerObserver, type LedgerSettings, originOf } from './settings.ts';
import { type LedgerStatus, ledgerStatus } from './status.ts';
import { StoredTiles } from './stored-tiles.ts';
import { type TileName, bundleLevel, widthOfTile } from './tile.ts';

/** One cell's transparency log: what proves that an entry was recorded, and is there still. */
export interface Ledger {
  readonly cell: string;
  /** The signed promise of an entry that has just been committed; see `signPromise`. */
  promise(entry: CommittedEntry & { readonly decisionId: DecisionId; readonly atMs: number }): string;
  /**
   * The receipt of an entry; null when the store has no such entry.
   * @param against A checkpoint to use where it covers the entry, so that several receipts share one.
   * @throws RecordAlteredError when the ledger should have the entry's leaf and has not
   */
  receiptOf(
    entry: { readonly decisionId: DecisionId; readonly entryId: EntryId },
    against?: { readonly period: string; readonly size: number },
  ): Promise<ReceiptResult | null>;
  /** The newest period; null before the first log was opened. */
  currentPeriod(): Promise<string | null>;
  /** True when this cell has a log of that period. */
  knows(period: string): Promise<boolean>;
  /** The newest checkpoint of a period with its cosignatures; null when there is no such log. */
  checkpoint(period: string): Promise<string | null>;
  /**
   * A tile or bundle of a period, as wide as it is asked for; null when the log is not so large.
   * @throws RecordAlteredError when the log is, and the store has lost it
   */
  tile(period: string, name: TileName): Promise<Buffer | null>;
  /** The key of a period's log. */
  verifier(period: string): NoteVerifier;
  /** The key of the cell's promises, of its evidence bundles: the log's own under another name. */
  verifierOf(purpose: 'promise' | 'evidence'): NoteVerifier;
  /** Signs what an evidence bundle says, as `<ledger.origin>/<cell>/evidence`; the text begins with that name. */
  signEvidence(text: string): string;
  status(): Promise<LedgerStatus>;
  beginAnew(reason: AnewReason): Promise<AnewResult>;
  /** The work of the cell's leader; returns when the term ends. */
  sequence(term: LeaderTerm, observer: LedgerObserver): Promise<void>;
}

/** @param options.seed 32 random bytes that only this cell's gateways know. */
export function createLedger(options: {
  cell: string;
  store: Store;
  seed: Buffer;
  settings: LedgerSettings;
  nowMs: () => number;
}): Ledger {
  const { seed, ...rest } = options;
  const desk: LedgerDesk = { ...rest, signer: createNoteSigner(seed) };
  const { cell, settings, signer, store } = desk;
  const nameOf = (purpose: 'promise' | 'evidence') => `${settings.origin}/${cell}/${purpose}`;
  const trees = new Map<string, StoredTiles>();
  const tilesOf = (period: string): StoredTiles => {
    const known = trees.get(period) ?? new StoredTiles(store.query, period);
    trees.set(period, known);
    return known;
  };
  return {
    cell,
    promise: (entry) => signPromise(signer, nameOf('promise'), entry),
    receiptOf: (entry, against) => makeReceipt(desk, tilesOf, entry, against ?? null),
    currentPeriod: async () => (await findHeads(store.query, 1))[0]?.period ?? null,
    knows: async (period) => parsePeriod(period) !== null && (await findHead(store.query, period)) !== null,
    async checkpoint(period) {
      const newest = await newestCheckpoint(store.query, period);
      return newest && servedCheckpoint(store.query, newest);
    },
    async tile(period, { level, index, width }) {
      const head = await findHead(store.query, period);
      if (!head || widthOfTile(head.size, level, index) < width) return null;
      const tiles = tilesOf(period);
      return level === bundleLevel ? tiles.bundle(index, width) : tiles.tile(level, index, width);
    },
    verifier: (period) => signer.verifier(originOf(desk, period)),
    verifierOf: (purpose) => signer.verifier(nameOf(purpose)),
    signEvidence: (text) => signer.sign(nameOf('evidence'), text),
    status: () => ledgerStatus(desk),
    beginAnew: (reason) => beginAnew(desk, reason),
    sequence: (term, observer) => sequence(desk, term, observer),
  };
}
