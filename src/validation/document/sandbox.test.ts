import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { confinedCommand, confinedEnvironment, type Isolation, isolationHere } from './sandbox.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-sandbox-')));
const program = join(folder, 'program', 'tries.mjs');
afterAll(() => rmSync(folder, { recursive: true }));

/** What a parser that has been taken over would try first. */
const tries = `
  const attempt = async (work) => { try { return String(await work()); } catch (error) { return 'no: ' + (error.code ?? error.name); } };
  const fs = await import('node:fs');
  const net = await import('node:net');
  const connect = () => new Promise((resolve, reject) => net.connect(Number(process.argv[2] ?? 1), '127.0.0.1').once('connect', () => resolve('connected')).once('error', reject));
  process.send({
    environment: Object.keys(process.env).sort().join(','),
    passwords: await attempt(() => fs.readFileSync('/etc/passwd').length),
    neighbour: await attempt(() => fs.readFileSync(${JSON.stringify(join(folder, 'secret'))}, 'utf8')),
    write: await attempt(() => fs.writeFileSync(${JSON.stringify(join(folder, 'program', 'left'))}, 'x')),
    shell: await attempt(async () => (await import('node:child_process')).execSync('id').length),
    worker: await attempt(async () => new (await import('node:worker_threads')).Worker('1', { eval: true }).threadId),
    addon: await attempt(() => process.dlopen({ exports: {} }, '/nowhere.node')),
    processes: await attempt(() => fs.readdirSync('/proc').length),
    network: await attempt(connect),
  });`;

async function triesUnder(isolation: Isolation): Promise<Record<string, string>> {
  mkdirSync(join(folder, 'program'), { recursive: true });
  writeFileSync(program, tries);
  writeFileSync(join(folder, 'secret'), 'hunter2');
  const limits = { addons: false, heapMaxMb: 128, dataMaxBytes: 1024 ** 3 };
  const confined = { program, readable: [join(folder, 'program')], ...limits };
  const { file, args } = confinedCommand(confined, isolation);
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
  const child = spawn(file, args, { env: confinedEnvironment, stdio: [...stdio], serialization: 'advanced' });
  const tried = await new Promise<Record<string, string>>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Record<string, string>));
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  child.removeAllListeners('exit');
  child.kill('SIGKILL');
  return tried;
}

describe('the sandbox', async () => {
  const here = await isolationHere();

  it.runIf(here === 'bubblewrap')('keeps a program from the machine and the network', async () => {
    const tried = await triesUnder('bubblewrap');
    for (const name of [
      'passwords',
      'neighbour',
      'write',
      'shell',
      'worker',
      'addon',
      'processes',
      'network',
    ]) {
      expect([name, tried[name]]).toEqual([name, expect.stringMatching(/^no: /)]);
    }
    // The way to the parent is taken out of the environment at the start.
    expect(tried['environment']).toBe('DISABLE_SYSTEM_FONTS_LOAD,PWD');
  });

  it('keeps a program from files, programs and native code where there are only permissions', async () => {
    const tried = await triesUnder('permissions');
    for (const name of ['passwords', 'neighbour', 'write', 'shell', 'worker', 'addon', 'processes']) {
      expect([name, tried[name]]).toEqual([name, expect.stringMatching(/^no: /)]);
    }
    expect(tried['environment']).toBe('DISABLE_SYSTEM_FONTS_LOAD');
  });

  it.skipIf(here === 'bubblewrap')('is known not to be bubblewrap here', () => {
    expect(here).toBe('permissions');
  });
});
