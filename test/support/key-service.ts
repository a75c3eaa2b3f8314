import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a key service answers when something is wrong with it; null is silence. */
export type Misbehaviour = {
  readonly status: number;
  readonly body: string;
  readonly headers?: object;
} | null;

export interface BrokenService {
  readonly url: string;
  /** What it was asked, in order. */
  readonly requests: {
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[];
  close(): Promise<void>;
}

/** A server on the loopback that goes wrong in one way. It is no key service: it wraps nothing. */
export async function brokenService(
  answer: (turn: number) => Misbehaviour | 'hang up',
): Promise<BrokenService> {
  const requests: BrokenService['requests'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      const wrong = answer(requests.length - 1);
      if (wrong === 'hang up') request.socket.destroy();
      else if (wrong) response.writeHead(wrong.status, { ...wrong.headers }).end(wrong.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
