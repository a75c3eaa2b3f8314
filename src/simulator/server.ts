import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ModelId } from './answer.ts';
import { type Behaviour, type CalledTool, type VendorWords, readBehaviour } from './behaviour.ts';
import { completeChat, type DialectAnswer, dialectError, listModels } from './completion.ts';
import { embedTexts } from './embedding.ts';
import { isJsonObject, parseJson } from './json-value.ts';
import { type ReceivedRequest, RequestLog } from './request-log.ts';

const bodyBytesMax = 32 * 1024 * 1024;
// Longer than the pools of its callers, as vendors do, so that no request meets a closing socket.
const keepAliveTimeoutMs = 65_000;

export interface SimulatorOptions {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Name of the region, for the log. */
  readonly region: string;
  /** Address to listen on; loopback unless named. */
  readonly host?: string;
  /** Requests are appended here as JSON lines. */
  readonly logFile?: string;
  /** Answers in place of the model that a request names. */
  readonly model?: ModelId;
  /** What of a body stands in the log, as `marks`: tests mark their synthetic requests with it. */
  readonly mark?: RegExp;
  /** Certificate and key as PEM: it then speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A simulated endpoint that is up. */
export interface Simulator {
  /** `http://host:port` or `https://…`, without `/v1`. */
  readonly url: string;
  readonly port: number;
  /** Everything the model routes received, oldest first. */
  requests(): readonly ReceivedRequest[];
  /** Resolves once the behaviour holds: after `refuse` nobody listens, after any other somebody does. */
  setBehaviour(behaviour: Behaviour): Promise<void>;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

/** Starts an OpenAI-compatible endpoint over the scorecard. @throws when the port is taken */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1';
  const endpoint = new SimulatedEndpoint(options, host);
  const port = await endpoint.listen(options.port);
  return {
    url: `${options.tls ? 'https' : 'http'}://${host}:${port}`,
    port,
    requests: () => endpoint.log.all(),
    setBehaviour: (behaviour) => endpoint.setBehaviour(behaviour),
    close: () => endpoint.close(),
  };
}

class SimulatedEndpoint {
  readonly log: RequestLog;
  readonly #server: Server;
  readonly #region: string;
  readonly #host: string;
  readonly #forcedModel: ModelId | null;
  #port = 0;
  #behaviour: Behaviour = { mode: 'ok' };

