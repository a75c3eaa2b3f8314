// The floor: a Node proxy that looks at nothing. What a gateway costs beyond it are its gates.
// usage: node bare-proxy.mjs --port PORT --upstream http://HOST:PORT
import { Agent, createServer, request as send } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { port: { type: 'string' }, upstream: { type: 'string' } } });
const upstream = new URL(values.upstream ?? '');
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

const server = createServer((request, response) => {
  const headers = { ...request.headers, host: upstream.host };
  const options = {
    agent,
    host: upstream.hostname,
    port: upstream.port,
    method: request.method,
    path: request.url,
  };
  const forwarded = send({ ...options, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  forwarded.on('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  request.pipe(forwarded);
});
server.keepAliveTimeout = 600_000;
server.listen(Number(values.port), '127.0.0.1');
