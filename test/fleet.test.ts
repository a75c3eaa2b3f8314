import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A gateway of two processes, as `countersign serve` runs it. */
let child: ChildProcess;
let url: string;
let log = '';
const folder = mkdtempSync(join(tmpdir(), 'countersign-fleet-'));

beforeAll(async () => {
  cpSync('examples', folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, 'countersign.yaml');
  const text = readFileSync(file, 'utf8')
    .replace('port: 8787 }', `port: ${port}, processes: 2 }`)
    .replaceAll('../.countersign', './data');
  writeFileSync(file, text);
  url = `http://127.0.0.1:${port}`;
  child = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--config', file], {
    env: { ...process.env, SIMULATOR_EU_KEY: 'a', SIMULATOR_US_KEY: 'b' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  await until(() => log.includes('Countersign is listening'));
}, 60_000);
afterAll(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('a gateway of several processes', () => {
  it('serves on one port and counts together, whichever process is asked', async () => {
    for (let i = 0; i < 20; i++) {
      const response = await fetch(`${url}/healthz`, { headers: { connection: 'close' } });
      expect(response.status).toBe(200);
    }
    const metrics = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text();
    expect(metrics).toContain('countersign_requests_total{route="/healthz",status="200"} 20');
  });

  it('replaces a process that dies', async () => {
    const [victim] = members();
    process.kill(victim ?? 0, 'SIGKILL');
    await until(() => members().length === 2 && !members().includes(victim ?? 0));
    await until(
      async () => (await fetch(`${url}/readyz`, { headers: { connection: 'close' } })).status === 200,
    );
    expect(log).toContain('starting another');
  });

  it('ends with all of its processes when the first is told to', async () => {
    const all = descendants(child.pid ?? 0);
    expect(all.length).toBeGreaterThan(3);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
    await until(() => all.every((pid) => !isAlive(pid)));
  });
});

function members(): number[] {
  return childrenOf(child.pid ?? 0).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve'),
  );
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent);
}

function descendants(pid: number): number[] {
  const own = childrenOf(pid);
  return own.concat(own.flatMap(descendants));
}

/** -1 for a process that has ended, though it may still wait for its own parent to notice. */
function parentOf(pid: number): number {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return state === 'Z' ? -1 : Number(parent);
  } catch {
    // It ended while the folder was being read.
    return -1;
  }
}

function isAlive(pid: number): boolean {
  return parentOf(pid) !== -1;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`waited 30 s in vain; log:\n${log}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
