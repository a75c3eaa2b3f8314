import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Confined, confinedCommand, confinedEnvironment, type Isolation } from './sandbox.ts';

const WATCH_PERIOD_MS = 50;
const PAGE_BYTES = 4096;

/** Why a child gave no answer. */
export interface Died {
  readonly kind: 'died';
  readonly detail: 'timeout' | 'memory' | 'crash';
}

/** A program for children: what they do, and how their answer is looked at before it is believed. */
export interface ChildProgram<Job, Answer> extends Confined {
  readonly residentMaxBytes: number;
  /** Null for what is no answer of this program. */
  asAnswer(this: void, message: unknown): Answer | null;
  /** Never set: ties the kind of job to the program. */
  readonly job?: Job;
}

/** One process that does one job at a time, and may be killed at any of them. */
export class ConfinedChild<Job, Answer> {
  readonly #process: ChildProcess;
  readonly #program: ChildProgram<Job, Answer>;
  #alive = true;
  readonly #endWithGateway = () => this.kill();

  constructor(program: ChildProgram<Job, Answer>, isolation: Isolation) {
    this.#program = program;
    const { file, args } = confinedCommand(program, isolation);
    this.#process = spawn(file, args, {
      env: confinedEnvironment,
      serialization: 'advanced',
      // What a parser prints may quote the document (I8).
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process.on('error', () => {
      this.#alive = false;
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

  /** Does a job. A child that does not answer in time, or grows too large, is killed. */
  async run(job: Job, timeoutMs: number): Promise<Answer | Died> {
    const child = this.#process;
    const { asAnswer, residentMaxBytes } = this.#program;
    this.#hold();
    let end: (answer: Answer | Died) => void = () => undefined;
    const answered = new Promise<Answer | Died>((resolve) => {
      end = resolve;
    });
    const onMessage = (message: unknown) => end(asAnswer(message) ?? { kind: 'died', detail: 'crash' });
    const onGone = () => end({ kind: 'died', detail: 'crash' });
    const timer = setTimeout(() => end({ kind: 'died', detail: 'timeout' }), timeoutMs);
    const watch = setInterval(() => {
      if (residentBytes(child.pid) > residentMaxBytes) end({ kind: 'died', detail: 'memory' });
    }, WATCH_PERIOD_MS);
    child.once('message', onMessage);
    child.once('exit', onGone);
    child.once('error', onGone);
    try {
      child.send(job as object, (error) => error && onGone());
      const answer = await answered;
      if (isDied(answer)) this.kill();
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

export function isDied(answer: unknown): answer is Died {
  return (answer as { kind?: unknown }).kind === 'died';
}

/**
 * Memory that the heap limit does not see: decoded streams lie outside of it. Of the process and its
 * children, as the sandbox starts the parser as a child of its own. 0 where unknown.
 */
function residentBytes(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  const children = procText(`/proc/${pid}/task/${pid}/children`).trim();
  const own = Number(procText(`/proc/${pid}/statm`).split(' ')[1] ?? 0) * PAGE_BYTES;
  if (children === '') return own;
  return children.split(' ').reduce((sum, child) => sum + residentBytes(Number(child)), own);
}

function procText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // It has just ended, which its own event tells.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
