import type { Store } from '../../storage/store.ts';
import type { NoteSigner, NoteVerifier } from './note.ts';

/** Somebody outside who cosigns checkpoints; it sees sizes and roots. */
export interface Witness {
  readonly name: string;
  /** Submission prefix of C2SP tlog-witness, without the last slash. */
  readonly url: string;
  readonly verifier: NoteVerifier;
}

/** The ledger's part of the configuration, resolved. */
export interface LedgerSettings {
  /** First part of every origin; cell and period follow it. */
  readonly origin: string;
  /** Absolute path of the published files of all cells. */
  readonly folder: string;
  readonly checkpointPeriodMs: number;
  readonly witnesses: readonly Witness[];
  /** Cosignatures that a checkpoint needs to count as witnessed. */
  readonly quorum: number;
  readonly unwitnessedAlertMs: number;
}

/** What everything about one cell's ledger works with. */
export interface LedgerDesk {
  readonly cell: string;
  readonly store: Store;
  readonly signer: NoteSigner;
  readonly settings: LedgerSettings;
  readonly nowMs: () => number;
}

/** Where the ledger tells what happens to it: metrics, log and alerts are somebody else's. */
export interface LedgerObserver {
  /** A term of this process as leader has begun (true) or ended. */
  leading(is: boolean): void;
  /** Nothing is signed, and why; null once everything agrees again. */
  refused(sentence: string | null): void;
  signed(checkpoint: { period: string; size: number; signedAtMs: number }): void;
  /** Every entry that can be ordered has its leaf. */
  caughtUp(): void;
  published(fault: Error | null): void;
  witnessed(atMs: number): void;
  /** The newest checkpoint has waited too long for its quorum; null once it has not. */
  unwitnessed(sinceMs: number | null): void;
  /** A witness did not cosign; `fault` is a code. */
  witnessRefused(witness: string, fault: string): void;
}

/** Origin of the log of a period, and key name of its checkpoints. */
export function originOf(desk: LedgerDesk, period: string): string {
  return `${desk.settings.origin}/${desk.cell}/${period}`;
}
