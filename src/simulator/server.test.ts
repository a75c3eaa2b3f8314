import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Behaviour } from './behaviour.ts';
import { type Simulator, startSimulator } from './server.ts';

interface Received {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
}

const claim = 'claim: the fridge broke on 2026-10-01, receipt over 300 EUR';

function chat(
  url: string,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Received> {
  const body = { model: 'scorecard', messages: [{ role: 'user', content: claim }], ...more };
  return call('POST', `${url}/v1/chat/completions`, JSON.stringify(body), headers);
}

/** One request on a connection of its own. */
function call(
  method: string,
  url: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

let folder: string;
let logFile: string;
let simulator: Simulator;

const logLines = () =>
  readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  logFile = join(folder, 'logs', 'eu.jsonl');
  simulator = await startSimulator({ port: 0, region: 'eu', logFile });
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

describe('the model routes', () => {
  it('answers a chat completion in OpenAI’s shape, the same each time', async () => {
    const first = await chat(simulator.url);
    const second = await chat(simulator.url);
    expect(first.status).toBe(200);
    expect(JSON.parse(first.text)).toMatchObject({
      object: 'chat.completion',
      model: 'scorecard-2026-11',
      choices: [{ index: 0, message: { role: 'assistant' }, logprobs: null, finish_reason: 'stop' }],
    });
    expect(second.text).toBe(first.text);
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
  });

  it('gives token probabilities whose tokens are the answer and whose choice is the stated one', async () => {
    const { text } = await chat(simulator.url, { logprobs: true, top_logprobs: 2 });
    const completion: { choices: Choice[] } = JSON.parse(text);
    const [choice] = completion.choices;
    const content = choice?.message.content ?? '';
    const tokens = choice?.logprobs.content ?? [];
    const stated: { recommendation: string; confidence: number } = JSON.parse(content);
    expect(tokens.map(({ token }) => token).join('')).toBe(content);
    const decisive = tokens.find(({ token }) => token === stated.recommendation);
    expect(Math.exp(decisive?.logprob ?? 0)).toBeCloseTo(stated.confidence, 6);
    expect(decisive?.top_logprobs.map(({ token }) => token)).toEqual(['pay', 'investigate']);
    expect(decisive?.top_logprobs.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 6);
  });

  it('lists its models', async () => {
    const { status, text } = await call('GET', `${simulator.url}/v1/models`);
    expect(status).toBe(200);
    const list: { data: { id: string }[] } = JSON.parse(text);
    expect(list.data.map(({ id }) => id)).toEqual(['scorecard', 'obedient', 'embedder']);
  });

  it('embeds texts in OpenAI’s shape: equal texts alike, and a base64 of the same numbers', async () => {
    const embed = async (more: object) => {
      const body = JSON.stringify({ model: 'embedder', input: [claim, 'x', claim], dimensions: 5, ...more });
      const { text } = await call('POST', `${simulator.url}/v1/embeddings`, body);
      return (JSON.parse(text) as { data: { embedding: unknown }[] }).data.map(({ embedding }) => embedding);
    };
    const [first, second, third] = (await embed({})) as [number[], number[], number[]];
    expect(first).toHaveLength(5);
    expect(Math.hypot(...first)).toBeCloseTo(1, 5);
    expect([first, second]).toEqual([third, expect.not.arrayContaining(first)]);
    const [base64] = (await embed({ encoding_format: 'base64' })) as [string];
    const bytes = Buffer.from(base64, 'base64');
    expect(first.map((_value, i) => bytes.readFloatLE(i * 4))).toEqual(first);
  });

  it.each([{ input: [[1, 2]] }, { input: 'x', model: 'gpt' }, { input: 'x', dimensions: 1e9 }])(
    'answers a wrong embedding request with an error: %j',
    async (body) => {
      const sent = JSON.stringify({ model: 'embedder', ...body });
      const { status } = await call('POST', `${simulator.url}/v1/embeddings`, sent);
      expect(status).toBeGreaterThanOrEqual(400);
    },
  );

  it('takes a notice', async () => {
    const { status } = await call('POST', `${simulator.url}/v1/webhook`, '{"type":"decision.updated"}');
    expect(status).toBe(200);
    expect(logLines()).toMatchObject([{ route: 'POST /v1/webhook' }]);
  });

  it.each<[string, number, Record<string, unknown>]>([
    ['an unknown model', 404, { model: 'gpt' }],
    ['streaming', 400, { stream: true }],
    ['no messages', 400, { messages: 'hello' }],
  ])('answers %s with an error in OpenAI’s envelope', async (_, status, more) => {
    const answer = await chat(simulator.url, more);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('answers a body that is not JSON with 400', async () => {
    expect((await call('POST', `${simulator.url}/v1/chat/completions`, '{"mess')).status).toBe(400);
  });

  it('answers with the forced model whatever is asked for', async () => {
    const forced = await startSimulator({ port: 0, region: 'eu', model: 'obedient' });
    const { text } = await chat(forced.url);
    await forced.close();
    expect(JSON.parse(text)).toMatchObject({ model: 'obedient-2026-11' });
  });
});

interface Choice {
  readonly message: { readonly content: string };
  readonly logprobs: { readonly content: readonly Token[] };
}
interface Token {
  readonly token: string;
  readonly logprob: number;
  readonly top_logprobs: readonly { readonly token: string; readonly logprob: number }[];
}

describe('the log', () => {
  it('has a line for each request with the gateway’s ids and no content', async () => {
    const { headers } = await chat(
      simulator.url,
      {},
      { 'countersign-decision-id': 'd-1', 'countersign-call-id': 'c-1' },
    );
    await call('GET', `${simulator.url}/v1/models`);
    const lines = logLines();
    expect(lines).toMatchObject([
      {
        region: 'eu',
        route: 'POST /v1/chat/completions',
        requestId: headers['x-request-id'],
        decisionId: 'd-1',
        callId: 'c-1',
        complete: true,
      },
      { route: 'GET /v1/models', decisionId: null, callId: null, bytes: 0 },
    ]);
    expect(lines[0]?.['sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(logFile, 'utf8')).not.toContain('fridge');
    expect(simulator.requests()).toEqual(lines);
  });

  it('holds the marks that a test asks for, each once, and nothing else of the body', async () => {
    const marked = await startSimulator({ port: 0, region: 'eu', mark: /mark-[A-Z]+/ });
    await chat(marked.url, { messages: [{ role: 'user', content: 'mark-EU and mark-EU, mark-UK: fridge' }] });
    expect(marked.requests().map(({ marks }) => marks)).toEqual([['mark-EU', 'mark-UK']]);
    expect(JSON.stringify(marked.requests())).not.toContain('fridge');
    await marked.close();
  });

  it('is written before the answer: a request that is never answered is in it', async () => {
    await simulator.setBehaviour({ mode: 'hang' });
    const unanswered = chat(simulator.url, {}, { 'countersign-call-id': 'c-hang' });
    const dropped = expect(unanswered).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect.poll(() => logLines().length).toBe(1);
    expect(logLines()[0]).toMatchObject({ callId: 'c-hang' });
    await simulator.close();
    await dropped;
  });

  it('notes a request that broke off half way as incomplete', async () => {
    const sent = request(`${simulator.url}/v1/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { 'content-length': '100', 'countersign-call-id': 'c-half' },
    });
    sent.on('error', () => sent.destroy());
    await new Promise<void>((resolve) => sent.write('{"half"', () => resolve()));
    await expect.poll(() => openConnections(sent)).toBe(true);
    sent.destroy();
    await expect.poll(() => logLines()).toMatchObject([{ callId: 'c-half', complete: false }]);
  });
});

function openConnections(sent: ReturnType<typeof request>): boolean {
  return sent.socket?.writableLength === 0 && !sent.socket.connecting;
}

function switchTo(behaviour: unknown): Promise<Received> {
  return call('POST', `${simulator.url}/simulator/behaviour`, JSON.stringify(behaviour));
}

describe('behaviours', () => {
  it.each<[Behaviour, number]>([
    [{ mode: 'status', status: 500 }, 500],
    [{ mode: 'status', status: 429 }, 429],
    [{ mode: 'garbage' }, 200],
    [{ mode: 'slow', delayMs: 1 }, 200],
  ])('%j answers %i, and ok again afterwards', async (behaviour, status) => {
    const right = await chat(simulator.url);
    expect((await switchTo(behaviour)).status).toBe(200);
    const answer = await chat(simulator.url);
    expect(answer.status).toBe(status);
    expect(answer.text === right.text).toBe(behaviour.mode === 'slow');
    await switchTo({ mode: 'ok' });
    expect((await chat(simulator.url)).text).toBe(right.text);
  });

  it('garbage is no JSON', async () => {
    await switchTo({ mode: 'garbage' });
    const { text } = await chat(simulator.url);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it.each(['reset', 'reset-mid-body'] as const)(
    '%s breaks the connection after the request is logged',
    async (mode) => {
      await switchTo({ mode });
      await expect(chat(simulator.url)).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(logLines()).toHaveLength(1);
    },
  );

  it('redirect names another place, and keeps method and body', async () => {
    const location = 'http://127.0.0.1:9/v1/chat/completions';
    await switchTo({ mode: 'redirect', location });
    const answer = await chat(simulator.url);
    expect([answer.status, answer.headers['location']]).toEqual([307, location]);
  });

  it('reset-mid-body lets the first half through', async () => {
    const { text } = await chat(simulator.url);
    await switchTo({ mode: 'reset-mid-body' });
    const received = await new Promise<string>((resolve, reject) => {
      const body = JSON.stringify({ model: 'scorecard', messages: [{ role: 'user', content: claim }] });
      const sent = request(
        `${simulator.url}/v1/chat/completions`,
        { method: 'POST', agent: false },
        (response) => {
          let half = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (half += chunk));
          response.on('error', () => resolve(half));
          response.on('end', () => reject(new Error('the answer was complete')));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
    expect(text.startsWith(received)).toBe(true);
    expect(received.length).toBe(text.length >> 1);
  });

  it('refuse closes the door, and opens it on the same port', async () => {
    await simulator.setBehaviour({ mode: 'refuse' });
    await expect(chat(simulator.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await simulator.setBehaviour({ mode: 'ok' });
    expect((await chat(simulator.url)).status).toBe(200);
    expect(simulator.requests()).toHaveLength(1);
  });

  it('refuse over HTTP is answered before the door closes', async () => {
    expect((await switchTo({ mode: 'refuse' })).status).toBe(200);
    await expect
      .poll(() => chat(simulator.url).catch((error: NodeJS.ErrnoException) => error.code))
      .toBe('ECONNREFUSED');
  });

  it.each([{ mode: 'no' }, { mode: 'status', status: 200 }, { mode: 'slow' }, null])(
    'rejects %j',
    async (behaviour) => {
      expect((await switchTo(behaviour)).status).toBe(400);
      expect((await chat(simulator.url)).status).toBe(200);
    },
  );
});

describe('the program', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const start = (...more: string[]) => spawn(process.execPath, ['--import', 'tsx', main, ...more]);

  it('says where it listens, survives its own refusal, recovers on SIGUSR2 and stops on SIGTERM', async () => {
    const child = start('--port', '0', '--region', 'us', '--log', join(folder, 'us.jsonl'));
    const line = String((await once(child.stdout, 'data'))[0]);
    const url = /listening on (http:\S+)/.exec(line)?.[1] ?? '';
    expect((await chat(url)).status).toBe(200);
    await call('POST', `${url}/simulator/behaviour`, JSON.stringify({ mode: 'refuse' }));
    const outcome = () =>
      chat(url).then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code,
      );
    await expect.poll(outcome).toBe('ECONNREFUSED');
    child.kill('SIGUSR2');
    await expect.poll(outcome).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readFileSync(join(folder, 'us.jsonl'), 'utf8')).toContain('"region":"us"');
  });

  it('explains itself when an argument is wrong', async () => {
    const child = start('--port', 'x', '--region', 'us', '--log', join(folder, 'us.jsonl'));
    const message = String((await once(child.stderr, 'data'))[0]);
    expect(message).toContain('usage:');
    expect(await once(child, 'exit')).toEqual([2, null]);
  });
});
