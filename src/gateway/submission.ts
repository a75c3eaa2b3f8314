import type { SurfaceDocument, SurfaceText } from '../decision/surface.ts';
import type { ContextPassage, ToolResult } from '../release/prompt.ts';
import type { SubjectReference } from '../residency/subject-reference.ts';
import type { Caller } from './caller.ts';
import type { Dialect } from './dialect.ts';

/** The headers of a request that the gateway itself reads; null when absent. */
export interface RequestClaims {
  readonly jurisdiction: string | null;
  readonly dataClass: string | null;
  readonly decisionType: string | null;
  /** Named in a header, or by the one subject reference. */
  readonly subject: string | null;
  /** What signed references say, once they are verified; empty where none was sent. */
  readonly references: readonly SubjectReference[];
  readonly idempotencyKey: string | null;
}

/** One request to a model route, in the form in which the pipeline takes all of them. */
export interface Submission {
  readonly dialect: Dialect;
  readonly route: string;
  readonly caller: Caller;
  readonly claims: RequestClaims;
  /** The body exactly as it arrived, for the record. */
  readonly bodyText: string;
  /** Every string of the body with its place: nothing that may reach the model is missing (I4). */
  readonly texts: readonly SurfaceText[];
  readonly documents: readonly SurfaceDocument[];
  readonly context: readonly ContextPassage[];
  /** The case of `POST /v1/decisions`; the messages, or the texts to embed, and the rest of a drop-in request. */
  readonly content:
    | { readonly kind: 'case'; readonly input: unknown; readonly toolResults: readonly ToolResult[] }
    | {
        readonly kind: 'messages';
        readonly messages: readonly unknown[];
        readonly rest: Readonly<Record<string, unknown>>;
      }
    | {
        readonly kind: 'texts';
        readonly texts: readonly string[];
        readonly rest: Readonly<Record<string, unknown>>;
      };
}

export interface Reply {
  readonly httpStatus: number;
  /** The exact bytes of the answer, as recorded. */
  readonly body: string;
  readonly decisionId: string;
  readonly verdict: 'decided' | 'in_review';
  readonly endpoint: string | null;
  readonly upstreamMs: number;
  /** Signed word that the sealed entry will be in the ledger; null where an earlier answer is repeated. */
  readonly promise: string | null;
}
