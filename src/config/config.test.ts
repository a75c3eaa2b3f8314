import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { effectiveConfig } from './effective.ts';
import { loadConfig } from './load.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { SecretError, resolveSecret } from './secret.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-config-'));
  cpSync('examples', folder, { recursive: true });
  file = join(folder, 'countersign.yaml');
});

afterEach(() => rmSync(folder, { recursive: true }));

function edit(path: string, change: (text: string) => string): void {
  const full = join(folder, path);
  const before = readFileSync(full, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(full, after);
}

function problemsOf(): readonly ConfigProblem[] {
  try {
    loadConfig(file);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function lineOf(path: string, needle: string): number {
  const lines = readFileSync(join(folder, path), 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(needle)) + 1;
}

describe('the example configuration', () => {
  it('is sound, and prints without any secret', () => {
    const config = loadConfig(file);
    expect([...config.decisionTypes.keys()]).toEqual(['claims-triage', 'credit-application']);
    const printed = JSON.stringify(effectiveConfig(config));
    expect(printed).toContain('env:SIMULATOR_EU_KEY');
  });
});

describe('a wrong configuration is refused with its line and a fix', () => {
  it('unknown keys, wherever they are', () => {
    edit('countersign.yaml', (text) =>
      text.replace('    vendorMode: regional', '    vendorMode: regional\n    defaultRoute: true'),
    );
    expect(problemsOf()).toEqual([
      expect.objectContaining({
        line: lineOf('countersign.yaml', 'defaultRoute'),
        path: 'endpoints[0].defaultRoute',
        message: expect.stringContaining('unknown key "defaultRoute"; known keys here: id, '),
      }),
    ]);
  });

  it('duplicate keys and text that is no YAML', () => {
    edit('countersign.yaml', (text) => text.replace('version: 1', 'version: 1\nversion: 1'));
    expect(problemsOf()[0]).toMatchObject({ line: 4, message: expect.stringContaining('unique') });
    writeFileSync(file, 'version: [1');
    expect(problemsOf()).not.toEqual([]);
  });

  it('missing legal facts: none of them has a default', () => {
    for (const key of [
      'processing',
      'storage',
      'support',
      'telemetry',
      'contract',
      'operator',
      'credential',
    ]) {
      cpSync('examples/countersign.yaml', file);
      edit('countersign.yaml', (text) => text.replace(new RegExp(`\\n    ${key}:.*`), ''));
      expect(problemsOf()).toEqual([
        expect.objectContaining({
          path: 'endpoints[0]',
          message: expect.stringContaining(`"${key}" is missing`),
        }),
      ]);
    }
  });

  it('a credential that is not a reference', () => {
    edit('countersign.yaml', (text) => text.replace('env:SIMULATOR_EU_KEY', 'sk-not-a-reference'));
    const [problem] = problemsOf();
    expect(problem).toMatchObject({
      path: 'endpoints[0].credential',
      line: lineOf('countersign.yaml', 'sk-not'),
    });
    expect(problem?.message).not.toContain('sk-not-a-reference');
  });

  it('names that lead nowhere, each at its own place', () => {
    edit('countersign.yaml', (text) =>
      text.replace('jurisdictions: [US]\n    hosted', 'jurisdictions: [USA]\n    hosted'),
    );
    edit('decision-types/claims-triage/type.yaml', (text) =>
      text.replace(/^model: .*$/m, 'model: no-such-model'),
    );
    const problems = problemsOf();
    expect(problems.map((p) => p.path)).toEqual(
      expect.arrayContaining(['cells[1].jurisdictions[0]', 'model']),
    );
    expect(problems.find((p) => p.path === 'model')?.file).toContain('claims-triage');
  });

  it('thresholds out of order', () => {
    edit('decision-types/credit-application/type.yaml', (text) => text.replace(/tLow: [\d.]+/, 'tLow: 0.99'));
    expect(problemsOf()).toEqual([expect.objectContaining({ path: 'bands.tHigh' })]);
  });

  it('a missing prompt, a missing file, and a folder with another name', () => {
    expect(() => loadConfig(join(folder, 'no.yaml'))).toThrow(/cannot be read \(ENOENT\)/);
    edit('decision-types/claims-triage/type.yaml', (text) =>
      text.replace('name: claims-triage', 'name: claims'),
    );
    expect(problemsOf()).toEqual([
      expect.objectContaining({ path: 'name', message: expect.stringContaining('claims-triage') }),
    ]);
  });
});

describe('a secret', () => {
  it('is read from the environment or a file when it is needed, and named but never shown when it is not there', () => {
    process.env['COUNTERSIGN_TEST_SECRET'] = 'from the environment';
    writeFileSync(join(folder, 'secret'), 'from a file\n');
    expect(resolveSecret('env:COUNTERSIGN_TEST_SECRET', folder)).toBe('from the environment');
    expect(resolveSecret('file:secret', folder)).toBe('from a file');
    expect(() => resolveSecret('env:COUNTERSIGN_NO_SUCH', folder)).toThrow(SecretError);
    expect(() => resolveSecret('file:no-such', folder)).toThrow(/file:no-such cannot be read \(ENOENT\)/);
  });
});
