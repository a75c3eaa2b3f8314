import type { DecisionId } from '../../decision/ids.ts';

/** One thing that was done again. */
export interface ReplayStep {
  /** `label`, `validation`, `request 2`, `outcome`, … in the order of the pipeline. */
  readonly step: string;
  /** `not-repeated`: it hangs on the world of that day (a timeout, a person), and the record is taken for it. */
  readonly result: 'equal' | 'different' | 'not-repeated';
  readonly note: string | null;
}

/** Where a replay first parts from its record. */
export interface Difference {
  readonly step: string;
  /** JSON pointer (RFC 6901) into the record as its auditor reads it: `/entries/2/header/facts/bandSet/tHigh`. */
  readonly at: string;
  /**
   * As JSON, or "absent". What may hold personal data is named by its digest, with its length and the place of
   * the first byte that differs.
   */
  readonly recorded: string;
  readonly replayed: string;
}

/** Why a decision cannot be replayed. */
export type ReplayObstacle =
  /** The id is that of an entry about the gateway, or about another decision. */
  | 'NOT_A_DECISION'
  /** The label was refused, and nothing of the request was kept. */
  | 'LABEL_REFUSED'
  /** Nobody has sealed it yet. */
  | 'OPEN'
  /** A payload was erased at the subject's request, or its retention has ended. */
  | 'ERASED'
  | 'EXPIRED'
  /** A header, link or payload is not what was committed. */
  | 'RECORD_ALTERED'
  | 'RELEASE_MISSING'
  | 'RELEASE_ALTERED';

/** What became of doing everything deterministic again. */
export interface ReplayResult {
  readonly decisionId: DecisionId;
  /** Schema of the record's first header. */
  readonly schema: 1 | 2;
  readonly result: 'equal' | 'different' | 'not-replayable';
  readonly firstDifference: Difference | null;
  readonly steps: readonly ReplayStep[];
  readonly reason: { readonly code: ReplayObstacle; readonly detail: string } | null;
  /** Code is not part of a release's content: where the two differ, so may the code. Null without a release. */
  readonly gatewayVersion: { readonly recorded: string; readonly now: string } | null;
}
