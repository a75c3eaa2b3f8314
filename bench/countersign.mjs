import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { answersHttp, startChild } from './child.mjs';
import { childrenNamed, cpuMsOfTree } from './cpu.mjs';

const here = import.meta.dirname;
const main = join(here, '../dist/cli/main.js');
const config = join(here, 'countersign.yaml');
// countersign.yaml names it as dataDir.
const dataDir = join(here, '.countersign');
const decisionType = 'chat-bench';
const env = { BENCH_UPSTREAM_KEY: 'bench' };

/**
 * Countersign with every gate on, over an embedded PostgreSQL.
 * @param {{ port: number, chatPath: string }} options
 * @returns {Promise<import('./targets.mjs').Target>}
 */
export async function startCountersign({ port, chatPath }) {
  if (!existsSync(main))
    throw new Error('dist/cli/main.js is missing; run "npm run build" in the root first');
  forgetData();
  const url = `http://127.0.0.1:${port}`;
  const child = await startChild({
    name: 'countersign',
    args: [main, 'serve', '--config', config],
    env,
    isUp: () => isReady(url),
    timeoutMs: 120_000,
  });
  try {
    const [databasePid] = childrenNamed(child.pid, 'postgres');
    if (databasePid === undefined) throw new Error('countersign runs no PostgreSQL below it');
    return {
      name: 'countersign',
      address: { url: url + chatPath, headers: labelHeaders(createKey()) },
      cpuMs: () => cpuByPart(child.pid, databasePid),
      answersCommitted: () => countCommittedAnswers(url),
      stop: async () => {
        await child.stop();
        forgetData();
      },
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** @param {string} url */
async function isReady(url) {
  return (await answersHttp(url)) && (await fetch(`${url}/readyz`)).status === 200;
}

/** @returns {string} the key of a caller who may do nothing but this */
function createKey() {
  const grants = [
    '--tenant',
    'bench',
    '--jurisdictions',
    'EU',
    '--types',
    decisionType,
    '--data-classes',
    'personal',
  ];
  const args = [
    'keys',
    'create',
    '--config',
    config,
    '--name',
    'bench',
    ...grants,
    '--roles',
    'caller',
    '--json',
  ];
  const output = execFileSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  const { key } = JSON.parse(output);
  if (typeof key !== 'string') throw new Error('"keys create --json" printed no key');
  return key;
}

/** @param {string} key */
function labelHeaders(key) {
  return {
    authorization: `Bearer ${key}`,
    'countersign-decision-type': decisionType,
    'countersign-jurisdiction': 'EU',
    'countersign-data-class': 'personal',
  };
}

/**
 * How many answers the gateway says are sealed in its store. It counts one after its commit has
 * returned and before the answer is released, so it may run ahead of the client, never behind.
 * @param {string} url
 */
async function countCommittedAnswers(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('countersign_decisions_total{'))
    .filter((line) => line.includes(`decision_type="${decisionType}"`) && line.includes('status="decided"'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/**
 * Each run starts with an empty store. Where root runs from a folder that PostgreSQL's account cannot
 * reach, the gateway keeps the data elsewhere; then the keys to it are here, and both stay.
 */
function forgetData() {
  if (!existsSync(dataDir)) return;
  const names = new Set(
    readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).map((file) => basename(file)),
  );
  const isHere = names.has('PG_VERSION');
  const isInUse = names.has('postmaster.pid');
  if (isHere && !isInUse) rmSync(dataDir, { recursive: true });
}

/**
 * PostgreSQL is a child of the gateway, so its time is taken out of the gateway's own.
 * @param {number} gatewayPid
 * @param {number} databasePid
 */
function cpuByPart(gatewayPid, databasePid) {
  const postgres = cpuMsOfTree(databasePid);
  return { gateway: cpuMsOfTree(gatewayPid) - postgres, postgres };
}
