import { existsSync, readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Band, OutcomeFacts } from '../src/decision/entry.ts';
import { type Answer, type TestGateway, startTestGateway } from './support/gateway.ts';

/*
 * The thousand applications of the German credit data set (Statlog, UCI) through the whole gateway.
 * The model is a logistic regression, out of fold: p_lr is its probability that the loan goes bad.
 */

const folder = join(import.meta.dirname, '../../shared/data/bands');
const isHere = existsSync(join(folder, 'german_credit.csv'));
if (!isHere) console.log(`german-credit: skipped, there is no data in ${folder}`);

const root = join(import.meta.dirname, '..');
const concurrency = 32;

describe.skipIf(!isHere)('the thousand rows of the German credit data', () => {
  const rows = isHere ? readCsv('german_credit.csv') : [];
  const good = new Map(
    isHere ? readCsv('german_credit_scores.csv').map((row) => [row['row_id'], 1 - Number(row['p_lr'])]) : [],
  );
  const isBad = new Map(rows.map((row) => [row['row_id'], row['target'] === '1']));
  let upstream: Server;
  let gateway: TestGateway;
  let answers: Map<string, Answer>;

  beforeAll(async () => {
    upstream = modelOf(good);
    await once(upstream.listen(0, '127.0.0.1'), 'listening');
    const address = upstream.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    gateway = await startTestGateway({ euUrl: `http://127.0.0.1:${address.port}/v1` });
    answers = await sendAll(gateway, rows);
  }, 180_000);
  afterAll(async () => {
    await gateway.stop();
    upstream.close();
  });

  it('each get a decision', () => {
    expect(rows).toHaveLength(1_000);
    expect(answers.size).toBe(1_000);
    expect([...answers.values()].filter(({ status }) => status !== 200 && status !== 202)).toEqual([]);
    expect(new Set([...answers.values()].map(({ decisionId }) => decisionId)).size).toBe(1_000);
  });

  it('each have a record of one call and one outcome, in the band that the thresholds say', async () => {
    const { tLow, tHigh } = thresholds();
    const records = await recordsOf(gateway);
    const counts: Record<Band, number> = { high: 0, middle: 0, low: 0 };
    for (const [row, answer] of answers) {
      const record = records.get(answer.decisionId);
      expect(record?.types).toEqual(['intent', 'completion', 'outcome']);
      const probability = good.get(row) ?? Number.NaN;
      const band = probability >= tHigh ? 'high' : probability <= tLow ? 'low' : 'middle';
      expect(record?.outcome, `row ${row}`).toMatchObject({
        band,
        score: { value: probability },
        status: band === 'high' ? 'decided' : 'in_review',
        decidedBy: band === 'high' ? 'model' : 'gate',
      });
      expect(answer.status).toBe(band === 'high' ? 200 : 202);
      if (band === 'high') expect(answer.body).toMatchObject({ outcome: 'approve', confidence: probability });
      else expect(answer.text).not.toContain('approve');
      counts[band] += 1;
    }
    for (const band of ['high', 'middle', 'low'] as const) expect(counts[band]).toBeGreaterThan(0);
    report(counts, tHigh);
  });

  it('are reviewed by people where the band asks for it, and nowhere else', async () => {
    const store = gateway.rooms.cells.get('eu')?.store;
    const tasks = await store?.query<{ decision_id: string; origin: string }>({
      text: 'SELECT decision_id, origin FROM review_tasks',
      values: [],
    });
    const waiting = [...answers.values()]
      .filter(({ status }) => status === 202)
      .map(({ decisionId }) => decisionId);
    expect(tasks?.map((task) => task.decision_id).sort()).toEqual(waiting.sort());
    expect(new Set(tasks?.map((task) => task.origin))).toEqual(new Set(['middle', 'low']));
  });

  /** What the bands are worth at five to one: a bad loan costs five, a good one lost costs one. */
  function report(counts: Record<Band, number>, tHigh: number): void {
    const bad = [...good].filter(([row, probability]) => probability >= tHigh && isBad.get(row)).length;
    const alone = [...good].reduce((cost, [row, probability]) => {
      if (probability >= 0.5) return cost + (isBad.get(row) ? 5 : 0);
      return cost + (isBad.get(row) ? 0 : 1);
    }, 0);
    const reviews = counts.middle + counts.low;
    const banded = 5 * bad + 0.3 * reviews;
    console.log(
      [
        `german-credit: high ${counts.high} (${bad} of them bad), middle ${counts.middle}, low ${counts.low}`,
        `german-credit: cost at 5:1: the model alone ${alone}; with bands ${banded.toFixed(1)}, of which`,
        `german-credit: ${5 * bad} for bad loans granted and ${(0.3 * reviews).toFixed(1)} for ${reviews} reviews at 0.3`,
      ].join('\n'),
    );
  }
});

function thresholds(): { tLow: number; tHigh: number } {
  const file = join(root, 'examples/decision-types/credit-application/type.yaml');
  return (parse(readFileSync(file, 'utf8')) as { bands: { tLow: number; tHigh: number } }).bands;
}

/** An OpenAI-compatible endpoint that knows each row’s probability. */
function modelOf(good: ReadonlyMap<string | undefined, number>): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as {
        messages: { content: string }[];
      };
      const row = /"row_id":"(\d+)"/.exec(messages.at(-1)?.content ?? '')?.[1];
      const probabilityGood = good.get(row);
      const recommendation = probabilityGood !== undefined && probabilityGood >= 0.5 ? 'approve' : 'decline';
      const content = JSON.stringify({ recommendation, probabilityGood, reasons: ['R02'] });
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          object: 'chat.completion',
          created: 0,
          model: 'scorecard-2026-11',
          choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
        }),
      );
    });
  });
}

async function sendAll(
  gateway: TestGateway,
  rows: readonly Readonly<Record<string, string>>[],
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  const waiting = rows.values();
  const worker = async () => {
    for (const { target: _target, ...input } of waiting) {
      const answer = await gateway.post('/v1/decisions', { input }, { decisionType: 'credit-application' });
      answers.set(input['row_id'] ?? '', answer);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return answers;
}

interface RecordInStore {
  readonly types: readonly string[];
  readonly outcome: OutcomeFacts | undefined;
}

/** Every decision as the store has it. */
async function recordsOf(gateway: TestGateway): Promise<Map<string, RecordInStore>> {
  const rows = await gateway.rooms.cells.get('eu')?.store.query<{ decision_id: string; headers: string[] }>({
    text: `SELECT decision_id, array_agg(convert_from(header, 'UTF8') ORDER BY committed_in, entry_id) AS headers
             FROM entries GROUP BY decision_id`,
    values: [],
  });
  return new Map(
    (rows ?? []).map(({ decision_id: id, headers }) => {
      const parsed = headers.map((header) => JSON.parse(header) as { type: string; facts: OutcomeFacts });
      const outcome = parsed.find(({ type }) => type === 'outcome')?.facts;
      return [id, { types: parsed.map(({ type }) => type), outcome }];
    }),
  );
}

function readCsv(name: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(join(folder, name), 'utf8').trim().split(/\r?\n/);
  const columns = (head ?? '').split(',');
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, values[i] ?? '']));
  });
}
