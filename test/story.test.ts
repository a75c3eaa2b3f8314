import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
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

beforeAll(async () => {
  config = await writeConfig();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npm start -- --exit --json', () => {
  test('plays eleven scenes that hold, twice on the same data folder', { timeout: 240_000 }, async () => {
    for (const start of ['first', 'second']) {
      const { exitCode, told } = await play();
      expect(
        told.scenes.filter((scene) => !scene.ok),
        `${start} start`,
      ).toEqual([]);
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
  yaml.setIn(['listen', 'port'], await freePort());
  for (const [i, cell] of ['eu', 'us'].entries())
    yaml.setIn(['cells', i, 'keyring', 'file'], `./data/keys/${cell}.json`);
  for (const i of [0, 1]) yaml.setIn(['endpoints', i, 'url'], `http://127.0.0.1:${await freePort()}/v1`);
  const file = join(folder, 'countersign.yaml');
  writeFileSync(file, yaml.toString());
  return file;
}

function play(): Promise<{ exitCode: number; told: Told }> {
  const args = ['dist/cli/main.js', 'start', '--exit', '--json', '--config', config];
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { timeout: 110_000 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode !== 'number' || stdout === '')
        fail(new Error(`no result: ${stderr}`, { cause: error }));
      else done({ exitCode, told: JSON.parse(stdout) as Told });
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return fail(new Error('no TCP port'));
      server.close(() => done(address.port));
    });
  });
}
