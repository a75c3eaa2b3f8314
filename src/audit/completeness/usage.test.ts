import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readCsvUsage } from './usage-csv.ts';
import { readAnthropicUsage, readOpenaiUsage } from './usage-pages.ts';
import { UsageFormatError } from './usage-row.ts';

const samples = 'test/samples/usage';
const json = (name: string): unknown => JSON.parse(readFileSync(`${samples}/${name}`, 'utf8'));

describe('OpenAI’s organization usage', () => {
  it('is read by day, model and key', () => {
    const { rows, days } = readOpenaiUsage(json('openai-completions.json'));
    expect(days).toEqual(['2026-11-21', '2026-11-22']);
    expect(rows).toEqual([
      {
        day: '2026-11-21',
        model: 'scorecard-2026-11',
        apiKeyId: 'key_gateway_eu',
        requests: 16,
        inputTokens: 5_120,
        outputTokens: 640,
        providerRequestId: null,
      },
      expect.objectContaining({ apiKeyId: 'key_of_somebody', requests: 1, inputTokens: 90 }),
    ]);
  });

  it('is taken as several pages, and not when the last is missing', () => {
    const page = json('openai-completions.json') as { data: unknown[] };
    const first = { ...page, has_more: true };
    expect(readOpenaiUsage([first, page]).rows).toHaveLength(4);
    expect(() => readOpenaiUsage(first)).toThrow(
      new UsageFormatError('the last page says that there are more; put all pages into one JSON list'),
    );
  });

  it.each<[string, unknown, string]>([
    ['no page', 3, 'page 0 is no object'],
    ['no buckets', {}, 'page 0: data is no list'],
    [
      'a bucket of a week',
      { data: [{ start_time: 0, end_time: 604_800, results: [] }] },
      'is not within one UTC day',
    ],
    [
      'a bucket across midnight',
      { data: [{ start_time: 86_000, end_time: 87_000, results: [] }] },
      'is not within one UTC day',
    ],
    ['Anthropic’s report', json('anthropic-messages.json'), 'page 0: data[0] has no time in seconds'],
    [
      'a count that is none',
      { data: [{ start_time: 0, end_time: 86_400, results: [{ input_tokens: -1 }] }] },
      'page 0: data[0].results[0].input_tokens is no count',
    ],
  ])('is refused when it is %s', (_name, export_, message) => {
    expect(() => readOpenaiUsage(export_)).toThrow(UsageFormatError);
    expect(() => readOpenaiUsage(export_)).toThrow(message);
  });
});

describe('Anthropic’s usage report', () => {
  it('counts tokens from and to the cache as input, and no requests', () => {
    expect(readAnthropicUsage(json('anthropic-messages.json'))).toEqual({
      days: ['2026-11-21'],
      rows: [
        {
          day: '2026-11-21',
          model: 'scorecard',
          apiKeyId: 'apikey_gateway_eu',
          requests: null,
          inputTokens: 1_500 + 1_000 + 500 + 200,
          outputTokens: 500,
          providerRequestId: null,
        },
      ],
    });
  });
});

describe('plain CSV', () => {
  const read = async (text: string) => {
    const rows = [];
    for await (const row of readCsvUsage(createInterface({ input: Readable.from([text]) }))) rows.push(row);
    return rows;
  };
  const header = 'day,model,requests,input_tokens,output_tokens';

  it('is read with quotes, with and without request ids, and with days of nothing', async () => {
    const lines = createInterface({ input: createReadStream(`${samples}/plain.csv`) });
    const rows = [];
    for await (const row of readCsvUsage(lines)) rows.push(row);
    expect(
      rows.map((row) => [row.day, row.model, row.requests, row.inputTokens, row.providerRequestId]),
    ).toEqual([
      ['2026-11-21', 'scorecard', 1, 320, 'req-0001'],
      ['2026-11-21', 'scorecard', 1, 310, 'req-0002'],
      ['2026-11-21', 'score,card "large"', 1, 12, 'req-0003'],
      ['2026-11-22', null, 0, 0, null],
    ]);
  });

  it.each([
    ['nothing', '', 'the file is empty'],
    ['a header without tokens', 'day,model,requests\n', 'the header lacks input_tokens, output_tokens'],
    ['a column that says something else', `${header},user\n`, 'the header has columns beyond'],
    ['a day that is none', `${header}\n2026-02-30,m,1,1,1\n`, 'line 2: day is no day'],
    ['a count with a sign', `${header}\n2026-02-03,m,-1,1,1\n`, 'line 2: requests is no count'],
    ['a missing cell', `${header}\n2026-02-03,m,1,1\n`, 'line 2: 4 cells, and the header has 5'],
    ['an open quote', `${header}\n2026-02-03,"m,1,1,1\n`, 'line 2: a quote is not closed'],
    [
      'several requests under one id',
      `${header},provider_request_id\n2026-02-03,m,2,1,1,req\n`,
      'line 2: a row with a provider_request_id is one request',
    ],
  ])('is refused when it has %s', async (_name, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
