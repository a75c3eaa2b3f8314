import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockDataFolder } from './data-folder-lock.ts';
import { StorageSetupError } from './errors.ts';
import { processIdentity } from './process-identity.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const holdAs = (pid: number, identity: string) =>
  writeFile(join(folder, 'gateway.lock'), JSON.stringify({ pid, identity }));
const holder = async () => JSON.parse(await readFile(join(folder, 'gateway.lock'), 'utf8')).pid;

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
}

it('refuses a second gateway with the pid of the first, until that gives the folder free', async () => {
  const lock = await lockDataFolder(folder);
  const error = await lockDataFolder(folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StorageSetupError);
  expect(String(error)).toContain(`pid ${process.pid}`);
  await lock.release();
  await (await lockDataFolder(folder)).release();
  expect(await readdir(folder)).toEqual([]);
});

it('respects a living holder and replaces a dead one', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  await holdAs(child.pid!, processIdentity(child.pid!)!);
  await expect(lockDataFolder(folder)).rejects.toThrow(`pid ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await lockDataFolder(folder);
  expect(await holder()).toBe(process.pid);
});

it.runIf(process.platform === 'linux')(
  'knows a stranger that has got the pid of a dead gateway',
  async () => {
    await holdAs(process.ppid, 'an earlier boot:12345');
    await lockDataFolder(folder);
    expect(await holder()).toBe(process.pid);
  },
);

it.runIf(process.platform === 'linux')('takes a zombie for dead', async () => {
  // The shell never reaps its child: `exec` turned it into a program that does not know of one.
  const shell = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(shell.stdout, 'data');
  const zombie = Number(String(line));
  await expect.poll(() => readFile(`/proc/${zombie}/stat`, 'utf8'), { timeout: 10_000 }).toContain(') Z ');
  expect(processIdentity(zombie)).toBeNull();
  shell.kill('SIGKILL');
});

it('lets one of many simultaneous starters through, with and without a stale lock', async () => {
  for (const stale of [false, true, true, true]) {
    if (stale) await holdAs(await deadPid(), 'gone');
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockDataFolder(folder)));
    const winners = results.filter((result) => result.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const winner of winners) await winner.value.release();
  }
});

it('asks a person about a lock that cannot be read', async () => {
  await writeFile(join(folder, 'gateway.lock'), '{"pid":');
  await expect(lockDataFolder(folder)).rejects.toThrow('is damaged');
});
