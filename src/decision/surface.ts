/** Where outside text enters, and the two ways in which text leaves. */
export const surfaceKinds = ['chat', 'document', 'retrieved', 'tool_result', 'tool_call', 'output'] as const;
export type SurfaceKind = (typeof surfaceKinds)[number];

/** One piece of outside text with its provenance. */
export interface SurfaceText {
  readonly surface: SurfaceKind;
  /**
   * Where it stood, as a JSON pointer into the request (RFC 6901), with a part after `#` inside a
   * document: `/messages/0/content`, `/tools/2/function/description`, `/documents/0#page=3;layer=hidden`.
   * It names a place, never content: it goes into plain headers (I8).
   */
  readonly origin: string;
  readonly text: string;
  /** The name it stands under in the request, for whoever has to know what a number is; it is content, too (I8). */
  readonly key?: string;
  /** The text was found where a person reading the document would not see it. */
  readonly hidden?: boolean;
  /** What a model of the operator's own made of it; absent where none was asked. */
  readonly scored?: readonly ScoredWindow[];
}

/** A stretch of a text as a model of the operator's own saw it. */
export interface ScoredWindow {
  /** UTF-16 offsets into the source text, end exclusive. */
  readonly end: number;
  /** An integer from 0 (honest) to 1000 (attack). */
  readonly score: number;
  readonly start: number;
  /** The steps of cleaning that led to what it saw. */
  readonly via: readonly string[];
}

/** A document as it arrived. */
export interface SurfaceDocument {
  readonly origin: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}
