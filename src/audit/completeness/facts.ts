import type { CompletionStatus } from '../../decision/entry.ts';
import type { Digest } from '../../decision/ids.ts';
import type { NamedCalls } from './tally.ts';
import type { EndpointUsage, UsageProblem } from './usage.ts';

export type CompletenessProblem =
  | 'calls-without-record'
  | 'calls-open'
  | 'calls-uncounted'
  | 'calls-counted-twice'
  | 'calls-contradicted'
  | 'request-ids-differ'
  | 'records-unreadable'
  | 'counter-file-damaged'
  | UsageProblem;

/** What a completeness entry says of one day of a cell. Ids of calls are no personal data. */
export interface CompletenessFacts {
  readonly kind: 'completeness';
  /** Calls that the counter or a completion speaks of, and that have no intent. */
  readonly callsWithoutRecord: number;
  /** The first hundred of them; so with every list of ids below. */
  readonly callsWithoutRecordIds: readonly string[];
  readonly completions: Readonly<Record<CompletionStatus, number>>;
  /** Recorded as not sent, and in the counter. */
  readonly contradicted: NamedCalls;
  readonly countedTwice: NamedCalls;
  readonly day: string;
  /** SHA-256 of the counter's file up to its last whole line when the report began; null: no file. */
  readonly egressFileDigest: Digest | null;
  readonly egressLines: { readonly damaged: number; readonly in: number; readonly out: number };
  readonly endpoints: readonly {
    readonly calls: number;
    readonly endpoint: string;
    readonly inputTokens: number;
    readonly model: string;
    readonly ok: number;
    readonly outputTokens: number;
    /** Sent, and nobody told us what it used. */
    readonly withoutUsage: number;
  }[];
  /** Intents whose calls may still be on their way. */
  readonly inFlight: number;
  readonly intents: number;
  /** Intents without completion, older than a call can live. */
  readonly open: NamedCalls;
  /** True when the day was not over. */
  readonly partial: boolean;
  readonly problems: readonly CompletenessProblem[];
  /** No problem was found. Where usage was not imported, nobody but us was asked. */
  readonly reconciled: boolean;
  /** The answer's request id in the counter is another than in the record. */
  readonly requestIdsDiffer: NamedCalls;
  /** Header digest of the report of this day that this one takes the place of. */
  readonly supersedes: Digest | null;
  /** Recorded as sent, and not in the counter. */
  readonly uncounted: NamedCalls;
  readonly unreadable: NamedCalls;
  readonly usage:
    | 'not imported'
    | readonly (EndpointUsage | { readonly endpoint: string; readonly usage: 'not imported' })[];
}
