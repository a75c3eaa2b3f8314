import type { Digest, EntryId } from '../../decision/ids.ts';
import type { SurfaceText } from '../../decision/surface.ts';
import type { RecordedInput } from '../payload-content.ts';

/** What other gates know about the content of a record; the gateway hands it in. */
export interface EvidencePorts {
  /** Every outside text of a recorded request with its place, those inside its documents included. */
  textsOf(input: RecordedInput): Promise<ReadTexts>;
  /** What a model's raw answer says; null where the gates could not read it as an answer. */
  answerOf(raw: Buffer): ReadAnswer | null;
  /**
   * The text with identifiers and secrets masked that do not stand in the subject's own texts; null where
   * it could not be masked.
   */
  maskText(text: string, own: OwnTexts): string | null;
  /** The same for every string, number and key of a JSON value; undefined where it could not be masked. */
  maskValue(value: unknown, own: OwnTexts): unknown;
  /** A part of a release by its digest; null when the store has none. */
  part(digest: Digest): Promise<Buffer | null>;
}

export interface OwnTexts {
  readonly texts: readonly string[];
  /** Markers that nobody outside may learn. */
  readonly canaries: readonly string[];
}

export interface ReadTexts {
  readonly texts: readonly SurfaceText[];
  /** Digest of all texts as inspected; null where the input was refused or cannot be read again. */
  readonly surfacesDigest: string | null;
}

export interface ReadAnswer {
  readonly model: string;
  readonly text: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
}

/** An entry's place in the ledger. */
export interface EntryProof {
  readonly origin: string;
  readonly index: number;
  /** The whole `tlog-proof` file. */
  readonly receipt: string;
}

export interface LogProof {
  readonly origin: string;
  /** Last part of the origin: the name of the checkpoint's file. */
  readonly period: string;
  readonly vkey: string;
  /** The cosigned checkpoint that all receipts of this log are against. */
  readonly checkpoint: string;
}

/** Proofs of all entries of one bundle. */
export interface Proofs {
  readonly entries: ReadonlyMap<EntryId, EntryProof>;
  readonly logs: readonly LogProof[];
  readonly witnessKeys: readonly string[];
  /** Signs with the cell's key as `<ledger.origin>/<cell>/evidence`; the text begins with that name. */
  sign(lines: readonly string[]): string;
}
