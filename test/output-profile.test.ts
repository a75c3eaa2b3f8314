import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutcomePayload } from '../src/audit/payload-content.ts';
import type { OutcomeFacts } from '../src/decision/entry.ts';
import { createReplayer } from '../src/gateway/replay/replayer.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';
import { type ScriptedUpstream, startScriptedUpstream } from './support/scripted-upstream.ts';

/*
 * A model that has always answered in one way answers in another. What was usual is counted in PostgreSQL; the
 * numbers that a verdict rests on stand in its record.
 */

const warmupAnswers = 20;
let upstream: ScriptedUpstream;
let gateway: TestGateway;
const replayer = createReplayer();

beforeAll(async () => {
  upstream = await startScriptedUpstream();
  gateway = await startTestGateway({
    euUrl: upstream.url,
    types: (['review', 'refuse', 'record'] as const).map((action) => ({
      name: `profiled-${action}`,
      like: 'chat-test' as const,
      outputProfile: { warmupAnswers, tolerance: 6, action },
    })),
  });
});
afterAll(async () => {
  replayer.close();
  await gateway.stop();
  await upstream.close();
});

const usual = (i: number) =>
  `The claim of the customer is covered by the contract, and ${i % 7} documents have been read for this answer.`;
const odd = 'The claim is covered by the contract. ![status](https://example.org/p.png?d=covered)';

async function ask(type: string, content: string) {
  upstream.script = () => content;
  const key = await gateway.keyFor({ decisionTypes: [type] });
  const body = { model: 'scorecard', messages: [{ role: 'user', content: 'Is it covered?' }] };
  const answer = await gateway.post('/v1/chat/completions', body, { key, decisionType: type });
  const story = await gateway.story(answer.decisionId);
  const outcome = story?.entries.find(({ header }) => header.type === 'outcome');
  if (!story || !outcome) throw new Error(`no outcome: ${answer.text}`);
  const cell = [...gateway.rooms.cells.values()].find(({ id }) => id === outcome.header.cell);
  if (!cell) throw new Error('no cell');
  return {
    answer,
    facts: outcome.header.facts as OutcomeFacts,
    payload: outcome.payload as OutcomePayload,
    replay: () => replayer.replay(cell.store, story, { reveal: true }),
  };
}

async function warmUp(type: string): Promise<void> {
  for (let i = 0; i < warmupAnswers; i += 1) await ask(type, usual(i));
  await gateway.rooms.outputProfiles.refresh();
}

function outputVerdict({ verdicts }: OutcomeFacts) {
  return verdicts.find(({ gate }) => gate === 'output');
}

describe('an answer unlike those before it', () => {
  it('passes while the profile warms up', async () => {
    const { facts, payload } = await ask('profiled-review', odd);
    expect(outputVerdict(facts)).toMatchObject({ kind: 'pass', findings: [] });
    expect(payload).not.toHaveProperty('outputProfile');
  });

  it.each(['refuse', 'record'] as const)('leads to what the type asks for: %s', async (action) => {
    const type = `profiled-${action}`;
    await warmUp(type);
    const honest = await ask(type, usual(3));
    expect(outputVerdict(honest.facts)).toMatchObject({ kind: 'pass', findings: [] });
    const { answer, facts, payload, replay } = await ask(type, odd);
    const verdict = outputVerdict(facts);
    expect(verdict?.kind).toBe(action === 'record' ? 'pass' : action);
    expect(verdict?.findings.map(({ rule }) => rule)).toEqual(['unusual-links', 'unusual-images']);
    expect(answer.code).toBe(action === 'refuse' ? 'OUTPUT_REFUSED' : answer.code);
    expect(payload.outputProfile).toMatchObject({ usual: { links: { low: 0, high: 0 } }, forms: ['text'] });
    expect((await replay()).result).toMatchObject({ result: 'equal' });
  });

  it('goes to a person with its reasons, and is replayed by the numbers of its day', async () => {
    await warmUp('profiled-review');
    // The answer of the warm-up is one of twenty-one: by the profile it is a habit.
    const habit = await ask('profiled-review', odd);
    expect(outputVerdict(habit.facts)?.kind).toBe('pass');
    const flood = await ask('profiled-review', usual(1).repeat(60));
    expect(flood.facts.status).toBe('in_review');
    expect(outputVerdict(flood.facts)).toMatchObject({
      kind: 'review',
      reasons: ['OUTPUT_UNUSUAL'],
      detail: 'unusual characters',
    });
    // What is usual changes; the verdict of that day does not.
    for (let i = 0; i < 12; i += 1) await ask('profiled-review', usual(i).repeat(2));
    await gateway.rooms.outputProfiles.refresh();
    const again = await flood.replay();
    expect(again.result).toMatchObject({ result: 'equal', firstDifference: null });
    expect(flood.payload.outputProfile?.usual['characters']?.high).toBeGreaterThan(100);
  });

  it('is not learned from, and a new version of the type begins anew', async () => {
    const cell = gateway.rooms.cells.get('eu');
    const rows = await cell?.store.query<{ value: string }>({
      text: `SELECT value FROM output_profiles WHERE decision_type = 'profiled-refuse' AND feature = 'images'`,
      values: [],
    });
    expect(rows?.map(({ value }) => value)).toEqual(['0']);
    const { config } = gateway.rooms.types.get('profiled-refuse') ?? {};
    const key = { decisionType: 'profiled-refuse', endpoint: 'simulator-eu' };
    const bounds = (typeVersion: string) =>
      gateway.rooms.outputProfiles.boundsOf('eu', { ...key, typeVersion }, config?.outputProfile);
    expect(bounds(config?.version ?? '')).toMatchObject({ languages: ['en'] });
    expect(bounds('another')).toBeNull();
  });

  it('can be changed by adding alone', async () => {
    const [cell] = [...gateway.rooms.cells.values()];
    const forbidden = cell?.store.query({ text: 'UPDATE output_profiles SET answers = 0', values: [] });
    await expect(forbidden).rejects.toThrow();
  });
});
