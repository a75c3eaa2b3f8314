import { type CorpusRow, composeCorpus } from './grammar/index.ts';
import { honestRows } from './honest.ts';
import { honestLines, mixed } from './mixture.ts';
import type { Row } from './row.ts';

/** How many texts of our own stand beside the data. */
export interface OwnTexts {
  readonly grammar: number;
  readonly honest: number;
  readonly mixture: number;
  /** Single lines of honest data. */
  readonly lines: number;
  readonly seed: number;
}

const grammarWeight = 0.5;
/** Beyond this many rows of one label a source gains little more say. */
const sourceRows = 250;
const sourceWeightMax = 1.5;

/** The rows of a training set, with the texts of our own that are made from it or beside it. */
export function trainingRows(rows: readonly Row[], grammar: readonly Row[], own: OwnTexts): Row[] {
  const honest = honestRows(own.honest, own.seed + 1);
  const all = [...rows, ...honest, ...grammar];
  const mixture = mixed(all, own.mixture, own.seed + 2);
  const lines = honestLines(all, own.lines, own.seed + 3);
  return [...weighted(rows), ...honest, ...mixture, ...lines, ...grammar];
}

/** Our grammar's rows; each of its families is a source of its own. */
export function grammarRows(count: number, seed: number, split: 'train' | 'held-out'): Row[] {
  return [...composeCorpus({ seed, count, split })].map(rowOf);
}

function rowOf({ payloadSpan, family, ...row }: CorpusRow): Row {
  return {
    ...row,
    source: `grammar-${family}`,
    licence: 'Apache-2.0',
    isSoft: true,
    weight: grammarWeight,
    ...(payloadSpan === undefined ? {} : { payload: row.text.slice(payloadSpan.start, payloadSpan.end) }),
  };
}

/** Large sources count less by the row, and soft labels half. */
function weighted(rows: readonly Row[]): Row[] {
  const keyOf = ({ source, label }: Row) => `${source} ${label}`;
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return rows.map((row) => {
    const say = Math.min(sourceWeightMax, Math.sqrt(sourceRows / (counts.get(keyOf(row)) ?? 1)));
    return { ...row, weight: row.isSoft ? say / 2 : say };
  });
}
