import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IntentPayload } from '../src/audit/payload-content.ts';
import type { DecisionStory } from '../src/audit/story.ts';
import type { OutcomeFacts } from '../src/decision/entry.ts';
import { createReplayer } from '../src/gateway/replay/replayer.ts';
import { type Answer, type TestGateway, startTestGateway } from './support/gateway.ts';
import { type ScriptedUpstream, startScriptedUpstream } from './support/scripted-upstream.ts';

let upstream: ScriptedUpstream;
let gateway: TestGateway;
let key: string;
const replayer = createReplayer();

beforeAll(async () => {
  upstream = await startScriptedUpstream();
  gateway = await startTestGateway({
    euUrl: upstream.url,
    types: [
      { name: 'chat-delimited', like: 'chat-test', delimit: 'toolResults' },
      {
        name: 'chat-lax',
        like: 'chat-test',
        delimit: 'toolResults',
        output: { personalData: 'mask', secrets: 'mask' },
      },
    ],
  });
  key = await gateway.keyFor({ decisionTypes: ['claims-triage', 'chat-test', 'chat-delimited', 'chat-lax'] });
});
afterAll(async () => {
  replayer.close();
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.asked.splice(0);
  upstream.script = () => undefined;
});

const honest = 'A pane broke on 2026-11-02. Repair for 180.00 EUR, receipt and photo attached.';
const claim = { decisionType: 'claims-triage', input: { description: honest } };
const toolTurn = [
  { role: 'system', content: 'You help claims handlers.' },
  { role: 'user', content: 'What do we know of claim 4?' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: 'call_1', content: 'Claim 4: a pane for 180.00 EUR.' },
];

async function storyOf({ decisionId }: Answer): Promise<DecisionStory> {
  const story = await gateway.story(decisionId);
  if (!story) throw new Error('no record');
  return story;
}

async function expectReplayed(story: DecisionStory) {
  const cell = gateway.rooms.cells.get('eu');
  if (!cell) throw new Error('no cell');
  const { result } = await replayer.replay(cell.store, story, { reveal: true });
  expect([result.result, result.firstDifference]).toEqual(['equal', null]);
}

function sealsOf(story: DecisionStory) {
  const payload = story.entries[0]?.payload as IntentPayload | null | undefined;
  const { marker, canary } = payload?.request ?? {};
  return { marker: marker ?? null, canary: canary ?? null };
}

const chat = (messages: readonly object[], decisionType: string) =>
  gateway.post('/v1/chat/completions', { messages }, { decisionType, key });

describe('a prompt', () => {
  it('carries a marker and a canary of its own in every decision, and the record has both', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 3; i += 1) {
      const answer = await gateway.post('/v1/decisions', claim);
      expect(answer.body['status']).toBe('decided');
      const story = await storyOf(answer);
      const { marker, canary } = sealsOf(story);
      const system = upstream.asked[i]?.messages[0]?.content ?? '';
      expect(system).toContain(`Reference of this session: ${canary}.`);
      expect(system).toContain(`Text between <data marker="${marker}">`);
      seen.add(String(marker)).add(String(canary));
      // Neither stands where it could be read without the record's key.
      const headers = JSON.stringify(story.entries.map(({ header }) => header));
      expect(headers).not.toContain(canary);
      expect(headers).not.toContain(marker);
      await expectReplayed(story);
    }
    expect(seen.size).toBe(6);
  });

  it('sets tool messages of a drop-in request apart, and says so beside the operator’s own prompt', async () => {
    const answer = await chat(toolTurn, 'claims-triage');
    const story = await storyOf(answer);
    const { marker, canary } = sealsOf(story);
    const sent = upstream.asked[0]?.messages ?? [];
    expect(sent[0]?.content).toMatch(new RegExp(`^Reference of this session: ${canary}\\.`));
    expect(sent[0]?.content).toContain('You sort household insurance claims');
    expect(sent[0]?.content).toContain(`Text between <data marker="${marker}">`);
    expect(sent.slice(1, 4)).toEqual(toolTurn.slice(0, 3));
    expect(sent[4]?.content).toBe(
      `<data marker="${marker}" kind="tool_result" id="call_1">\nClaim 4: a pane for 180.00 EUR.\n</data marker="${marker}">`,
    );
    await expectReplayed(story);
  });

  it('does so without a prompt of ours where the type asks for it', async () => {
    const parts = [
      { type: 'text', text: 'One.' },
      { type: 'text', text: 'Two.' },
    ];
    const messages = [...toolTurn.slice(0, 3), { role: 'tool', tool_call_id: 'call_1', content: parts }];
    const story = await storyOf(await chat(messages, 'chat-delimited'));
    const { marker } = sealsOf(story);
    const sent = upstream.asked[0]?.messages ?? [];
    expect(sent[0]?.role).toBe('system');
    expect(sent).toHaveLength(5);
    expect(JSON.stringify(sent[4])).toContain(`id=\\"call_1\\">\\nTwo.\\n</data marker=\\"${marker}\\">`);
    await expectReplayed(story);
  });

  it('leaves a drop-in request without a prompt as it came, byte for byte', async () => {
    const story = await storyOf(await chat(toolTurn, 'chat-test'));
    expect(upstream.asked[0]?.messages).toEqual(toolTurn);
    expect(upstream.asked[0]?.text).toContain(`"messages":${JSON.stringify(toolTurn)}`);
    expect(sealsOf(story)).toEqual({ marker: null, canary: null });
    await expectReplayed(story);
  });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const canaryIn = (system: string) => /session: (\w+)\./.exec(system)?.[1] ?? 'none';
