import { ScoresFileError } from './scores-file-error.ts';

const separators = [',', ';', '\t'] as const;

export interface CsvTable {
  readonly header: readonly string[];
  /** Cells of each row, as many as the header has. */
  readonly rows: readonly { readonly cells: readonly string[]; readonly row: number }[];
  readonly separator: string;
}

/**
 * CSV (RFC 4180) with a header, and with semicolons or tabs where the header is separated by them. Rows are
 * numbered as a spreadsheet does: the header is row 1. Empty lines are left out.
 * @throws ScoresFileError naming the row
 */
export function parseCsv(text: string): CsvTable {
  const content = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(content);
  const records = recordsOf(content, separator).filter(({ cells }) => cells.length > 1 || cells[0] !== '');
  const [first, ...rows] = records;
  if (first === undefined) throw new ScoresFileError('the file is empty');
  const header = first.cells.map((name) => name.trim());
  for (const { cells, row } of rows) {
    if (cells.length !== header.length) {
      throw new ScoresFileError(`row ${row}: ${cells.length} cells, and the header has ${header.length}`);
    }
  }
  return { header, rows, separator };
}

/** The one that parts the first line into the most cells. */
function separatorOf(content: string): string {
  const [line = ''] = content.split(/\r?\n|\r/, 1);
  const unquoted = line.replaceAll(/"(?:[^"]|"")*"/g, '');
  const counts = separators.map((separator) => unquoted.split(separator).length);
  return separators[counts.indexOf(Math.max(...counts))] as string;
}

function recordsOf(content: string, separator: string): { cells: string[]; row: number }[] {
  const cell = new RegExp(
    `(?:[ ]*"((?:[^"]|"")*)"[ ]*|([^"\\r\\n${separator}][^\\r\\n${separator}]*)?)(${separator}|\\r\\n|\\n|\\r|$)`,
    'y',
  );
  const records: { cells: string[]; row: number }[] = [];
  let cells: string[] = [];
  let row = 1;
  while (cell.lastIndex < content.length || cells.length > 0) {
    const match = cell.exec(content);
    if (match === null) {
      throw new ScoresFileError(
        `row ${row}: cell ${cells.length + 1} has a quote that does not close, or text beside it`,
      );
    }
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === separator) continue;
    records.push({ cells, row });
    cells = [];
    row += 1;
  }
  return records;
}
