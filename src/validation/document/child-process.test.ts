import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureExtractorBuilt } from './extractor-fixture.ts';
import { line, makePdf } from './pdf-fixture.ts';

const reader = fileURLToPath(
  new URL('../../../dist/validation/document/document-reader.js', import.meta.url),
);
const pdf = Buffer.from(makePdf({ pages: [{ content: line('Statement') }] })).toString('base64');

/** A gateway that has read one document and then does what `after` says. */
function gateway(after: string): ChildProcess {
  const program = `
    import { createDocumentReader } from ${JSON.stringify(reader)};
    const bytes = new Uint8Array(Buffer.from('${pdf}', 'base64'));
    const limits = { pagesMax: 5, charactersMax: 1000, expandedBytesMax: 1e7, attachmentsMax: 5, depthMax: 2, timeoutMs: 20000, compareRendering: 'never', viewedMax: 5, viewingTimeoutMs: 20000 };
    const { kind } = await createDocumentReader().read({ origin: '/d', mediaType: 'application/pdf', bytes }, limits);
    process.stdout.write(kind);
    ${after}`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, DATABASE_PASSWORD: 'hunter2' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const started: ChildProcess[] = [];
function start(after: string): ChildProcess {
  const parent = gateway(after);
  started.push(parent);
  return parent;
}

beforeAll(ensureExtractorBuilt);
afterEach(() => {
  for (const parent of started.splice(0)) parent.kill('SIGKILL');
});

describe('the child that parses', () => {
  it('does not keep the gateway from exiting', async () => {
    const parent = start('');
    const code = await new Promise((resolve) => parent.once('exit', resolve));
    expect(code).toBe(0);
  });

  it.runIf(process.platform === 'linux')(
    'has no environment, few rights, and ends with the gateway',
    async () => {
      const parent = start('setInterval(() => undefined, 1000);');
      await new Promise((resolve) => parent.stdout?.once('data', resolve));
      const child = childOf(parent.pid as number);
      expect(readFileSync(`/proc/${child}/environ`, 'utf8')).not.toContain('hunter2');
      const command = readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0');
      expect(command.filter((part) => /^--(experimental-)?permission$/.test(part))).toHaveLength(1);
      expect(
        command.some((part) => part.startsWith('--allow-fs-write') || part === '--allow-child-process'),
      ).toBe(false);
      parent.kill('SIGKILL');
      await vi.waitFor(() => expect(existsSync(`/proc/${child}`)).toBe(false), { timeout: 20_000 });
    },
  );
});

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}
