import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sandboxProblem } from '../tools/sandbox/bubblewrap.ts';
import { ConfigError } from './problem.ts';
import { makeToolbox, readToolFiles } from './tool-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-tools-'));
  mkdirSync(join(folder, 'tools'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const limits = { timeoutMs: 100, outputBytes: 100, memoryBytes: 1_000_000, stackBytes: 10_000 };
const honest = {
  id: 'look',
  description: 'Looks something up.',
  effect: 'read',
  parameters: { type: 'object', properties: { q: { type: 'string' } }, additionalProperties: false },
  arguments: {},
  result: 'untrusted',
  runs: { kind: 'javascript', file: 'look.js', limits },
};
const policy = {
  allow: ['look'],
  roundsMax: 1,
  untrusted: ['document', 'retrieved', 'tool_result'],
  onViolation: 'refuse',
} as const;

/** Problems of a folder with this declaration; none where it is fine. */
function problemsOf(tool: object, more: { allow?: string[]; files?: Record<string, string> } = {}): string[] {
  const files = {
    'look.yaml': stringify({ ...honest, ...tool }),
    'look.js': 'function tool() {}',
    ...more.files,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'tools', name), text);
  try {
    const allow = more.allow ?? [...policy.allow];
    makeToolbox(readToolFiles(folder), folder, { ...policy, untrusted: [...policy.untrusted], allow }, true);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('a declared tool', () => {
  it('is read with its code', () => {
    expect(problemsOf({})).toEqual([]);
    const toolbox = makeToolbox(
      readToolFiles(folder),
      folder,
      { ...policy, allow: ['look'], untrusted: [] },
      true,
    );
    expect(toolbox?.tools.get('look')?.code).toBe('function tool() {}');
    expect(toolbox?.tools.get('look')?.matchesParameters({ q: 'x' })).toBe(true);
    expect(toolbox?.tools.get('look')?.matchesParameters({ q: 1 })).toBe(false);
  });

  it.each<[string, object, RegExp, Parameters<typeof problemsOf>[1]?]>([
    ['another name than its file', { id: 'other' }, /the name of its file/],
    ['no place on the list', {}, /is not in tools\.allow/, { allow: [] }],
    ['no file', {}, /is missing/, { allow: ['look', 'pay'] }],
    ['code that is not there', { runs: { ...honest.runs, file: 'none.js' } }, /no such file/],
    ['code from elsewhere', { runs: { ...honest.runs, file: '../look.js' } }, /pattern|match/],
    ['a write that says nothing of an argument', { effect: 'write' }, /says nothing of "q"/],
    [
      'a rule for an argument that is none',
      { arguments: { x: { taint: 'any' } } },
      /no property of parameters/,
    ],
    [
      'arguments without an end',
      { parameters: { ...honest.parameters, additionalProperties: true } },
      /additionalProperties/,
    ],
    [
      'a schema that is none',
      { parameters: { ...honest.parameters, properties: { q: { type: 'nothing' } } } },
      /JSON Schema/,
    ],
    ['no limits', { runs: { kind: 'javascript', file: 'look.js' } }, /limits/],
    ['a key that nobody knows', { sandbox: 'off' }, /sandbox/],
    ['a file of another kind', {}, /neither YAML nor JavaScript/, { files: { 'notes.txt': 'x' } }],
  ])('is refused with %s', (_name, change, message, more) => {
    expect(problemsOf(change, more).join('\n')).toMatch(message);
  });

  it('is refused as a command where no sandbox holds it, and where its program is not', () => {
    const command = {
      kind: 'command',
      program: '/usr/bin/there-is-none',
      arguments: [],
      readable: [],
      limits: { timeoutMs: 1, outputBytes: 1, cpuSeconds: 1, memoryBytes: 1, processes: 1, fileBytes: 1 },
    };
    const expected = sandboxProblem() ?? 'there is no such path here';
    expect(problemsOf({ runs: command }).join('\n')).toContain(expected);
  });
});

describe('a decision type', () => {
  it('without tools has no toolbox', () => {
    expect(makeToolbox([], folder, undefined, true)).toBeNull();
  });
});
