import { parseDay } from './day.ts';
import { UsageFormatError, type UsageRow } from './usage-row.ts';

const required = ['day', 'model', 'requests', 'input_tokens', 'output_tokens'] as const;
const optional = ['provider_request_id', 'api_key_id'] as const;
type ColumnName = (typeof required)[number] | (typeof optional)[number];

/**
 * Plain CSV (RFC 4180), with a header: `day,model,requests,input_tokens,output_tokens`, and where the provider
 * has them `provider_request_id` (then one row a request) and `api_key_id`. A day without usage is said by a row
 * of zeros with an empty model.
 * @throws UsageFormatError with the line
 */
export async function* readCsvUsage(lines: AsyncIterable<string>): AsyncGenerator<UsageRow> {
  let columns: ReadonlyMap<string, number> | null = null;
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const cells = cellsOf(line === 1 ? text.replace(/^\uFEFF/, '') : text, line);
    if (columns === null) columns = headerOf(cells);
    else yield rowOf(cells, columns, line);
  }
  if (columns === null) throw new UsageFormatError('the file is empty');
}

function headerOf(cells: readonly string[]): ReadonlyMap<string, number> {
  const columns = new Map(cells.map((name, index) => [name.trim(), index]));
  const missing = required.filter((name) => !columns.has(name));
  const known: readonly string[] = [...required, ...optional];
  const unknown = [...columns.keys()].filter((name) => !known.includes(name));
  if (missing.length > 0) throw new UsageFormatError(`the header lacks ${missing.join(', ')}`);
  if (unknown.length > 0) throw new UsageFormatError(`the header has columns beyond ${known.join(', ')}`);
  return columns;
}

function rowOf(cells: readonly string[], columns: ReadonlyMap<string, number>, line: number): UsageRow {
  const cell = (name: ColumnName) => cells[columns.get(name) ?? -1]?.trim() ?? '';
  const count = (name: ColumnName): number => {
    const value = Number(cell(name));
    if (!/^\d+$/.test(cell(name)) || !Number.isSafeInteger(value)) {
      throw new UsageFormatError(`line ${line}: ${name} is no count`);
    }
    return value;
  };
  const day = parseDay(cell('day'));
  if (day === null) throw new UsageFormatError(`line ${line}: day is no day as yyyy-mm-dd`);
  if (cells.length !== columns.size) {
    throw new UsageFormatError(`line ${line}: ${cells.length} cells, and the header has ${columns.size}`);
  }
  const providerRequestId = cell('provider_request_id') || null;
  const requests = count('requests');
  if (providerRequestId !== null && requests !== 1) {
    throw new UsageFormatError(`line ${line}: a row with a provider_request_id is one request`);
  }
  return {
    day: day.name,
    model: cell('model') || null,
    apiKeyId: cell('api_key_id') || null,
    requests,
    inputTokens: count('input_tokens'),
    outputTokens: count('output_tokens'),
    providerRequestId,
  };
}

/** Cells between commas; a quoted one may hold commas, and quotes written twice. */
function cellsOf(text: string, line: number): string[] {
  const cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = pattern.exec(text);
    if (match === null) throw new UsageFormatError(`line ${line}: a quote is not closed`);
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return cells;
  }
}
