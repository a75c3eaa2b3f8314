import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * @param {string} name
 * @param {readonly string[]} args
 */
function start(name, args) {
  const path = fileURLToPath(new URL(`../bin/${name}.mjs`, import.meta.url));
  return spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/**
 * Runs a program to its end.
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Promise<{code: number | null, stdout: string, stderr: string}>}
 */
export function runProgram(name, args) {
  return new Promise((resolve) => {
    const child = start(name, args);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * Starts a witness and waits for its address.
 * @param {string} state
 * @param {readonly string[]} args
 * @returns {Promise<{url: string, stop: (signal: NodeJS.Signals) => Promise<number | null>}>}
 */
export function startWitness(state, args) {
  return new Promise((resolve, reject) => {
    const child = start('countersign-witness', ['serve', '--state', state, '--port', '0', ...args]);
    let [stdout, stderr] = ['', ''];
    /** @type {Promise<number | null>} */
    const ended = new Promise((settle) => child.once('close', settle));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      const end = stdout.indexOf('\n');
      if (end < 0) return;
      resolve({
        url: stdout.slice(0, end),
        stop: (signal) => {
          child.kill(signal);
          return ended;
        },
      });
    });
    child.once('close', () => reject(new Error(stderr)));
  });
}