const leaks: Readonly<Record<string, (system: string) => string>> = {
  'the prompt': (system) => system,
  'the marker': (system) => /marker="([^"]+)"/.exec(system)?.[1] ?? 'none',
  'the canary': canaryIn,
  'the canary in a field of JSON': (system) =>
    JSON.stringify({ recommendation: 'pay', confidence: 0.98, summary: `Paid; ${canaryIn(system)}.` }),
  'a key of JSON': (system) =>
    JSON.stringify({ recommendation: 'pay', confidence: 0.98, [canaryIn(system)]: 1 }),
  'the canary in escapes': (system) =>
    `{"recommendation":"pay","confidence":0.98,"summary":"${canaryIn(system)
      .split('')
      .map((c) => `\\u00${c.charCodeAt(0).toString(16)}`)
      .join('')}"}`,
  'the prompt in base64': (system) => base64(system.slice(0, 200)),
  'the prompt in base64 twice': (system) => base64(base64(system.slice(0, 200))),
  'the prompt in hexadecimal': (system) => Buffer.from(system.slice(0, 200)).toString('hex'),
  'the prompt in reverse': (system) => system.slice(0, 200).split('').toReversed().join(''),
  'the prompt spaced out': (system) => system.slice(0, 120).split('').join(' '),
  'the prompt under ROT13': (system) =>
    system.slice(0, 200).replaceAll(/[a-z]/g, (c) => String.fromCharCode(((c.charCodeAt(0) - 84) % 26) + 97)),
  'the prompt in URL encoding': (system) => encodeURIComponent(system.slice(0, 200)),
};

describe('an answer that repeats', () => {
  it.each(Object.entries(leaks))('%s is refused', async (_what, leak) => {
    upstream.script = ({ messages }) => leak(messages[0]?.content ?? '');
    const answer = await gateway.post('/v1/decisions', claim);
    expect(answer.code).toBe('OUTPUT_REFUSED');
    const story = await storyOf(answer);
    const { canary, marker } = sealsOf(story);
    expect(answer.text).not.toContain(canary);
    expect(answer.text).not.toContain(marker);
    const verdicts = (story.entries.at(-1)?.header.facts as OutcomeFacts | undefined)?.verdicts ?? [];
    const output = verdicts.find(({ gate }) => gate === 'output');
    expect(output).toMatchObject({ kind: 'refuse', reasons: ['OUTPUT_SECRET'] });
    expect(output?.findings.some(({ rule }) => rule === 'canary')).toBe(true);
    await expectReplayed(story);
  });

  it('it in a chat is refused, even where other secrets are only masked', async () => {
    for (const leak of [leaks['the canary'], leaks['the prompt in base64'], leaks['the prompt spaced out']]) {
      upstream.script = ({ messages }) => leak?.(messages[0]?.content ?? '') ?? '';
      const answer = await chat([{ role: 'user', content: 'Hello.' }], 'chat-lax');
      expect(answer.code).toBe('OUTPUT_REFUSED');
      await expectReplayed(await storyOf(answer));
    }
    upstream.script = () => 'The key is AKIAABCDEFGHIJKLMNOP.';
    const masked = await chat([{ role: 'user', content: 'Hello.' }], 'chat-lax');
    expect(masked.text).not.toContain('AKIA');
    expect(masked.code).not.toBe('OUTPUT_REFUSED');
  });
});
