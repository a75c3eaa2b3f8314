import { type ChildProcess, fork } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JavascriptTask } from './javascript-task.ts';
import { fault, toolFaults, type ToolOutcome } from './outcome.ts';

/** From src/ and from dist/ alike. */
const packageRoot = fileURLToPath(new URL('../../..', import.meta.url));
const program = join(packageRoot, 'dist', 'tools', 'sandbox', 'javascript-child.js');

const heapMaxMb = 256;
/** A call gets its time from QuickJS; this long after it the process is killed from outside. */
const graceMs = 250;
const startMs = 10_000;

/** The flag of Node's permission model, which left its experiment with Node 22.13. */
function permissionFlag(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13) ? '--permission' : '--experimental-permission';
}

/** The child may read its own program and the interpreter; it may write nothing and start nothing. */
function readableFolders(): string[] {
  const { resolve } = createRequire(import.meta.url);
  const interpreter = resolve('quickjs-emscripten');
  const modules = interpreter.slice(0, interpreter.lastIndexOf('node_modules') + 'node_modules'.length);
  const folders = ['quickjs-emscripten', 'quickjs-emscripten-core', '@jitl'].map((name) =>
    join(modules, name),
  );
  const all = [...folders, ...folders.map((folder) => realpathSync(folder)), join(packageRoot, 'dist')];
  return [...new Set(all.map((folder) => join(folder, '*'))), join(packageRoot, 'package.json')];
}

/** One child process that runs one javascript call at a time, and may be killed at any of them. */
export class JavascriptProcess {
  readonly #process: ChildProcess;
  readonly #ready: Promise<boolean>;
  #alive = true;
  readonly #endWithGateway = () => this.kill();

  constructor() {
    this.#process = fork(program, {
      env: {},
      execArgv: [
        `--max-old-space-size=${heapMaxMb}`,
        '--no-warnings',
        permissionFlag(),
        ...readableFolders().map((folder) => `--allow-fs-read=${folder}`),
      ],
      serialization: 'json',
      // What a tool or its interpreter prints may quote arguments (I8).
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#ready = this.#answer(startMs, (message) => message === 'ready' || null).then((it) => it === true);
    this.#process.once('exit', () => {
      this.#alive = false;
      process.off('exit', this.#endWithGateway);
    });
    process.on('exit', this.#endWithGateway);
    this.#process.unref();
    this.#process.channel?.unref();
  }

  get alive(): boolean {
    return this.#alive;
  }

  kill(): void {
    this.#alive = false;
    this.#process.kill('SIGKILL');
  }

  /** Runs a call. A child that meets a limit, or does not answer, is not used again. */
  async run(task: JavascriptTask): Promise<ToolOutcome> {
    const child = this.#process;
    child.ref();
    child.channel?.ref();
    try {
      if (!(await this.#ready)) {
        this.kill();
        return fault('UNAVAILABLE');
      }
      const answered = this.#answer(task.limits.timeoutMs + graceMs, asOutcome);
      child.send(task, (error) => {
        if (error) this.kill();
      });
      const answer = await answered;
      const outcome = typeof answer === 'string' ? fault(answer) : answer;
      if (outcome.kind === 'fault' && outcome.fault !== 'ERROR' && outcome.fault !== 'NO_TEXT') this.kill();
      return outcome;
    } finally {
      child.unref();
      child.channel?.unref();
    }
  }

  /** The first message that `read` accepts; `TIMEOUT` or `CRASH` where none comes. */
  #answer<T>(timeoutMs: number, read: (message: unknown) => T | null): Promise<T | 'TIMEOUT' | 'CRASH'> {
    const child = this.#process;
    return new Promise((resolve) => {
      const end = (answer: T | 'TIMEOUT' | 'CRASH') => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onGone).off('error', onGone);
        resolve(answer);
      };
      const onMessage = (message: unknown) => end(read(message) ?? 'CRASH');
      const onGone = () => end('CRASH');
      const timer = setTimeout(() => end('TIMEOUT'), timeoutMs);
      child.on('message', onMessage).once('exit', onGone).once('error', onGone);
    });
  }
}

/** The child is where hostile code runs, so its answer is looked at before it is believed. */
function asOutcome(message: unknown): ToolOutcome | null {
  const { kind, text, fault: code } = (message ?? {}) as Record<string, unknown>;
  if (kind === 'result' && typeof text === 'string') return { kind, text };
  const known = toolFaults.find((one) => one === code);
  return kind === 'fault' && known !== undefined ? fault(known) : null;
}
