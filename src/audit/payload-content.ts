import type { ReviewFacts } from '../decision/entry.ts';
import type { CallId } from '../decision/ids.ts';
import type { ScoredWindow } from '../decision/surface.ts';

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
  /** Calls of tools whose results this round shows the model; in its first attempt only, where there are any. */
  readonly toolCalls?: readonly RecordedToolCall[];
}

/** One call of a tool that the gateway ran, or had run by an endpoint. */
export interface RecordedToolCall {
  readonly tool: string;
  /** JSON, as the tool got it. */
  readonly arguments: string;
  /** Null where it gave none. */
  readonly result: string | null;
  readonly status: string;
  readonly durationMs: number;
  readonly callId: CallId | null;
  /** What a model of the operator's own made of the result; absent where none was asked. */
  readonly scored?: readonly ScoredWindow[];
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
  /** What kept the parsers of its documents from the machine; absent where it had none. */
  readonly isolation?: string;
  /** What a model of the operator's own made of every text that was inspected; absent where none was asked. */
  readonly operatorScores?: readonly { readonly origin: string; readonly windows: readonly ScoredWindow[] }[];
  /** What stood in the system prompt for no purpose but to be missed in every answer; absent where nothing did. */
  readonly canary?: string;
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
  /** What was usual of such answers when this one was judged; only where it was held against that. */
  readonly outputProfile?: RecordedProfile;
  /** Calls of tools whose results no further call has shown; only where there were any. */
  readonly toolCalls?: readonly RecordedToolCall[];
  /** Both answers of a decision that was asked twice; only where it was. */
  readonly counterfactual?: RecordedCounterfactual;
}

/** The numbers of a running profile that a verdict on an answer rests on. */
export interface RecordedProfile {
  /** Answers that it was made from. */
  readonly answers: number;
  /** Lowest and highest usual value of each measure, both inclusive. */
  readonly usual: Readonly<Record<string, { readonly low: number; readonly high: number }>>;
  readonly forms: readonly string[];
  readonly languages: readonly string[];
}

/** What a decision came to with the suspect spans and without them, for whoever has to decide between the two. */
export interface RecordedCounterfactual {
  /** What was withheld from the second call: places in the request, UTF-16 offsets, end exclusive. */
  readonly spans: readonly { readonly origin: string; readonly start: number; readonly end: number }[];
  /** Null where no answer came that may be shown. */
  readonly asIs: RecordedAnswer | null;
  readonly masked: RecordedAnswer | null;
}

/** An answer after the output filter, and what it would have come to. */
export interface RecordedAnswer {
  readonly answer: unknown;
  readonly outcome: string | null;
  readonly band: string | null;
  readonly score: number | null;
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

/** A review entry before it is written; what carries no words of a person has no payload. */
export interface ReviewDraft {
  readonly facts: ReviewFacts;
  readonly payload: ReviewPayload | null;
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
