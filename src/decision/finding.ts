import type { SurfaceKind } from './surface.ts';

/** What a detector saw. It holds no text of the request: it is written into plain headers (I8). */
export interface Finding {
  readonly surface: SurfaceKind;
  readonly origin: string;
  readonly detector: string;
  readonly detectorVersion: string;
  readonly rule: string;
  /** An integer from 0 (honest) to 1000 (attack). */
  readonly score: number;
  /** UTF-16 offsets into the source text, end exclusive. */
  readonly span: { readonly start: number; readonly end: number };
  /** The decodings that led from the source text to the view it was seen in, outermost first. */
  readonly via: readonly string[];
}
