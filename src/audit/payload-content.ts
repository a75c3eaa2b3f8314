/**
 * What payloads hold. Version 1 lacks `label` in the input and `lawfulAt`. Old versions are read for ever, so fields are
 * only ever added.
 * Byte strings that are valid UTF-8 are kept as text, others as base64.
 */
export interface RecordedBytes {
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
}

export interface IntentPayload {
  readonly schema: 1 | 2;
  /** The caller's request as it arrived; null in later attempts of the same decision. */
  readonly request: RecordedInput | null;
  /** First intent of the decision, where later attempts find the request. */
  readonly firstIntent: string | null;
  /** The exact bytes that left for the model. */
  readonly upstream: string;
}

export interface RecordedInput {
  /** What the label was made of: the request's own claims and its caller's grants; absent in version 1. */
  readonly label?: { readonly claims: RecordedClaims; readonly grants: RecordedGrants };
  readonly route: string;
  readonly body: string;
  readonly documents: readonly {
    readonly origin: string;
    readonly mediaType: string;
    readonly bytes: RecordedBytes;
  }[];
  readonly context: readonly { readonly id: string; readonly version: string; readonly text: string }[];
  readonly promptText: string | null;
  /** Marker that set data apart from instructions in this prompt. */
  readonly marker: string | null;
}

export interface RecordedClaims {
  readonly jurisdiction: string | null;
  readonly dataClass: string | null;
  readonly decisionType: string | null;
  readonly subject: string | null;
  /** What signed subject references said; absent where none was sent. */
  readonly references?: readonly {
    readonly source: string;
    readonly subject: string;
    readonly jurisdiction: string;
    readonly dataClass: string | null;
  }[];
}

export interface RecordedGrants {
  readonly jurisdictions: readonly string[];
  readonly dataClasses: readonly string[];
  readonly decisionTypes: readonly string[];
  /** Absent where they stood in the gateway's own store. */
  readonly source?: 'token';
}

export interface CompletionPayload {
  readonly schema: 1 | 2;
  readonly raw: RecordedBytes;
}

export interface OutcomePayload {
  readonly schema: 1 | 2;
  /** The request, where the decision was sealed without a call and no intent holds it. */
  readonly request: RecordedInput | null;
  /** What was decided, in the words of the decision type; null while a person has to decide. */
  readonly outcome: string | null;
  /** The answer after the output filter, as a reviewer sees it. */
  readonly answer: unknown;
  /** The exact body that was released to the caller; null when nothing of an answer was. */
  readonly released: string | null;
  /** The moment for which no endpoint was lawful, RFC 3339; only where that is why the decision was refused. */
  readonly lawfulAt?: string;
  /** Rules that had no room for the person at that moment; only where there were any. */
  readonly exhausted?: readonly string[];
  /** Endpoints in quarantine at that moment; only where there were any. */
  readonly quarantined?: readonly string[];
}

export interface RefusalPayload {
  readonly schema: 1 | 2;
  readonly request: RecordedInput;
}

export interface ReviewPayload {
  readonly schema: 1 | 2;
  readonly verdict: string;
  readonly note: string | null;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function recordBytes(bytes: Uint8Array): RecordedBytes {
  try {
    return { encoding: 'utf8', data: strictUtf8.decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { encoding: 'base64', data: Buffer.from(bytes).toString('base64') };
  }
}

export function readBytes(recorded: RecordedBytes): Buffer {
  return Buffer.from(recorded.data, recorded.encoding);
}
