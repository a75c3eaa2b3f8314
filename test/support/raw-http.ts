import { type Socket, connect } from 'node:net';
import { parseObject } from './gateway.ts';

/** An answer read from the socket itself, for requests that no HTTP client would send. */
export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly head: string;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Text is sent as Latin-1, so that a character is a byte. */
export type RawPart = string | Buffer;

/**
 * Sends bytes on a connection of its own and reads one answer. Text is sent as Latin-1, so that a
 * character is a byte. Sending stops when the answer has come.
 */
export async function exchange(
  url: string,
  parts: Iterable<RawPart>,
  options: {
    readonly timeoutMs?: number;
    /** Says "that was all of it" after the last part, as a caller does that breaks off. */
    readonly end?: boolean;
  } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const answered = receive(socket, options.timeoutMs ?? 20_000);
  let done = false;
  void answered.then(() => (done = true));
  for (const part of parts) {
    if (done || socket.destroyed) break;
    const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
    if (!socket.write(bytes)) await drained(socket, answered);
    // An early refusal is read before the next write finds the connection closed.
    await new Promise(setImmediate);
  }
  if (options.end && !done && !socket.destroyed) socket.end();
  const answer = await answered;
  socket.destroy();
  return answer;
}

function drained(socket: Socket, answered: Promise<unknown>): Promise<unknown> {
  const ready = new Promise<void>((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', resolve);
  });
  return Promise.race([ready, answered]);
}

function receive(socket: Socket, timeoutMs: number): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => finish(), timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      resolve(parseAnswer(received));
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (isWhole(received)) finish();
    });
    socket.on('close', finish);
    // A server that has answered may reset what it does not want to read; what it said counts.
    socket.on('error', finish);
  });
}

function isWhole(bytes: Buffer): boolean {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /^content-length: *(\d+)/im.exec(bytes.subarray(0, end).toString('latin1'))?.[1];
  return length !== undefined && bytes.length >= end + 4 + Number(length);
}

function parseAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, Math.max(0, end)).toString('latin1');
  const text = end === -1 ? '' : bytes.subarray(end + 4).toString('utf8');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, text, body: parseObject(text) };
}

/** A whole request: a line, headers as given and in their order, and a body with its length. */
export function rawRequest(
  url: string,
  line: string,
  headers: readonly (readonly [string, string])[],
  body: RawPart = '',
): RawPart[] {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const hasLength = headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const lines = [
    `${line} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(hasLength || bytes.length === 0 ? [] : [`content-length: ${bytes.length}`]),
  ];
  return [`${lines.join('\r\n')}\r\n\r\n`, bytes];
}
