import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createOutputFilter } from '../../validation/output-filter.ts';
import { evaluateSpans, type MarkedSentence } from '../../validation/output/span-evaluation.ts';
import { evaluatePiiCommand } from './evaluate-pii.ts';

function marked(before: string, value: string, after: string, type: string) {
  const start = before.length;
  return { text: before + value + after, spans: [{ type, start, end: start + value.length }] };
}

const sentences: MarkedSentence[] = [
  marked('Pay to ', 'DE89370400440532013000', '.', 'IBAN_CODE'),
  marked('Pay to ', 'DE89370400440532013001', ', whose check digits are wrong.', 'IBAN_CODE'),
  marked('My name is ', 'Anna Berg', '.', 'PERSON'),
  { text: 'It is 4111 1111 1111 1111, says nobody.', spans: [] },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-pii-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function run(content: string, ...more: string[]): Promise<string> {
  const file = join(folder, 'data.jsonl');
  await writeFile(file, content);
  const print = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await evaluatePiiCommand().parseAsync(['node', 'evaluate-pii', '--data', file, ...more]);
  return print.mock.calls.flat().join('\n');
}

describe('countersign validation evaluate-pii', () => {
  const content = `${sentences.map((sentence) => JSON.stringify(sentence)).join('\n')}\n`;

  it('counts by the names of the data', async () => {
    const { types } = JSON.parse(await run(content, '--json')) as { types: Record<string, unknown> };
    expect(types).toEqual({
      CREDIT_CARD: expect.objectContaining({ n: 0, recall: 0, precision: 0, tp: 0, fp: 1, fn: 0 }),
      IBAN_CODE: expect.objectContaining({ n: 2, recall: 0.5, precision: 1, tp: 1, fp: 0, fn: 1 }),
      PERSON: expect.objectContaining({ n: 1, recall: 0, precision: 0, tp: 0, fp: 0, fn: 1 }),
    });
  });

  it('prints a table', async () => {
    const table = await run(content);
    expect(table).toMatch(/^IBAN_CODE +2 +0\.500 \[0\.095, 0\.905\]/m);
    expect(table).toContain('4 sentences');
  });

  it('says which line is none', async () => {
    await expect(run(`${content}{"text":1}\n`)).rejects.toThrow(/data\.jsonl:5 is no object/);
    await expect(run('not JSON\n')).rejects.toThrow(/data\.jsonl:1 is no object/);
  });
});

/*
 * Sentences of presidio-research. Those whose template has a remainder of 3 by 4 were never looked at while the
 * finders were made.
 */
const data = join(import.meta.dirname, '../../../../shared/data/pii/dev.jsonl');
const isHere = existsSync(data);
if (!isHere) console.log(`evaluate-pii: skipped, there is no data in ${data}`);

describe.skipIf(!isHere)('marked sentences of other people', () => {
  it('holds what is promised', async () => {
    const rows = (await readFile(data, 'utf8')).split('\n').filter((line) => line !== '');
    const parsed = rows.map((line) => JSON.parse(line) as MarkedSentence & { template_id: number });
    const types = evaluateSpans(parsed, createOutputFilter());
    const unseen = parsed.filter(({ template_id: template }) => template % 4 === 3);
    const unseenTypes = evaluateSpans(unseen, createOutputFilter());
    for (const scores of [types, unseenTypes]) {
      for (const type of ['CREDIT_CARD', 'IBAN_CODE', 'EMAIL_ADDRESS']) {
        expect(scores[type]?.recall).toBeGreaterThanOrEqual(0.98);
        expect(scores[type]?.precision).toBeGreaterThanOrEqual(0.99);
      }
      expect(scores['PHONE_NUMBER']?.recall).toBeGreaterThanOrEqual(0.85);
      expect(scores['PHONE_NUMBER']?.precision).toBeGreaterThanOrEqual(0.95);
    }
    expect(types['US_SSN']).toMatchObject({ recall: 1, precision: 1 });
  });
});
