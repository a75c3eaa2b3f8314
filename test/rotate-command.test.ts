import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { CheckFailed } from '../src/cli/exit.ts';
import { retireCommand, rotateCommand } from '../src/cli/rotate.ts';
import { StorageSetupError } from '../src/storage/errors.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';

let gateway: TestGateway;
let config: string;
let keyFile: string;
const printed: string[] = [];
beforeAll(async () => {
  gateway = await startTestGateway();
  config = join(gateway.folder, 'countersign.yaml');
  keyFile = join(gateway.folder, 'keys/eu.json');
});
afterAll(() => gateway.stop());
beforeEach(() => {
  printed.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => void vi.restoreAllMocks());

const run = (command: Command, ...words: string[]) =>
  command.parseAsync(['--config', config, ...words], { from: 'user' });

interface KeyFile {
  active: string;
  keys: { id: string; createdAt: string }[];
}
const readKeys = async () => JSON.parse(await readFile(keyFile, 'utf8')) as KeyFile;

async function decide(subject: string): Promise<string> {
  const answer = await gateway.post(
    '/v1/chat/completions',
    { messages: [{ role: 'user', content: 'What is my balance?' }] },
    { decisionType: 'chat-test', headers: { 'countersign-subject': subject } },
  );
  expect(answer.status).toBe(200);
  return answer.decisionId;
}

async function expectReadable(decisionId: string): Promise<void> {
  const story = await gateway.story(decisionId);
  expect(story?.intact).toBe(true);
  expect(JSON.stringify(story?.entries)).toContain('What is my balance?');
}

it('rotates and retires a key beside a running gateway, which reads and writes on', async () => {
  const before = await decide('person-1');
  const { active: old } = await readKeys();

  await run(rotateCommand(), '--cell', 'eu', '--json');
  const { active } = await readKeys();
  expect(active).not.toBe(old);
  const report = JSON.parse(printed.join('\n')) as { ok: boolean; cells: object[] };
  expect(report).toMatchObject({ ok: true, cells: [{ cell: 'eu', keyId: active, retirable: old }] });
  await expectReadable(before);
  await expectReadable(await decide('person-1'));
  await expectReadable(await decide('person-2'));

  await run(rotateCommand(), '--no-new-key');
  expect((await readKeys()).active).toBe(active);

  await expect(run(retireCommand(), '--key', old)).rejects.toThrow(StorageSetupError);
  await ageActiveKey();
  await run(retireCommand(), '--key', old);
  expect((await readKeys()).keys.map(({ id }) => id)).toEqual([active]);
  await expectReadable(before);
  await expectReadable(await decide('person-3'));
});

it('keeps a key that a row still needs', async () => {
  const { active } = await readKeys();
  const needed = await decide('person-4');
  const file = await readKeys();
  const ring = {
    ...file,
    keys: [...file.keys, { ...file.keys[0], id: 'k-aaaaaaaaaaaa' }],
    active: 'k-aaaaaaaaaaaa',
  };
  await writeFile(keyFile, JSON.stringify(ring));
  await ageActiveKey();
  await expect(run(retireCommand(), '--key', active)).rejects.toThrow(CheckFailed);
  expect(printed.join('\n')).toMatch(/eu: [1-9]\d* rows need/);
  expect((await readKeys()).keys).toHaveLength(2);
  await expectReadable(needed);
});

it('says when there is no such cell or key', async () => {
  await expect(run(rotateCommand(), '--cell', 'mars')).rejects.toThrow(CheckFailed);
  await expect(run(retireCommand(), '--key', 'k-000000000000')).rejects.toThrow(CheckFailed);
  expect(printed).toEqual([
    'no hosted cell is named "mars"',
    'no key file of a hosted cell has a key "k-000000000000"',
  ]);
});

/** As if the rotation were two hours ago. */
async function ageActiveKey(): Promise<void> {
  const content = await readKeys();
  const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000).toISOString();
  const keys = content.keys.map((key) =>
    key.id === content.active ? { ...key, createdAt: twoHoursAgo } : key,
  );
  await writeFile(keyFile, JSON.stringify({ ...content, keys }));
}
