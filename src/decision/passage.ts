import type { CallId, DecisionId, EntryId } from './ids.ts';
import type { Label, Purpose } from './label.ts';
import type { Finding } from './finding.ts';

/*
 * The stations of a call as types. Each is made by one room only, which holds the only cast; egress
 * demands the last. So a call that skips a station does not compile (I1, I3, I4), and the
 * architecture test keeps the casts where they are.
 */

declare const inspected: unique symbol;
declare const lawful: unique symbol;
declare const committed: unique symbol;

/** Every surface of one request, seen and passed by `validation/gate`. */
export interface InspectedInput {
  readonly [inspected]: true;
  /** SHA-256 over the surfaces as inspected; the intent record carries it. */
  readonly surfacesDigest: string;
  readonly findings: readonly Finding[];
}

/** An endpoint that `residency/lawful` found lawful for one label and purpose, until a moment. */
export interface LawfulEndpoint {
  readonly [lawful]: true;
  readonly id: string;
  readonly modelId: string;
  readonly modelVersion: string;
  readonly label: Label;
  readonly purpose: Purpose;
  /** The earliest end of any contract or mechanism it rests on, epoch milliseconds. Rechecked at send. */
  readonly validUntilMs: number;
  /** For each country the endpoint touches, the mechanism that allows it. */
  readonly basis: readonly { readonly country: string; readonly mechanism: string }[];
  /** Rules under which the person must be counted before bytes leave; empty for most. */
  readonly counted: readonly string[];
  readonly policyDigest: string;
}

/** Proof that an intent entry for exactly this call to exactly this endpoint is durable. */
export interface CommittedIntent {
  readonly [committed]: true;
  readonly decisionId: DecisionId;
  readonly callId: CallId;
  readonly entryId: EntryId;
  readonly endpointId: string;
  /** Whose data it is: egress sends it only to an endpoint that was found lawful for just this. */
  readonly jurisdiction: string | null;
  /** Further jurisdictions of the request, as in its label. */
  readonly others: readonly string[];
  readonly dataClass: string | null;
  readonly cell: string;
  /** SHA-256 of the exact bytes that may leave. */
  readonly requestDigest: string;
}