  constructor(options: SimulatorOptions, host: string) {
    this.log = new RequestLog(options.logFile ?? null, options.mark ?? null);
    this.#region = options.region;
    this.#host = host;
    this.#forcedModel = options.model ?? null;
    const receive = (request: IncomingMessage, response: ServerResponse) => this.#receive(request, response);
    this.#server = options.tls ? createTlsServer(options.tls, receive) : createServer(receive);
    this.#server.keepAliveTimeout = keepAliveTimeoutMs;
  }

  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, this.#host, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        if (address === null || typeof address === 'string') return reject(new Error('no TCP address'));
        this.#port = address.port;
        resolve(address.port);
      });
    });
  }

  async setBehaviour(behaviour: Behaviour): Promise<void> {
    this.#behaviour = behaviour;
    if (behaviour.mode === 'refuse') await this.#stopListening();
    else if (!this.#server.listening) await this.listen(this.#port);
  }

  async close(): Promise<void> {
    await this.#stopListening();
    this.log.close();
  }

  async #stopListening(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > bodyBytesMax) request.destroy();
      else chunks.push(chunk);
    });
    const isModelRoute = path.startsWith('/v1/');
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (isModelRoute) this.#meet(request, response, path, body);
      else if (path === '/simulator/behaviour' && request.method === 'POST') this.#switch(response, body);
      else send(response, dialectError(404, 'route_unknown', 'There is no such route.'));
    });
    request.on('close', () => {
      // What came of a request that broke off has crossed the border all the same.
      if (isModelRoute && !request.complete) this.#note(request, path, Buffer.concat(chunks));
    });
  }

  /** Notes the request, then treats its caller as the behaviour says. */
  #meet(request: IncomingMessage, response: ServerResponse, path: string, body: Buffer): void {
    response.setHeader('x-request-id', this.#note(request, path, body));
    const behaviour = this.#behaviour;
    const answer = () => this.#answer(request.method ?? '', path, body);
    switch (behaviour.mode) {
      case 'ok':
        return send(response, answer());
      case 'slow':
        setTimeout(() => send(response, answer()), behaviour.delayMs).unref();
        return;
      case 'status':
        if (behaviour.status === 429) response.setHeader('retry-after', '1');
        return send(response, dialectError(behaviour.status, 'simulated', 'The simulator was told to fail.'));
      case 'redirect':
        response.setHeader('location', behaviour.location);
        return send(response, dialectError(307, 'moved', 'The simulator is elsewhere today.'));
      case 'says':
        if (behaviour.region !== undefined) response.setHeader('x-ms-region', behaviour.region);
        return send(response, saying(answer(), behaviour));
      case 'calls':
        return send(response, calling(answer(), body, behaviour.rounds));
      case 'garbage':
        return sendBytes(response, 200, Buffer.from('<html>{"choices":[{'));
      case 'reset-mid-body':
        return sendHalf(request, response, answer());
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'hang':
      // A request that was on its way when the door closed stays without an answer.
      case 'refuse':
        return;
    }
  }

  #note(request: IncomingMessage, path: string, body: Buffer): string {
    const requestId = `req-${this.#region}-${randomUUID()}`;
    this.log.append(
      {
        time: new Date().toISOString(),
        region: this.#region,
        route: `${request.method} ${path}`,
        requestId,
        decisionId: headerValue(request, 'countersign-decision-id'),
        callId: headerValue(request, 'countersign-call-id'),
        complete: request.complete,
      },
      body,
    );
    return requestId;
  }

  #answer(method: string, path: string, body: Buffer): DialectAnswer {
    if (method === 'POST' && path === '/v1/chat/completions') return completeChat(body, this.#forcedModel);
    if (method === 'POST' && path === '/v1/embeddings') return embedTexts(body);
    // It takes notices, too, so that a test sees where they went.
    if (method === 'POST' && path === '/v1/webhook') return { status: 200, body: {} };
    // A tool that says what it was called with, and whose account is on file.
    if (method === 'POST' && /^\/v1\/tools\/[\w-]+$/.test(path))
      return {
        status: 200,
        body: { called: parseJson(body.toString('utf8')), account: 'NL91 ABNA 0417 1643 00' },
      };
    if (method === 'GET' && path === '/v1/models') return listModels();
    return dialectError(404, 'route_unknown', 'There is no such route.');
  }

  #switch(response: ServerResponse, body: Buffer): void {
    const behaviour = readBehaviour(body.toString('utf8'));
    if (typeof behaviour === 'string') {
      send(response, dialectError(400, 'behaviour_invalid', behaviour));
      return;
    }
    // The answer goes out first: refusing drops this connection too.
    response.once('finish', () => void this.setBehaviour(behaviour));
    send(response, { status: 200, body: behaviour });
  }
}

function send(response: ServerResponse, answer: DialectAnswer): void {
  sendBytes(response, answer.status, Buffer.from(JSON.stringify(answer.body)));
}

/** The answer with a vendor's words in its body. */
function saying(answer: DialectAnswer, { inferenceGeo, model }: VendorWords): DialectAnswer {
  const body = answer.body as Readonly<Record<string, unknown>>;
  const usage = body['usage'] as Readonly<Record<string, unknown>> | undefined;
  return {
    status: answer.status,
    body: {
      ...body,
      ...(model !== undefined && { model }),
      ...(usage && inferenceGeo !== undefined && { usage: { ...usage, inference_geo: inferenceGeo } }),
    },
  };
}

/** The answer with the tool calls of the round that its request is in; as it is after the last round. */
function calling(
  answer: DialectAnswer,
  request: Buffer,
  rounds: readonly (readonly CalledTool[])[],
): DialectAnswer {
  const asked = parseJson(request.toString('utf8'));
  const messages = isJsonObject(asked) && Array.isArray(asked['messages']) ? asked['messages'] : [];
  const since = messages.findLastIndex((one) => isJsonObject(one) && one['role'] === 'user');
  const done = messages.slice(since + 1).filter((one) => isJsonObject(one) && one['role'] === 'assistant');
  const calls = rounds[done.length];
  const body = answer.body as { readonly choices?: readonly Readonly<Record<string, unknown>>[] };
  if (calls === undefined || body.choices === undefined) return answer;
  const toolCalls = calls.map((call, i) => ({ id: `sim_${i}`, type: 'function', function: call }));
  const message = { role: 'assistant', content: null, refusal: null, tool_calls: toolCalls };
  const choices = body.choices.map((choice) => ({ ...choice, message, finish_reason: 'tool_calls' }));
  return { status: answer.status, body: { ...body, choices } };
}

function sendBytes(response: ServerResponse, status: number, bytes: Buffer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.byteLength });
  response.end(bytes);
}

function sendHalf(request: IncomingMessage, response: ServerResponse, answer: DialectAnswer): void {
  const bytes = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': bytes.byteLength,
  });
  response.write(bytes.subarray(0, bytes.byteLength >> 1), () => request.socket.resetAndDestroy());
}

function headerValue(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
