import { dayAt } from './day.ts';
import {
  type JsonObject,
  UsageFormatError,
  type UsageRow,
  countOf,
  listOf,
  objectOf,
  textOrNull,
} from './usage-row.ts';

interface PagedExport {
  readonly rows: readonly UsageRow[];
  /** Days that the export speaks of, also those without usage. */
  readonly days: readonly string[];
}

interface Shape {
  /** Epoch milliseconds of a bucket's beginning and end. */
  readonly span: (bucket: JsonObject, place: string) => readonly [number, number];
  readonly row: (result: JsonObject, day: string, place: string) => UsageRow;
}

/**
 * OpenAI's organization usage of completions, `GET /v1/organization/usage/completions`, best asked for with
 * `bucket_width=1d&group_by=model&group_by=api_key_id`: pages of buckets with Unix times, each with `results`
 * (https://platform.openai.com/docs/api-reference/usage/completions). `input_tokens` includes cached ones.
 */
export function readOpenaiUsage(json: unknown): PagedExport {
  return readPages(json, {
    span: (bucket, place) => [unixMs(bucket['start_time'], place), unixMs(bucket['end_time'], place)],
    row: (result, day, place) => ({
      day,
      model: textOrNull(result['model'], `${place}.model`),
      apiKeyId: textOrNull(result['api_key_id'], `${place}.api_key_id`),
      requests: countOf(result['num_model_requests'], `${place}.num_model_requests`),
      inputTokens: countOf(result['input_tokens'], `${place}.input_tokens`),
      outputTokens: countOf(result['output_tokens'], `${place}.output_tokens`),
      providerRequestId: null,
    }),
  });
}

/**
 * Anthropic's usage report, `GET /v1/organizations/usage_report/messages`, best asked for with
 * `bucket_width=1d&group_by[]=model&group_by[]=api_key_id`: pages of buckets with RFC 3339 times, each with
 * `results` (https://platform.claude.com/docs/en/api/admin/usage_report/retrieve_messages). It counts tokens and
 * no requests; input is what was not cached, read from the cache and written to it.
 */
export function readAnthropicUsage(json: unknown): PagedExport {
  return readPages(json, {
    span: (bucket, place) => [rfc3339Ms(bucket['starting_at'], place), rfc3339Ms(bucket['ending_at'], place)],
    row: (result, day, place) => {
      const created = result['cache_creation'] ?? {};
      const written = Object.values(objectOf(created, `${place}.cache_creation`));
      return {
        day,
        model: textOrNull(result['model'], `${place}.model`),
        apiKeyId: textOrNull(result['api_key_id'], `${place}.api_key_id`),
        requests: null,
        inputTokens:
          countOf(result['uncached_input_tokens'], `${place}.uncached_input_tokens`) +
          countOf(result['cache_read_input_tokens'], `${place}.cache_read_input_tokens`) +
          written.reduce<number>((sum, count) => sum + countOf(count, `${place}.cache_creation`), 0),
        outputTokens: countOf(result['output_tokens'], `${place}.output_tokens`),
        providerRequestId: null,
      };
    },
  });
}

/** One page as the API answers it, or a list of all pages. */
function readPages(json: unknown, shape: Shape): PagedExport {
  const pages = Array.isArray(json) ? json : [json];
  const rows: UsageRow[] = [];
  const days = new Set<string>();
  pages.forEach((item: unknown, p) => {
    const page = objectOf(item, `page ${p}`);
    if (page['has_more'] === true && p === pages.length - 1) {
      throw new UsageFormatError('the last page says that there are more; put all pages into one JSON list');
    }
    listOf(page['data'], `page ${p}: data`).forEach((entry, b) => {
      const place = `page ${p}: data[${b}]`;
      const bucket = objectOf(entry, place);
      const [fromMs, toMs] = shape.span(bucket, place);
      const day = dayAt(fromMs);
      if (toMs <= fromMs || toMs > day.toMs) {
        throw new UsageFormatError(`${place} is not within one UTC day; ask for buckets of a day or less`);
      }
      days.add(day.name);
      listOf(bucket['results'], `${place}.results`).forEach((result, r) => {
        const at = `${place}.results[${r}]`;
        rows.push(shape.row(objectOf(result, at), day.name, at));
      });
    });
  });
  return { rows, days: [...days] };
}

function unixMs(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new UsageFormatError(`${place} has no time in seconds`);
  }
  return value * 1000;
}

function rfc3339Ms(value: unknown, place: string): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new UsageFormatError(`${place} has no RFC 3339 time`);
  return ms;
}
