import type { CallId, DecisionId, Digest, EntryId } from './ids.ts';
import type { LabelSource, Purpose } from './label.ts';
import type { SurfaceKind } from './surface.ts';
import type { Verdict } from './verdict.ts';

/** One append-only fact about a decision, or about the gateway itself. */
export const entryTypes = [
  'intent',
  'completion',
  'outcome',
  'refusal',
  'review',
  'erasure',
  'access',
  'release',
  'configuration',
  'completeness',
  'retention',
] as const;
export type EntryType = (typeof entryTypes)[number];

/** How much stands behind an endpoint's declared place, from the least on; only the last may be called verified. */
export const evidenceGrades = ['contract', 'network', 'vendor-asserted', 'vendor-logged'] as const;
export type EvidenceGrade = (typeof evidenceGrades)[number];

export type CompletionStatus =
  /** The endpoint answered with 2xx; the payload holds its bytes. */
  | 'ok'
  /** The endpoint answered with another status, or the transport failed. */
  | 'error'
  | 'timeout'
  /** The gateway stopped between intent and completion; the sweeper closed the call. */
  | 'unknown'
  /** The intent was committed, and it is certain that no byte of the call left. */
  | 'not_sent';

export type DecisionStatus = 'decided' | 'in_review' | 'refused';
export type Band = 'high' | 'middle' | 'low';

/** How long an entry's payload must be kept, and from which event on. The longest that applies wins. */
export interface RetentionTerm {
  readonly class: string;
  readonly clockStart: 'decision' | 'account-closed' | 'notice';
  /** Months from the event; null keeps for ever. */
  readonly months: number | null;
}

/** The plain part of a payload: enough to prove the ciphertext, nothing of what it hides. */
export interface PayloadSeal {
  readonly keyId: string;
  /** HMAC of a constant under the entry's key: AES-GCM alone does not commit to its key. */
  readonly keyCommitment: string;
  readonly codec: 'identity' | 'deflate-raw';
  readonly cipher: 'A256GCM';
  readonly ciphertextDigest: Digest;
  /** HMAC-SHA256 of the plaintext under a salt that is kept, and destroyed, with the key. */
  readonly plaintextCommitment: string;
}

export interface IntentFacts {
  readonly kind: 'intent';
  readonly caller: string;
  readonly attempt: number;
  readonly purpose: Purpose;
  readonly endpoint: {
    readonly id: string;
    readonly countries: readonly string[];
    readonly basis: readonly { readonly country: string; readonly mechanism: string }[];
    readonly evidence: EvidenceGrade;
    /** Rules under which the person was counted before this; only where there are any. */
    readonly counted?: readonly string[];
    /** Rules that had no room for the person when the lawful set was computed; only where there were any. */
    readonly exhausted?: readonly string[];
    /** The moment for which the lawful set was computed, as `time`; absent in schema 1. */
    readonly lawfulAt?: string;
    readonly policy: string;
  };
  readonly model: { readonly id: string; readonly version: string };
  readonly prompt: { readonly id: string; readonly version: string; readonly digest: Digest } | null;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly context: readonly { readonly id: string; readonly version: string; readonly digest: Digest }[];
  readonly label: { readonly jurisdiction: LabelSource; readonly dataClass: LabelSource };
  /** Surfaces on which detectors only told what they saw; absent where everything was enforced. */
  readonly detectOnly?: readonly SurfaceKind[];
  readonly surfacesDigest: string;
  readonly requestDigest: string;
  /** Of a call to a tool behind an endpoint: its id. */
  readonly tool?: string;
  /** What of tools a call to a model is made under; absent for types that have none. */
  readonly tools?: ToolFacts;
  /** The suspect spans were withheld from this call; absent where the request was sent as it is. */
  readonly variant?: 'masked';
  readonly verdicts: readonly Verdict[];
}

/** Tools of one call to a model: ids, in the order of the allow-list. */
export interface ToolFacts {
  /** Calls whose results this call shows the model. */
  readonly calls: readonly ToolCallFacts[];
  readonly offered: readonly string[];
  /** 1 for the call that the request itself leads to. */
  readonly round: number;
  /** Tools that write, withdrawn because untrusted text is in the context. */
  readonly withheld: readonly string[];
}

/** One call of a tool. */
export interface ToolCallFacts {
  readonly argumentsDigest: Digest;
  /** Of the call to its endpoint, which has an intent of its own; null for tools that run here. */
  readonly callId: CallId | null;
  readonly durationMs: number;
  readonly resultDigest: Digest | null;
  /** `ok`, or a code of why there is no result: of the sandbox, of the transport, or `HTTP_` and a status. */
  readonly status: string;
  readonly tool: string;
}

/** What one check of an endpoint's place came to. */
export interface EvidenceCheck {
  /** `tls-name`, `spki`, `address`: at the socket; `x-ms-region`, `inference_geo`, `model`: in the answer. */
  readonly check: string;
  /** The vendor's word as it stood in the answer, where it looks like a name; only checks of an answer have it. */
  readonly found?: string | null;
  /** `absent`: nothing was said, and nothing had to be. All but `agrees` and `absent` are mismatches. */
  readonly result: 'agrees' | 'absent' | 'differs' | 'missing' | 'unreadable';
}

/** What stands behind an endpoint's declared place in one call. */
export interface CallEvidence {
  readonly checks: readonly EvidenceCheck[];
  readonly grade: EvidenceGrade;
}

