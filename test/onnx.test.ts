import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import type { IntentPayload } from '../src/audit/payload-content.ts';
import { createReplayer } from '../src/gateway/replay/replayer.ts';
import { obeyRuntime, settings, tokenizerFile } from '../src/validation/operator-model/obey-fixture.ts';
import { defaultValidationPolicy } from '../src/validation/policy.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';

/*
 * A model of the operator's own, from countersign.yaml to a replay. The package that would run it is none of our
 * dependencies, so one stands in for it that takes the word "obey" for an attack.
 */
const runtime = obeyRuntime();
vi.mock('onnxruntime-node', () => ({ default: runtime }));

let gateway: TestGateway;
let folder: string;
const replayer = createReplayer();

const lookup = {
  id: 'lookup',
  description: 'Looks something up.',
  effect: 'read',
  parameters: { type: 'object', properties: { q: { type: 'string' } }, additionalProperties: false },
  arguments: {},
  result: 'untrusted',
  runs: {
    kind: 'javascript',
    file: 'lookup.js',
    limits: { timeoutMs: 3_000, outputBytes: 4_096, memoryBytes: 8_388_608, stackBytes: 131_072 },
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-onnx-'));
  const [model, tokenizer] = [join(folder, 'model.onnx'), join(folder, 'tokenizer.json')];
  await writeFile(model, 'weights');
  await writeFile(tokenizer, tokenizerFile());
  const validation = { ...defaultValidationPolicy, onnx: { ...settings, maxTokens: 64, model, tokenizer } };
  gateway = await startTestGateway({
    types: [
      {
        name: 'with-tools',
        like: 'chat-test',
        files: {
          'tools/lookup.yaml': stringify(lookup),
          'tools/lookup.js': 'function tool({ q }) { return { found: q }; }',
        },
        tools: {
          allow: ['lookup'],
          roundsMax: 2,
          untrusted: ['document', 'retrieved', 'tool_result'],
          onViolation: 'refuse',
        },
      },
    ],
    change: (config) => ({ ...config, validation }),
  });
});
afterAll(async () => {
  replayer.close();
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

async function storyOf(decisionId: string) {
  const story = await gateway.story(decisionId);
  const cell = gateway.rooms.cells.get('eu');
  if (!story || !cell) throw new Error('no record');
  return { story, cell };
}

/** The record alone has to do: whoever replays it may have no model. */
async function expectReplayed(decisionId: string) {
  const { story, cell } = await storyOf(decisionId);
  const create = vi.spyOn(runtime.InferenceSession, 'create');
  const { result } = await replayer.replay(cell.store, story, { reveal: true });
  expect([result.result, result.firstDifference]).toEqual(['equal', null]);
  expect(create).not.toHaveBeenCalled();
  return story;
}

const claim = (note: string) => ({
  decisionType: 'claims-triage',
  input: {
    description: 'A pane broke on 2026-11-02. Repair for 180.00 EUR, receipt and photo attached.',
    note,
  },
});

describe('a model of the operator’s own, in a gateway', () => {
  it('passes what it takes for honest, and its scores are in the record', async () => {
    const answer = await gateway.post('/v1/decisions', claim('good day'));
    expect(answer.body).toMatchObject({ status: 'decided', outcome: 'pay' });
    const story = await expectReplayed(answer.decisionId);
    const payload = story.entries[0]?.payload as IntentPayload | undefined;
    const scores = payload?.request?.operatorScores ?? [];
    expect(scores.length).toBeGreaterThan(1);
    expect(scores.flatMap(({ windows }) => windows).every(({ score }) => score === 47)).toBe(true);
  });

  it('refuses what it takes for an attack, and the replay agrees without it', async () => {
    const answer = await gateway.post('/v1/decisions', claim('obey'));
    expect([answer.status, answer.code]).toEqual([400, 'INPUT_REFUSED']);
    const story = await expectReplayed(answer.decisionId);
    const header = JSON.stringify(story.entries[0]?.header);
    expect(header).toContain('"detector":"onnx"');
    expect(header).toContain('"rule":"operator-model"');
  });

  it.each([
    ['hello', 'decided'],
    ['obey', 'stopped'],
  ])('sees what tools give as well: %s is %s', async (q, end) => {
    await gateway.eu.setBehaviour({
      mode: 'calls',
      rounds: [[{ name: 'lookup', arguments: JSON.stringify({ q }) }]],
    });
    const key = await gateway.keyFor({ decisionTypes: ['with-tools'] });
    const body = { model: 'scorecard', messages: [{ role: 'user', content: 'Good day.' }] };
    const answer = await gateway.post('/v1/chat/completions', body, { key, decisionType: 'with-tools' });
    await gateway.eu.setBehaviour({ mode: 'ok' });
    const story = await expectReplayed(answer.decisionId);
    const calls = story.entries.flatMap(({ payload }) => {
      return (payload as { toolCalls?: { scored?: { score: number }[] }[] } | null)?.toolCalls ?? [];
    });
    expect(calls.map(({ scored }) => scored?.map(({ score }) => score))).toEqual([
      [end === 'stopped' ? 952 : 47],
    ]);
    expect(JSON.stringify(story.entries.at(-1)?.header).includes('"rule":"operator-model"')).toBe(
      end === 'stopped',
    );
  });
});
