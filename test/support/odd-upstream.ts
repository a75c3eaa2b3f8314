import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Random } from '../../src/simulator/random.ts';

/** A model endpoint that answers in every way a gate has to deal with, by the bytes that it is asked. */
export interface OddUpstream {
  /** With `/v1`. */
  readonly url: string;
  /** Requests whose text holds `hold-the-answer` wait until this is called. */
  release(): void;
  heldCount(): number;
  close(): Promise<void>;
}

const foreignIban = 'DE89370400440532013000';
const secret = 'AKIAIOSFODNN7EXAMPLE';

/** @param place makes upstreams answer differently to the same bytes */
export async function startOddUpstream(place: string): Promise<OddUpstream> {
  const held: (() => void)[] = [];
  const server: Server = createServer((request, response) => {
    void readAll(request).then((body) => {
      if (!body.includes('hold-the-answer')) return answer(body + place, response);
      held.push(() => answer(body + place, response));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    release: () => {
      for (const go of held.splice(0)) go();
    },
    heldCount: () => held.length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function answer(body: string, response: ServerResponse): void {
  // The marker of a prompt is new each time; without it, equal requests are answered alike in every run.
  const known = body.replaceAll(/marker=\\"[\w-]{16}\\"/g, '');
  const random = new Random(createHash('sha256').update(known).digest().readUInt32BE(0));
  const fate = random.next();
  if (fate < 0.04) return void response.writeHead(random.pick([400, 429, 500, 503])).end('{"error":{}}');
  if (fate < 0.06) return void response.socket?.destroy();
  response.setHeader('content-type', 'application/json');
  response.setHeader('x-request-id', `odd-${random.next().toString(36).slice(2)}`);
  if (fate < 0.09) return void response.end(random.pick(['no JSON at all', '{"choices":[]}', '']));
  if (fate < 0.11) return void response.end(Buffer.from([0x7b, 0xff, 0xfe, 0x22, 0x7d]));
  const { content, message } = said(body, random);
  const completion = {
    id: 'chatcmpl-odd',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: random.pick(['odd-2026-11', 'odd-2026-11-turbo']),
    choices: [{ index: 0, message, finish_reason: 'stop', logprobs: logprobsOf(body, content, random) }],
    usage: { prompt_tokens: body.length, completion_tokens: content.length, total_tokens: 0 },
  };
  // Odd spacing and order of keys: what is recorded is the bytes, not their meaning.
  response.end(
    random.next() < 0.5
      ? JSON.stringify(completion)
      : `\ufeff${JSON.stringify(completion, null, 1)}`.slice(1),
  );
}

function said(body: string, random: Random): { content: string; message: object } {
  const role = 'assistant';
  const way = random.next();
  if (way < 0.03) return { content: '', message: { role, content: null, refusal: 'I would rather not.' } };
  if (way < 0.06) {
    const call = {
      id: 'c1',
      type: 'function',
      function: { name: 'look', arguments: `{"iban":"${foreignIban}"}` },
    };
    return { content: '', message: { role, content: null, tool_calls: [call] } };
  }
  const content = JSON.stringify(answerTo(body, random)).replace('~', way < 0.5 ? ' ' : '\\u0020');
  const spoilt = way > 0.95 ? content.slice(0, -2) : content;
  return { content: spoilt, message: { role, content: spoilt } };
}

function answerTo(body: string, random: Random): object {
  const probability = Math.round(random.next() * 1e4) / 1e4;
  const extra = random.pick([
    '',
    '',
    '',
    ` Pay to ${foreignIban}.`,
    ` Key ${secret}.`,
    ' Write to jane@example.org.',
    ' \ud83d\ude00',
  ]);
  if (body.includes('claim')) {
    const recommendation = probability >= 0.5 !== random.next() < 0.2 ? 'pay' : 'investigate';
    return { recommendation, confidence: probability, summary: `Seen~once.${extra}` };
  }
  const recommendation = probability >= 0.5 !== random.next() < 0.2 ? 'approve' : 'decline';
  const reasons = extra === '' ? ['R01', 'R02'] : [`R01${extra}`];
  return { recommendation, probabilityGood: random.next() < 0.9 ? probability : '0.9', reasons };
}

function logprobsOf(body: string, content: string, random: Random) {
  if (!body.includes('"logprobs":true') || random.next() < 0.1) return null;
  const tokens = content.match(/.{1,7}/gsu) ?? [];
  return {
    content: tokens.map((token) => ({ token, logprob: -random.next() * random.pick([0.01, 0.2, 3]) })),
  };
}
