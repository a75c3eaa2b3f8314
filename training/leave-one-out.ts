import type { SurfaceText } from '../src/decision/surface.ts';
import { canonicalise } from '../src/validation/canonicaliser.ts';
import { createTextClassifier } from '../src/validation/classifier/classifier.ts';
import type { LexiconLanguage } from '../src/validation/classifier/lexicon.ts';
import type { Model } from '../src/validation/classifier/weights.ts';
import { defaultValidationPolicy } from '../src/validation/policy.ts';
import { type OwnTexts, trainingRows } from './corpus.ts';
import type { Example } from './example.ts';
import { type FitOptions, fit } from './fit.ts';
import { modelOf, uncalibrated } from './quantise.ts';
import type { Row } from './row.ts';

export interface LoggedRow {
  readonly row: Row;
  readonly logit: number;
}

/** The highest logit of every row, by the code that scores texts at work. The model has to be uncalibrated. */
export function logitsOf(rows: readonly Row[], model: Model): LoggedRow[] {
  const classifier = createTextClassifier(model);
  return rows.map((row) => {
    const text: SurfaceText = { surface: row.surface, origin: '/text', text: row.text };
    const { views } = canonicalise(row.text, defaultValidationPolicy.canonical);
    const scores = classifier.signals(text, views).map(({ score }) => score);
    return { row, logit: scores.reduce((highest, score) => Math.max(highest, score), -1e6) };
  });
}

export interface Setting {
  readonly lexicon: readonly LexiconLanguage[];
  readonly exampleOf: (row: Row) => Example;
  readonly grammar: readonly Row[];
  readonly own: OwnTexts;
  readonly fitting: FitOptions;
}

export function fittedModel(
  rows: readonly Row[],
  { lexicon, exampleOf, grammar, own, fitting }: Setting,
): Model {
  const examples = trainingRows(rows, grammar, own).map(exampleOf);
  return modelOf(fit(examples, fitting), lexicon, uncalibrated());
}

/**
 * Scores every row by a model that saw nothing of its source, nor anything that was made from it.
 * Rows with soft labels are learned from and not scored.
 */
export function leaveOneOut(
  rows: readonly Row[],
  setting: Setting,
  tell: (line: string) => void,
): LoggedRow[] {
  const sourceOf = new Map(rows.map(({ id, source }) => [id, source]));
  const bases = (row: Row) => (row.base === undefined ? [] : [sourceOf.get(row.base)]);
  const sources = [...new Set(rows.filter(({ isSoft }) => !isSoft).map(({ source }) => source))];
  return sources.flatMap((source) => {
    const startedMs = performance.now();
    const left = rows.filter((row) => row.source === source && !row.isSoft);
    const madeFrom = new Set(left.flatMap(({ base }) => base ?? []));
    const seen = rows.filter(
      (row) => row.source !== source && !bases(row).includes(source) && !madeFrom.has(row.id),
    );
    const scored = logitsOf(left, fittedModel(seen, setting));
    tell(`without ${source}: ${left.length} rows, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
    return scored;
  });
}
