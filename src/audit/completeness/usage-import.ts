import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Digest } from '../../decision/ids.ts';
import type { Store } from '../../storage/store.ts';
import { readCsvUsage } from './usage-csv.ts';
import { readAnthropicUsage, readOpenaiUsage } from './usage-pages.ts';
import { storeUsageImport } from './usage-repository.ts';
import { type Provider, UsageFormatError, type UsageRow } from './usage-row.ts';

export interface ImportResult {
  readonly fileDigest: Digest;
  /** False: this very file had been imported before, and nothing was changed. */
  readonly isNew: boolean;
  readonly rows: number;
  readonly days: number;
}

/**
 * Imports a provider's statement of usage for one endpoint of a cell.
 * @throws UsageFormatError when the file is not what `provider` says
 */
export async function importUsage(
  store: Store,
  file: string,
  about: { endpoint: string; provider: Provider; knownKeys: readonly string[] | null },
): Promise<ImportResult> {
  const fileDigest = await digestOfFile(file);
  const { rows, days } =
    about.provider === 'csv' ? { rows: csvRows(file), days: [] } : await pages(file, about.provider);
  const knownKeys = about.knownKeys?.toSorted() ?? null;
  const { endpoint, provider } = about;
  const stored = await storeUsageImport(
    store.query,
    store.cell,
    { endpoint, provider, fileDigest, knownKeys },
    rows,
    days,
  );
  return { fileDigest, isNew: stored !== null, rows: stored?.rows ?? 0, days: stored?.days ?? 0 };
}

/**
 * Line by line: with one row a request, a file may be as long as the day. Opened when the first row is asked
 * for, because a reader of lines drops those that nobody waits for.
 */
async function* csvRows(file: string): AsyncGenerator<UsageRow> {
  yield* readCsvUsage(
    createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }),
  );
}

async function pages(file: string, provider: 'openai' | 'anthropic') {
  const json = parse(await readFile(file, 'utf8'));
  return provider === 'openai' ? readOpenaiUsage(json) : readAnthropicUsage(json);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageFormatError('the file is no JSON', { cause });
  }
}

async function digestOfFile(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  const stream: AsyncIterable<Buffer> = createReadStream(file);
  for await (const chunk of stream) hash.update(chunk);
  return `sha256:${hash.digest('hex')}` as Digest;
}
