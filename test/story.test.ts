import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';

interface Told {
  readonly ok: boolean;
  readonly scenes: readonly {
    readonly name: string;
    readonly expected: string;
    readonly actual: string;
    readonly ok: boolean;
    readonly decisionId: string | null;
  }[];
}

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const folder = mkdtempSync(join(tmpdir(), 'countersign-story-test-'));
let config = '';
let simulatorPort = 0;

beforeAll(async () => {
  config = await writeConfig();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npm start -- --exit --json', () => {
  test('plays eleven scenes that hold, twice on the same data folder', { timeout: 240_000 }, async () => {
    const first = await play();
    // Somebody else listens where an endpoint should: the second start moves it.
    const stranger = await listen(simulatorPort);
    const second = await play();
    await new Promise((done) => stranger.close(done));
    for (const { exitCode, told } of [first, second]) {
      expect(told.scenes.filter((scene) => !scene.ok)).toEqual([]);
      expect(told.scenes).toHaveLength(11);
      expect(told.ok).toBe(true);
      expect(exitCode).toBe(0);
      for (const { decisionId } of told.scenes) expect(decisionId).toMatch(uuidV7);
    }
  });

  test('fails, and says which scenes do not hold, when a gate is taken out', {
    timeout: 120_000,
  }, async () => {
    const type = join(folder, 'decision-types/credit-application/type.yaml');
    const honest = readFileSync(type, 'utf8');
    writeFileSync(type, honest.replace('autoDecide: true', 'autoDecide: false'));
    const { exitCode, told } = await play();
    writeFileSync(type, honest);
    expect(exitCode).toBe(1);
    expect(told.ok).toBe(false);
    expect(told.scenes).toHaveLength(11);
    expect(told.scenes[0]).toMatchObject({ ok: false, actual: expect.stringContaining('202 in_review') });
  });
});

/** The example with a data folder and ports of its own. */
async function writeConfig(): Promise<string> {
  const examples = resolve('examples');
  cpSync(join(examples, 'decision-types'), join(folder, 'decision-types'), { recursive: true });
  const yaml = parseDocument(readFileSync(join(examples, 'countersign.yaml'), 'utf8'));
  yaml.setIn(['dataDir'], './data');
  yaml.setIn(['ledger', 'folder'], './ledger');
  yaml.setIn(['egressCounter', 'folder'], './egress');
  for (const cell of [0, 1]) yaml.setIn(['cells', cell, 'archive', 'folder'], './archive');
  yaml.setIn(['listen', 'port'], await freePort());
  simulatorPort = await freePort();
  const ports = [simulatorPort, await freePort()];
  for (const [i, cell] of ['eu', 'us'].entries())
    yaml.setIn(['cells', i, 'keyring', 'file'], `./data/keys/${cell}.json`);
  for (const [i, port] of ports.entries()) yaml.setIn(['endpoints', i, 'url'], `http://127.0.0.1:${port}/v1`);
  const file = join(folder, 'countersign.yaml');
  writeFileSync(file, yaml.toString());
  return file;
}

function play(): Promise<{ exitCode: number; told: Told }> {
  const args = ['dist/cli/main.js', 'start', '--exit', '--json', '--config', config];
  return new Promise((done, fail) => {
    // Logs of a failed play are kept in the folder for temporary files: here they go with the test's own.
    const options = { timeout: 110_000, env: { ...process.env, TMPDIR: folder } };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode !== 'number' || stdout === '')
        fail(new Error(`no result: ${stderr}`, { cause: error }));
      else done({ exitCode, told: JSON.parse(stdout) as Told });
    });
  });
}

async function freePort(): Promise<number> {
  const server = await listen(0);
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

function listen(port: number): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}
