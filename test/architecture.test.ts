import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type SourceFile,
  codeBlocks,
  hasComputedImport,
  isTest,
  readSources,
  resolveImport,
  sourceFile,
} from './support/source-code.ts';

const src = join(import.meta.dirname, '../src');
const everything = readSources(src);
const sources = everything.filter((file) => !isTest(file));

const gates = ['audit', 'residency', 'validation', 'confidence', 'release', 'models', 'tools'];
const ground = ['storage', 'telemetry', 'decision'];
/** For each room, the other rooms that it may know. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  cli: ['story', 'gateway', 'config', 'simulator', ...gates, ...ground],
  story: ['gateway', 'config', 'simulator', ...gates, ...ground],
  gateway: ['config', ...gates, ...ground],
  config: [...gates, ...ground],
  ...Object.fromEntries(gates.map((gate) => [gate, ground])),
  storage: ['decision'],
  telemetry: ['decision'],
  decision: [],
  simulator: [],
};

/** Packages and built-in modules through which bytes can leave the process. */
const waysOut =
  /^(?:undici|ws|axios|got|node-fetch|(?:node:)?(?:net|http|https|http2|tls|dgram|child_process|cluster))$/;
const globalsOut = /(?<![.\w$])(?:fetch|WebSocket|EventSource|XMLHttpRequest)\s*\(|\bglobalThis\s*[.[]/;
const waysOutAllowed: Readonly<Record<string, readonly string[]>> = {
  'residency/egress.ts': ['undici', 'node:net'],
  // Compares addresses; it opens nothing.
  'residency/assurance/address-range.ts': ['node:net'],
  // Witnesses get checkpoints: sizes and roots, nothing of a record.
  'audit/ledger/witness-client.ts': ['undici'],
  // A key service is no endpoint: it sees wrapped keys, never a record.
  'storage/keyring/vault-keyring.ts': ['undici'],
  'storage/': ['node:net', 'node:child_process'],
  'simulator/': ['node:http', 'node:https'],
  // They talk to the loopback only: to the gateway and the simulators they started.
  'story/': ['node:http', 'node:net', 'node:child_process'],
  'cli/': ['node:http', 'node:net', 'node:child_process', 'node:cluster'],
  // Starts further gateways that share the port.
  'gateway/fleet.ts': ['node:cluster'],
  // Documents are read in a process of their own, which can be killed.
  'validation/document/': ['node:child_process'],
  // Tools run in processes of their own, which have no network.
  'tools/sandbox/': ['node:child_process'],
};

const brands = {
  LawfulEndpoint: 'residency/lawful.ts',
  CommittedIntent: 'audit/record.ts',
  InspectedInput: 'validation/gate.ts',
};

const linesPerFileMax = 300;
const linesPerFunctionMax = 70;
/**
 * Functions that are longer today, by file, with their length. The numbers only ever get smaller: a
 * function that has shrunk, or is gone, must be taken down here too.
 */
const longFunctions: Readonly<Record<string, number>> = {
  // Factories: what is long is the list of small closures that they return.
  'confidence/webhook-worker.ts': 80,
};

describe('the scanner', () => {
  it('read every file', () => {
    const counted = execFileSync('find', [src, '-name', '*.ts', '-type', 'f'], { encoding: 'utf8' });
    expect(everything).toHaveLength(counted.trim().split('\n').length);
    expect(everything.length).toBeGreaterThan(100);
    expect([...new Set(sources.map((file) => file.room))].filter((room) => !(room in mayImport))).toEqual([]);
  });

  it('saw edges that are known to be there, of every kind', () => {
    const edges = new Set(
      sources.flatMap((file) => edgesOf(file).map((edge) => `${file.path} ${edge.to} ${edge.typeOnly}`)),
    );
    for (const edge of [
      'gateway/decide.ts audit/record.ts false',
      'gateway/call-model.ts decision/passage.ts true',
      'residency/egress.ts undici false',
      'residency/egress.ts residency/policy.ts true',
      'storage/group-commit.ts storage/table.ts true',
      'storage/connections.ts pg false',
      'gateway/server.ts gateway/routes/reviews.ts false',
      'config/load.ts residency/policy-check.ts false',
    ]) {
      expect(edges).toContain(edge);
    }
    expect(edges.size).toBeGreaterThan(400);
  });

  it.each([
    ["import a from './a.ts';", './a.ts', false],
    ["import type { A } from './a.ts';", './a.ts', true],
    ["import { type A, b } from './a.ts';", './a.ts', false],
    ["import {\n  a,\n  b,\n} from './a.ts';", './a.ts', false],
    ["import * as a from './a.ts'", './a.ts', false],
    ["import './a.ts';", './a.ts', false],
    ["export { a } from './a.ts';", './a.ts', false],
    ["export * from './a.ts';", './a.ts', false],
    ["export type { A } from './a.ts';", './a.ts', true],
    ["const a = await import('./a.ts');", './a.ts', false],
    ["type A = import('./a.ts').A;", './a.ts', false],
    ["const a = require('./a.ts');", './a.ts', false],
    ["new Worker(new URL('./a.ts', import.meta.url));", './a.ts', false],
  ])('sees %s', (text, specifier, typeOnly) => {
    expect(sourceFile('room/file.ts', text).imports).toEqual([{ specifier, typeOnly }]);
  });

  it.each([
    "// import a from './a.ts';",
    "/* import a from './a.ts'; */",
    `const text = "import a from './a.ts'";`,
    "const text = `import a from './a.ts'`;",
    'const quote = /["\']/; const text = "import(\'x\')";',
  ])('does not take %s for an import', (text) => {
    expect(sourceFile('room/file.ts', text).imports).toEqual([]);
  });

  it('measures blocks of code, and no literals', () => {
    const lines = '\n'.repeat(9);
    const lengths = (text: string) =>
      codeBlocks(sourceFile('room/file.ts', text)).map((block) => block.lines);
    expect(lengths(`function f(a: { b: string }): { c: number } {${lines}}`)).toEqual([10]);
    expect(lengths(`const f = async () => {${lines}};`)).toEqual([10]);
    expect(lengths(`async function f(): Promise<Map<string, A>> {${lines}}`)).toEqual([10]);
    expect(lengths(`class A<B> extends C<D> {\n  m(): void {${lines}}\n}`)).toEqual([10]);
    expect(lengths(`if (a) {${lines}} else {${lines}}`)).toEqual([10, 10]);
    expect(lengths(`const a: A = {${lines}}; f({${lines}}); interface B {${lines}}`)).toEqual([]);
    expect(lengths(`const a = \`\${b.map((c) => {${lines}})}\`;`)).toEqual([10]);
  });
});

describe('the house', () => {
  it('is entered in one direction only', () => {
    const wrong = sources.flatMap((file) =>
      edgesOf(file)
        .filter(
          (edge) =>
            edge.room !== null && edge.room !== file.room && !mayImport[file.room]?.includes(edge.room),
        )
        .map((edge) => `${file.path} imports ${edge.to}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no import whose target is computed', () => {
    const computed = sources.filter(hasComputedImport).map((file) => file.path);
    expect(computed.sort()).toEqual([
      // The package with the PostgreSQL binaries is named by platform and processor.
      'storage/binaries.ts',
      // Asks where the interpreter lies, and loads nothing.
      'tools/sandbox/javascript-process.ts',
      // Asks where the letters for OCR lie, and loads nothing.
      'validation/document/viewing/recognition.ts',
      // A package that operators install who bring a model of their own; nobody else needs it.
      'validation/operator-model/runner.ts',
    ]);
  });

  it('imports no tests and nothing outside src', () => {
    const wrong = sources.flatMap((file) =>
      edgesOf(file)
        .filter(({ to, room }) => to.endsWith('.test.ts') || (room === null && /^[./]/.test(to)))
        .map(({ to }) => `${file.path} imports ${to}`),
    );
    // package.json, for the version.
    expect(wrong.filter((edge) => edge !== 'gateway/version.ts imports /package.json')).toEqual([]);
  });

  it('has one way out to endpoints: residency/egress (I3)', () => {
    const wrong = sources.flatMap((file) => {
      const allowed =
        Object.entries(waysOutAllowed).find(([place]) => file.path.startsWith(place))?.[1] ?? [];
      const modules = edgesOf(file)
        .filter(({ to, typeOnly }) => !typeOnly && waysOut.test(to) && !allowed.includes(to))
        .map(({ to }) => `${file.path} imports ${to}`);
      const isLoopbackRoom = ['story', 'cli'].includes(file.room);
      const global = globalsOut.exec(file.code);
      return [...modules, ...(global && !isLoopbackRoom ? [`${file.path} uses ${global[0]}`] : [])];
    });
    expect(wrong).toEqual([]);
    expect(importersOf('undici').sort()).toEqual([
      'audit/ledger/witness-client.ts',
      'residency/egress.ts',
      'storage/keyring/vault-keyring.ts',
    ]);
    expect(importersOf('@aws-sdk/client-kms')).toEqual(['storage/keyring/aws-kms-keyring.ts']);
    expect(importersOf('@aws-sdk/client-s3')).toEqual(['storage/object-store/s3.ts']);
  });

  it('speaks to S3 in one file only', () => {
    expect(importersOf('@aws-sdk/client-s3')).toEqual(['storage/object-store/s3.ts']);
  });

  it('speaks to PostgreSQL in storage only', () => {
    expect(importersOf('pg').filter((path) => !path.startsWith('storage/'))).toEqual([]);
    expect(importersOf('pg')).toContain('storage/connections.ts');
  });

  it.each(Object.entries(brands))('makes the brand %s in %s only', (brand, place) => {
    const cast = new RegExp(`\\bas\\s+[^;,){}=]*\\b${brand}\\b`);
    expect(sources.filter((file) => cast.test(file.code)).map((file) => file.path)).toEqual([place]);
  });

  it('has no cast that could make any brand', () => {
    const wrong = sources.filter((file) => /\bas\s+(?:any|never)\b/.test(file.code));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });
});

describe('its size', () => {
  it('keeps files short enough to read', () => {
    const long = sources.map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }));
    expect(long.filter(({ lines }) => lines > linesPerFileMax)).toEqual([]);
  });

  it('keeps functions short enough to see whole', () => {
    const longest = sources.map(
      (file) => [file.path, Math.max(0, ...codeBlocks(file).map(({ lines }) => lines))] as const,
    );
    expect(Object.fromEntries(longest.filter(([, lines]) => lines > linesPerFunctionMax))).toEqual(
      longFunctions,
    );
  });
});

function edgesOf(file: SourceFile): { to: string; room: string | null; typeOnly: boolean }[] {
  return file.imports.map(({ specifier, typeOnly }) => {
    const path = resolveImport(file, specifier);
    const inSrc = path !== null && everything.some((other) => other.path === path);
    return { to: path ?? specifier, room: inSrc ? (path.split('/')[0] ?? null) : null, typeOnly };
  });
}

function importersOf(name: string): string[] {
  return sources
    .filter((file) => edgesOf(file).some(({ to, typeOnly }) => to === name && !typeOnly))
    .map((file) => file.path);
}
