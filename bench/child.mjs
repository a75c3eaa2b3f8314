import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A program under measurement.
 * @typedef {{ name: string, pid: number, stop(): Promise<void> }} Child
 */

const outputCharsMax = 8000;

/**
 * Starts a Node program and waits until `isUp` holds.
 * @param {{ name: string, args: string[], cwd?: string, env?: Record<string, string>, isUp: () => Promise<boolean>, timeoutMs?: number }} options
 * @returns {Promise<Child>}
 */
export async function startChild({ name, args, cwd, env, isUp, timeoutMs = 20_000 }) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output = (output + chunk).slice(-outputCharsMax)));
  }
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(killer);
  };
  const deadline = Date.now() + timeoutMs;
  while (!(await isUp())) {
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (isGone || Date.now() > deadline) {
      await stop();
      throw new Error(`${name} ${isGone ? 'exited' : 'was not up in time'}; its last output:\n${output}`);
    }
    await sleep(50);
  }
  if (child.pid === undefined) throw new Error(`${name} has no process id`);
  return { name, pid: child.pid, stop };
}

/**
 * Whether anything answers HTTP there, whatever it says.
 * @param {string} url
 */
export async function answersHttp(url) {
  try {
    await (await fetch(url)).arrayBuffer();
    return true;
  } catch (error) {
    // fetch reports a refused connection as a TypeError; nothing else is expected here.
    if (error instanceof TypeError) return false;
    throw error;
  }
}
