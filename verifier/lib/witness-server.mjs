import { createServer } from 'node:http';
import { noteBytesMax } from './note.mjs';
import { addCheckpoint } from './witness.mjs';

/** 64 lines before the checkpoint, none longer than a hash in base64. */
const bodyBytesMax = noteBytesMax + 64 * 64;

/**
 * Serves `POST /add-checkpoint`.
 * @param {object} options
 * @param {import('./witness-state.mjs').WitnessState} options.state
 * @param {() => readonly import('./vkey.mjs').VerifierKey[]} options.logs asked anew for each request
 * @param {() => boolean} options.isHeld false when another process took the state over
 * @param {(line: string) => void} options.log
 * @param {() => number} [options.nowMs]
 * @returns {import('node:http').Server}
 */
export function createWitnessServer({ state, logs, isHeld, log, nowMs = Date.now }) {
  return createServer((request, response) => {
    const reply = (/** @type {import('./witness.mjs').Answer} */ { status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body);
      log(`${request.method} ${request.url} ${status}`);
    };
    const refuse = (/** @type {number} */ status, /** @type {string} */ body) =>
      reply({ status, type: 'text/plain; charset=utf-8', body: `${body}\n` });
    if (request.url !== '/add-checkpoint') {
      refuse(404, 'there is only /add-checkpoint');
    } else if (request.method === 'POST') {
      if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) {
        response.setHeader('connection', 'close');
        refuse(413, 'the request is too large');
        return;
      }
      readBody(request)
        .then((body) => {
          if (!isHeld()) throw new Error('another process took over the state of this witness');
          return reply(addCheckpoint(body, state, logs(), nowMs()));
        })
        .catch((/** @type {unknown} */ error) => {
          log(`fault: ${String(error)}`);
          if (!response.headersSent) refuse(500, 'the witness failed');
        });
    } else {
      response.setHeader('allow', 'POST');
      refuse(405, 'only POST is answered');
    }
  });
}

/** @param {import('node:http').IncomingMessage} request */
async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    // Nothing said how long it would be; leaving the loop closes the connection.
    if (bytes > bodyBytesMax) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