export interface CompletionFacts {
  readonly kind: 'completion';
  readonly endpoint: string;
  /** Absent in schema 1. */
  readonly evidence?: CallEvidence;
  readonly status: CompletionStatus;
  readonly httpStatus: number | null;
  readonly providerRequestId: string | null;
  readonly modelReturned: string | null;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
  /** Milliseconds from send to the last byte of the answer. */
  readonly upstreamMs: number;
  readonly outputDigest: Digest | null;
  /** A code of the transport fault (`ECONNREFUSED`, `UND_ERR_BODY_TIMEOUT`); never a message. */
  readonly fault: string | null;
}

/** What became of asking twice: with the suspect spans and without them. */
export type CounterfactualResult =
  /** Both answers come to the same outcome and band. */
  | 'unchanged'
  | 'changed'
  /** One of the two calls gave no answer that could be compared. */
  | 'incomplete';

/** Where a request stood on the ladder of probing, and what was done about it. */
export interface ProbingFacts {
  /** `nothing` where monitors only tell; `coarse` also for a throttled sender whose turn had come. */
  readonly did: 'nothing' | 'coarse' | 'throttled' | 'review';
  /** Size of the cluster, pool or window that the rung rests on. */
  readonly inputs: number;
  readonly monitor: string;
  readonly of: 'caller' | 'subject' | 'cluster';
  readonly rung: 'coarse' | 'throttle' | 'review';
}

export interface OutcomeFacts {
  readonly kind: 'outcome';
  readonly status: DecisionStatus;
  readonly band: Band | null;
  readonly score: { readonly value: number; readonly source: string } | null;
  readonly bandSet: {
    readonly id: string;
    readonly basis: string;
    readonly tLow: number;
    readonly tHigh: number;
  } | null;
  /** Only where the decision was asked twice. */
  readonly counterfactual?: CounterfactualResult;
  readonly decidedBy: 'model' | 'person' | 'gate';
  /** Surfaces on which detectors only told what they saw; absent where everything was enforced. */
  readonly detectOnly?: readonly SurfaceKind[];
  /** Only where its sender, its subject or inputs near it were suspected of probing. */
  readonly probing?: ProbingFacts;
  readonly reviewTask: string | null;
  /** Calls of tools whose results no further call to a model has shown; only where there were any. */
  readonly toolCalls?: readonly ToolCallFacts[];
  readonly verdicts: readonly Verdict[];
  readonly releasedDigest: Digest | null;
}

export interface RefusalFacts {
  readonly kind: 'refusal';
  readonly caller: string;
  readonly code: string;
  readonly verdicts: readonly Verdict[];
}

/**
 * What a review entry is, where it is not the answer that led to the outcome behind it. `first`: said before the
 * model's answer was shown. `counted`: one answer of several. `beside`: an answer that decides nothing, in a record of
 * its own. `seeded`: the known answer of a planted case. `split`, `expired`, `escalated`: why somebody else must look.
 */
export type ReviewStep = 'first' | 'counted' | 'beside' | 'seeded' | 'split' | 'expired' | 'escalated';

export interface ReviewFacts {
  readonly kind: 'review';
  readonly task: string;
  readonly reviewer: string;
  readonly reasonCodes: readonly string[];
  readonly override: boolean;
  readonly openMs: number;
  /** Differs from the same person's first answer; only where there was one. */
  readonly changed?: boolean;
  /** Of everything that was shown; absent in records of before it was asked for. */
  readonly evidenceHash?: Digest;
  /** Where more than one person was asked. */
  readonly quorum?: { readonly agree: number; readonly answers: number };
  /** Absent in the answer that led to the outcome. */
  readonly step?: ReviewStep;
}

export interface SystemFacts {
  readonly kind: 'release' | 'configuration' | 'access' | 'erasure' | 'completeness' | 'retention';
  readonly [fact: string]: unknown;
}

export type EntryFacts =
  | IntentFacts
  | CompletionFacts
  | OutcomeFacts
  | RefusalFacts
  | ReviewFacts
  | SystemFacts;

/**
 * The plain, non-personal part of an entry. Its canonical JSON (RFC 8785) is what the ledger's leaf
 * commits to, so a field once published keeps its name and meaning for ever.
 */
export interface EntryHeader {
  /** 1 had no `about`, kept `retention` as one object, and sealed payloads under the subject's key itself. */
  readonly schema: 1 | 2;
  readonly type: EntryType;
  readonly entryId: EntryId;
  /** Entries about the gateway itself carry a UUIDv7 of their own here. */
  readonly decisionId: DecisionId;
  /** The decision that an entry with an id of its own is about; absent in schema 1. */
  readonly about?: DecisionId | null;
  readonly callId: CallId | null;
  readonly tenant: string;
  readonly cell: string;
  readonly jurisdiction: string | null;
  /** Further jurisdictions whose subjects are in the request; absent where there are none. */
  readonly others?: readonly string[];
  readonly dataClass: string | null;
  readonly decisionType: string | null;
  readonly release: Digest | null;
  /** RFC 3339 with milliseconds, UTC. */
  readonly time: string;
  /** SHA-256 of the previous header of the same decision; null in its first entry. */
  readonly previous: Digest | null;
  readonly retention:
    | readonly RetentionTerm[]
    | { readonly class: string; readonly clockStart: string }
    | null;
  readonly facts: EntryFacts;
  readonly payload: PayloadSeal | null;
}
