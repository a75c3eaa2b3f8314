import type { DecisionStory } from '../audit/story.ts';
import { StageError } from './stage-error.ts';

/** An answer of the gateway, read whole. */
export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** The JSON object of the body; empty where it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiRequest {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

const replyTimeoutMs = 40_000;

/** A program that uses the gateway: it knows its address and its keys, and nothing from inside. */
export class ApiClient {
  readonly #url: string;
  readonly #signal: AbortSignal;

  constructor(url: string, signal: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  get(path: string, request: ApiRequest = {}): Promise<ApiReply> {
    return this.#send('GET', path, request);
  }

  post(path: string, request: ApiRequest = {}): Promise<ApiReply> {
    return this.#send('POST', path, request);
  }

  /** @throws StageError when the auditor does not get the record */
  async record(decisionId: string, auditorKey: string): Promise<DecisionStory> {
    const reply = await this.get(`/v1/decisions/${decisionId}/record`, { key: auditorKey });
    if (reply.status !== 200) {
      throw new StageError(
        `the record of ${decisionId} was answered with ${reply.status} ${String(reply.body['code'])}`,
      );
    }
    return JSON.parse(reply.bytes.toString('utf8')) as DecisionStory;
  }

  /** Sum of a Prometheus counter over all its labels. */
  async counter(name: string): Promise<number> {
    const reply = await this.get('/metrics');
    const lines = reply.bytes.toString('utf8').split('\n');
    const samples = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async #send(method: string, path: string, request: ApiRequest): Promise<ApiReply> {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        ...(request.key === undefined ? {} : { authorization: `Bearer ${request.key}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(replyTimeoutMs)]),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes, body: objectOf(response, bytes) };
  }
}

function objectOf(response: Response, bytes: Buffer): Record<string, unknown> {
  if (!/\bjson\b/.test(response.headers.get('content-type') ?? '')) return {};
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Whether anybody speaks HTTP there. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return true;
  } catch (error) {
    // What fetch throws when nobody listens, and when nobody answers.
    if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return false;
    throw error;
  }
}
