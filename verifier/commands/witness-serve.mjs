import { readFileSync, statSync } from 'node:fs';
import { lockFolder } from '../lib/folder-lock.mjs';
import { createWitnessServer } from '../lib/witness-server.mjs';
import { WitnessState } from '../lib/witness-state.mjs';
import { formatVerifierKey } from '../lib/vkey.mjs';
import { keysOf, parseKeyFile } from './trust.mjs';
import { UsageError } from './usage.mjs';

/** @type {import('./command-line.mjs').Command} */
export const serveCommand = {
  synopsis: 'serve --state DIR [--log VKEY …] [--logs FILE] --port N [--host ADDRESS]',
  about: 'Cosign the checkpoints of known logs that only ever grow (C2SP tlog-witness).',
  help: `Options
  --state DIR      made by init
  --log VKEY       the verifier key of a log, or a file that holds it. Repeatable. A ledger of a new period
                   is a new log.
  --logs FILE      verifier keys, one a line; read again whenever the file changes
  --port N         0 for any free one
  --host ADDRESS   127.0.0.1 when left out; put a TLS proxy in front of it

Runs until it is stopped. Its address is the first line on stdout.

Examples
  countersign-witness serve --state /var/lib/witness --logs /etc/witness/logs --port 7070`,
  positionals: [0, 0],
  options: {
    state: { type: 'string' },
    log: { type: 'string', multiple: true },
    logs: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
  },
  async run({ values, json }) {
    const { state: folder, port, host = '127.0.0.1', logs: file } = values;
    if (typeof folder !== 'string' || !/^\d{1,5}$/.test(String(port))) {
      throw new UsageError('--state and --port are needed');
    }
    const lock = await lockFolder(folder);
    const state = new WitnessState(folder);
    const log = (/** @type {string} */ line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`);
    const logs = logSource(keysOf(values['log']), typeof file === 'string' ? file : null, log);
    const server = createWitnessServer({ state, logs, isHeld: lock.isHeld, log });
    const address = await listen(server, Number(port), String(host));
    const vkey = formatVerifierKey(state.key);
    process.stdout.write(
      json ? `${JSON.stringify({ address, vkey })}\n` : `${address}/add-checkpoint\n${vkey}\n`,
    );
    await stopped(server);
    lock.release();
    return { holds: true, result: { stopped: true }, lines: ['stopped'] };
  },
};

/**
 * The keys given and those of a file. A file that somebody is in the middle of writing leaves the keys
 * as they were.
 * @param {readonly import('../lib/vkey.mjs').VerifierKey[]} given
 * @param {string | null} file
 * @param {(line: string) => void} log
 */
function logSource(given, file, log) {
  if (file === null) {
    if (given.length === 0) throw new UsageError('--log or --logs is needed');
    return () => given;
  }
  let readAtMs = statSync(file).mtimeMs;
  let keys = [...given, ...parseKeyFile(readFileSync(file, 'utf8'))];
  return () => {
    try {
      const { mtimeMs } = statSync(file);
      if (mtimeMs === readAtMs) return keys;
      keys = [...given, ...parseKeyFile(readFileSync(file, 'utf8'))];
      readAtMs = mtimeMs;
    } catch (error) {
      log(`${file} was not read again: ${String(error)}`);
    }
    return keys;
  };
}

/**
 * @param {import('node:http').Server} server
 * @param {number} port
 * @param {string} host
 * @returns {Promise<string>}
 */
function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const bound = /** @type {import('node:net').AddressInfo} */ (server.address());
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`);
    });
  });
}

/**
 * @param {import('node:http').Server} server
 * @returns {Promise<void>} when a signal stopped it and the requests under way were answered
 */
function stopped(server) {
  return new Promise((resolve) => {
    const stop = () => {
      server.close(() => resolve());
      server.closeIdleConnections();
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
}
