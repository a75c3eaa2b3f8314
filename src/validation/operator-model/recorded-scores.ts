import type { ScoredWindow, SurfaceText } from '../../decision/surface.ts';
import { OperatorModelError } from './problem.ts';

/** What the operator's model made of one text, as the record keeps it: places and numbers. */
export interface RecordedScores {
  readonly origin: string;
  readonly windows: readonly ScoredWindow[];
}

/** One for each text, in their order; nothing where no model was asked. */
export function scoresToRecord(texts: readonly SurfaceText[]): {
  operatorScores?: readonly RecordedScores[];
} {
  const scores = texts.flatMap(({ origin, scored }) => (scored ? [{ origin, windows: scored }] : []));
  return scores.length === 0 || scores.length < texts.length ? {} : { operatorScores: scores };
}

/**
 * The texts with what was recorded of them.
 * @throws OperatorModelError when the record is of other texts
 */
export function withRecordedScores(
  texts: readonly SurfaceText[],
  scores: readonly RecordedScores[] | undefined,
): readonly SurfaceText[] {
  if (scores === undefined) return texts;
  const fits = scores.length === texts.length && texts.every(({ origin }, i) => scores[i]?.origin === origin);
  if (!fits) throw new OperatorModelError('the recorded scores are of other texts');
  return texts.map((text, i) => ({ ...text, scored: scores[i]?.windows ?? [] }));
}
