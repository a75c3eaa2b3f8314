// An OpenAI-compatible upstream in a process of its own: one fixed completion with log-probabilities.
// usage: node mock-upstream.mjs --port PORT [--delay-ms N]
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { completion } from './completion.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string' }, 'delay-ms': { type: 'string', default: '0' } },
});
const delayMs = Number(values['delay-ms']);
const answer = Buffer.from(JSON.stringify(completion));
const headers = { 'content-type': 'application/json', 'content-length': answer.byteLength };
let count = 0;

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    count += 1;
    response.writeHead(200, { ...headers, 'x-request-id': `req-${count}` });
    if (delayMs > 0) setTimeout(() => response.end(answer), delayMs);
    else response.end(answer);
  });
});
// Connections outlive the pauses between a target's turns.
server.keepAliveTimeout = 600_000;
server.listen(Number(values.port), '127.0.0.1');
