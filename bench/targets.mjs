import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { answersHttp, startChild } from './child.mjs';
import { startCountersign } from './countersign.mjs';
import { cpuMsOfTree } from './cpu.mjs';

/**
 * A place to send load to.
 * @typedef {{
 *   name: string,
 *   address: import('./load.mjs').Address,
 *   cpuMs(): Record<string, number>,
 *   answersCommitted?: () => Promise<number>,
 *   stop(): Promise<void>,
 * }} Target
 */

const here = import.meta.dirname;
// countersign.yaml names the first two.
const ports = { mock: 18901, countersign: 18902, bareProxy: 18903, portkey: 18904 };
const chatPath = '/v1/chat/completions';

export const targetNames = ['direct', 'bare-proxy', 'countersign', 'portkey'];

/**
 * Starts the upstream and the wanted targets, all of which forward to it.
 * @param {{ names: readonly string[], delayMs: number }} options
 * @returns {Promise<{ targets: Target[], stop(): Promise<void> }>}
 */
export async function startTargets({ names, delayMs }) {
  /** @type {Target[]} */
  const targets = [];
  const mockUrl = `http://127.0.0.1:${ports.mock}`;
  await requireFreePorts();
  const mock = await startChild({
    name: 'mock upstream',
    args: [join(here, 'mock-upstream.mjs'), '--port', String(ports.mock), '--delay-ms', String(delayMs)],
    isUp: () => answersHttp(mockUrl),
  });
  const stop = async () => {
    for (const target of targets.toReversed()) await target.stop();
    await mock.stop();
  };
  try {
    for (const name of names) targets.push(await startTarget(name, mock, mockUrl));
  } catch (error) {
    await stop();
    throw error;
  }
  return { targets, stop };
}

/**
 * @param {string} name
 * @param {import('./child.mjs').Child} mock
 * @param {string} mockUrl
 * @returns {Promise<Target>}
 */
async function startTarget(name, mock, mockUrl) {
  switch (name) {
    case 'direct':
      // Its processor time is the upstream's own; nothing stands between.
      return {
        name,
        address: { url: mockUrl + chatPath, headers: {} },
        cpuMs: () => ({ upstream: cpuMsOfTree(mock.pid) }),
        stop: async () => undefined,
      };
    case 'bare-proxy':
      return startBareProxy(mockUrl);
    case 'portkey':
      return startPortkey(mockUrl);
    case 'countersign':
      return startCountersign({ port: ports.countersign, chatPath });
    default:
      throw new Error(`there is no target "${name}"; known are ${targetNames.join(', ')}`);
  }
}

/** @param {string} mockUrl @returns {Promise<Target>} */
async function startBareProxy(mockUrl) {
  const url = `http://127.0.0.1:${ports.bareProxy}`;
  const child = await startChild({
    name: 'bare-proxy',
    args: [join(here, 'bare-proxy.mjs'), '--port', String(ports.bareProxy), '--upstream', mockUrl],
    isUp: () => answersHttp(url),
  });
  return {
    name: 'bare-proxy',
    address: { url: url + chatPath, headers: {} },
    cpuMs: () => ({ proxy: cpuMsOfTree(child.pid) }),
    stop: () => child.stop(),
  };
}

/**
 * Portkey's open-source gateway, passing through: no guardrail, no cache, no retry, no record.
 * @param {string} mockUrl
 * @returns {Promise<Target>}
 */
async function startPortkey(mockUrl) {
  const manifest = createRequire(import.meta.url).resolve('@portkey-ai/gateway/package.json');
  const folder = dirname(manifest);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  if (version !== '1.15.2') throw new Error(`Portkey 1.15.2 is measured, found ${version}`);
  const url = `http://127.0.0.1:${ports.portkey}`;
  const child = await startChild({
    name: 'portkey',
    args: [join(folder, 'build/start-server.js'), `--port=${ports.portkey}`, '--headless'],
    cwd: folder,

    isUp: () => answersHttp(url),
  });
  return {
    name: 'portkey',
    address: {
      url: url + chatPath,
      headers: {
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `${mockUrl}/v1`,
        authorization: 'Bearer bench',
      },
    },
    cpuMs: () => ({ gateway: cpuMsOfTree(child.pid) }),
    stop: () => child.stop(),
  };
}

/** Something that already listens there would be measured in place of the target. */
async function requireFreePorts() {
  for (const [name, port] of Object.entries(ports)) {
    if (await answersHttp(`http://127.0.0.1:${port}`)) throw new Error(`port ${port} (${name}) is in use`);
  }
}
