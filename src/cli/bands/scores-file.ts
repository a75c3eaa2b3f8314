import type { LabelledCase } from '../../confidence/certification/bands.ts';
import { type CsvTable, parseCsv } from './csv.ts';
import { ScoresFileError } from './scores-file-error.ts';

export interface ScoreColumns {
  /** Probability of the bad outcome, 0 to 1. */
  readonly score: string;
  /** 1 or true for the bad outcome, 0 or false for the good one. */
  readonly label: string;
  readonly time?: string | undefined;
  readonly amount?: string | undefined;
}

/**
 * The cases of a CSV file, in order of time where a column holds one, else in the order of the file. A case's
 * score is turned round: bands speak of the favourable outcome.
 * @throws ScoresFileError
 */
export function readScores(text: string, columns: ScoreColumns): LabelledCase[] {
  const table = parseCsv(text);
  if (table.rows.length === 0) throw new ScoresFileError('the file has a header and no rows');
  const read = {
    score: readerOf(table, columns.score, probability),
    label: readerOf(table, columns.label, label),
    time: columns.time === undefined ? () => 0 : readerOf(table, columns.time, time),
    amount: columns.amount === undefined ? () => 0 : readerOf(table, columns.amount, amount),
  };
  const cases = table.rows.map((row) => ({
    at: read.time(row),
    labelled: { score: 1 - read.score(row), favourable: read.label(row) === 0, amount: read.amount(row) },
  }));
  // Sorting is stable: cases of one time stay in the order of the file.
  return cases.sort((one, other) => one.at - other.at).map(({ labelled }) => labelled);
}

type Row = CsvTable['rows'][number];

function readerOf(
  { header, separator }: CsvTable,
  column: string,
  parse: (cell: string) => number | string,
): (row: Row) => number {
  const at = header.indexOf(column);
  if (at === -1) throw new ScoresFileError(`no column “${column}”; the header has ${header.join(', ')}`);
  if (header.includes(column, at + 1)) throw new ScoresFileError(`there are two columns “${column}”`);
  return ({ cells, row }) => {
    const cell = (cells[at] as string).trim();
    // Where a semicolon parts the cells, a comma may part the decimals.
    const value = parse(separator === ',' ? cell : cell.replace(/^(-?\d*),(\d+)$/, '$1.$2'));
    if (typeof value === 'number') return value;
    const found = cell === '' ? 'an empty cell' : `“${cell.slice(0, 40)}”`;
    throw new ScoresFileError(`row ${row}, column “${column}”: ${found} is not ${value}`);
  };
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function probability(cell: string): number | string {
  const value = decimal.test(cell) ? Number(cell) : Number.NaN;
  return value >= 0 && value <= 1 ? value : 'a probability from 0 to 1';
}

function label(cell: string): number | string {
  if (/^(?:1|1\.0+|true)$/i.test(cell)) return 1;
  return /^(?:0|0\.0+|false)$/i.test(cell) ? 0 : '0 or 1 (or true or false)';
}

function amount(cell: string): number | string {
  const value = decimal.test(cell) ? Number(cell) : Number.NaN;
  return value > 0 && Number.isFinite(value) ? value : 'an amount above zero';
}

const isoTime = /^\d{4}-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?)?(Z|[+-]\d{2}:\d{2})?$/;

function time(cell: string): number | string {
  const message = 'a number, or a time as 2026-03-31 or 2026-03-31T12:00:00Z';
  if (decimal.test(cell)) return Number(cell);
  const match = isoTime.exec(cell);
  // A time without a zone means the same one everywhere in the file; UTC serves to compare.
  const zone = cell.includes(':') && match?.[1] === undefined ? 'Z' : '';
  const atMs = match === null ? Number.NaN : Date.parse(cell.replace(' ', 'T') + zone);
  return Number.isNaN(atMs) ? message : atMs;
}
