import type { ReasonCode } from '../../decision/reason.ts';
import type { SurfaceKind } from '../../decision/surface.ts';

/** One explained thing that outside text should not say. */
export interface Rule {
  readonly id: string;
  /** Why this is suspicious, for a reviewer and for the model card. */
  readonly why: string;
  readonly reason: ReasonCode;
  /**
   * Words of which the text holds at least one whenever the pattern matches: searching for them
   * costs a fraction of the pattern.
   */
  readonly cues: readonly string[];
  /**
   * Sees the text folded: lower case, without accents. Global; every repetition is bounded, so that
   * no text makes it slow.
   */
  readonly pattern: RegExp;
  /** 0 (honest) to 1000 (an attack); the policy says from which score on what follows. */
  readonly score: number;
  /** Where it applies; everywhere when absent. */
  readonly surfaces?: readonly SurfaceKind[];
}

/**
 * What stands in front of an order, as against a report or a prohibition ("we set …", "do not
 * approve …"): the start of a sentence or clause, or a word that urges.
 */
export const order = String.raw`(?:^|[.!?:;,\n>"'(*\-]\s{0,3}|\b(?:please|and|must|should|shall|always|then|now|just|also|simply|to)\s{1,3})`;

/** A global pattern from readable parts. */
export function pattern(...parts: readonly string[]): RegExp {
  return new RegExp(parts.join(''), 'g');
}
