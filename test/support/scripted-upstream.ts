import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { completeChat } from '../../src/simulator/completion.ts';

/** A request as an endpoint gets it. */
export interface AskedMessages {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly text: string;
}

export interface ScriptedUpstream {
  /** Base URL with `/v1`. */
  readonly url: string;
  readonly asked: AskedMessages[];
  /** What is answered from now on: a text, null for HTTP 503, or undefined for what the simulator says. */
  script: (request: AskedMessages) => string | null | undefined;
  close(): Promise<void>;
}

/** The simulator's model behind a door at which a test may answer in its place. */
export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const asked: AskedMessages[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const { messages } = JSON.parse(bytes.toString('utf8')) as AskedMessages;
      const one = { messages, text: bytes.toString('utf8') };
      asked.push(one);
      const said = upstream.script(one);
      const { status, body } =
        said === null ? { status: 503, body: { error: { message: 'out' } } } : completeChat(bytes, null);
      const answer = typeof said === 'string' ? withContent(body, said) : body;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const upstream: ScriptedUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    script: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return upstream;
}

function withContent(body: unknown, content: string) {
  const completion = body as { choices: { message: object }[] };
  const [choice] = completion.choices;
  const message = { ...choice?.message, content };
  return { ...completion, choices: [{ ...choice, message, logprobs: null }] };
}
