import type { SurfaceText } from '../decision/surface.ts';
import type { Span, View } from './canonical/view.ts';

/** What a detector makes of one place in a text. */
export interface Signal {
  readonly rule: string;
  /** From 0 (honest) to 1000 (attack), not rounded. */
  readonly score: number;
  readonly span: Span;
  readonly via: readonly string[];
}

/** A detector beside the rules, which gives scores where they give matches. */
export interface SecondDetector {
  /** What a finding names it by. */
  readonly name: string;
  readonly version: string;
  /** The highest signals of every reading of a text. Pure: the same text gives the same bytes (I7). */
  signals(source: SurfaceText, views: readonly View[]): readonly Signal[];
}
