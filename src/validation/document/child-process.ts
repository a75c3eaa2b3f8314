import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Extraction, ExtractionLimits } from './extraction.ts';

/** From src/ and from dist/ alike. */
const packageRoot = fileURLToPath(new URL('../../..', import.meta.url));
const program = join(packageRoot, 'dist', 'validation', 'document', 'extractor.js');

const HEAP_MAX_MB = 512;
const RESIDENT_MAX_BYTES = 1024 * 1024 * 1024;
const WATCH_PERIOD_MS = 50;
const PAGE_BYTES = 4096;

/** The flag of Node's permission model, which left its experiment with Node 22.13. */
function permissionFlag(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13) ? '--permission' : '--experimental-permission';
}

/** The child may read its own program and the parser, and nothing else; it may write nothing. */
function readableFolders(): string[] {
  const parser = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  const folders = [parser, realpathSync(parser), join(packageRoot, 'dist')].map((folder) =>
    join(folder, '*'),
  );
  return [...new Set([...folders, join(packageRoot, 'package.json')])];
}

export type ChildAnswer =
  | Extraction
  | { readonly kind: 'died'; readonly detail: 'timeout' | 'memory' | 'crash' };

/** One process that reads one document at a time, and may be killed at any of them. */
export class ExtractorChild {
  readonly #process: ChildProcess;
  #alive = true;
  readonly #endWithGateway = () => this.kill();

  constructor() {
    this.#process = fork(program, {
      env: {},
      execArgv: [
        `--max-old-space-size=${HEAP_MAX_MB}`,
        '--no-warnings',
        permissionFlag(),
        ...readableFolders().map((folder) => `--allow-fs-read=${folder}`),
      ],
      serialization: 'advanced',
      // What a parser prints may quote the document (I8).
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process.once('exit', () => {
      this.#alive = false;
      process.off('exit', this.#endWithGateway);
    });
    process.on('exit', this.#endWithGateway);
    this.#release();
  }

  get alive(): boolean {
    return this.#alive;
  }

  kill(): void {
    this.#alive = false;
    this.#process.kill('SIGKILL');
  }

  /** Reads a document. A child that does not answer in time, or grows too large, is killed. */
  async read(bytes: Uint8Array, limits: ExtractionLimits, timeoutMs: number): Promise<ChildAnswer> {
    const child = this.#process;
    this.#hold();
    let end: (answer: ChildAnswer) => void = () => undefined;
    const answered = new Promise<ChildAnswer>((resolve) => {
      end = resolve;
    });
    const onMessage = (message: unknown) => end(asExtraction(message));
    const onGone = () => end({ kind: 'died', detail: 'crash' });
    const timer = setTimeout(() => end({ kind: 'died', detail: 'timeout' }), timeoutMs);
    const watch = setInterval(() => {
      if (residentBytes(child.pid) > RESIDENT_MAX_BYTES) end({ kind: 'died', detail: 'memory' });
    }, WATCH_PERIOD_MS);
    child.once('message', onMessage);
    child.once('exit', onGone);
    child.once('error', onGone);
    try {
      child.send({ bytes, limits }, (error) => error && onGone());
      const answer = await answered;
      if (answer.kind === 'died') this.kill();
      return answer;
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      child.off('message', onMessage).off('exit', onGone).off('error', onGone);
      this.#release();
    }
  }

  /** An idle child does not keep the gateway from exiting; one at work does. */
  #release(): void {
    this.#process.unref();
    this.#process.channel?.unref();
  }

  #hold(): void {
    this.#process.ref();
    this.#process.channel?.ref();
  }
}

/** Memory that the heap limit does not see: decoded streams lie outside of it. 0 where unknown. */
function residentBytes(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch (error) {
    // It has just ended, which its own event tells.
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'ESRCH'
    )
      return 0;
    throw error;
  }
}

/** The parser is where hostile files are met, so its answer is looked at before it is believed. */
function asExtraction(message: unknown): ChildAnswer {
  const { kind, detail, pieces } = (message ?? {}) as Record<string, unknown>;
  if (kind === 'read' && Array.isArray(pieces) && pieces.every(isPiece)) return { kind, pieces };
  if (
    (kind === 'unreadable' || kind === 'too-large' || kind === 'unsupported') &&
    typeof detail === 'string'
  ) {
    return { kind, detail: detail.replace(/[^\w-]/g, '').slice(0, 40) };
  }
  return { kind: 'died', detail: 'crash' };
}

function isPiece(value: unknown): boolean {
  const { page, layer, text } = (value ?? {}) as Record<string, unknown>;
  const isPage = page === null || Number.isSafeInteger(page);
  return isPage && typeof layer === 'string' && /^[a-z0-9:-]{1,40}$/.test(layer) && typeof text === 'string';
}
