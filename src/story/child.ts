import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { StageError } from './stage-error.ts';

/** Longer than the gateway gives its own requests. */
const stopTimeoutMs = 60_000;

/** Everything that was started and has not ended. */
const living = new Set<Child>();
// Whatever ends this process, its children are told: each then stops by itself.
process.on('exit', () => {
  for (const child of living) child.signal('SIGTERM');
});

/** A process of the story. What it prints goes to a file, so that it outlives whoever reads it. */
export class Child {
  readonly name: string;
  readonly logFile: string;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  #isAlive = true;

  constructor(options: { name: string; args: readonly string[]; env: NodeJS.ProcessEnv; logFile: string }) {
    this.name = options.name;
    this.logFile = options.logFile;
    const log = openSync(options.logFile, 'a', 0o600);
    // Detached: Ctrl-C on a terminal signals the whole foreground group, and the order of stopping is ours.
    this.#process = spawn(process.execPath, [...options.args], {
      env: options.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    living.add(this);
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#isAlive = false;
        living.delete(this);
        resolve();
      };
      this.#process.once('exit', end);
      this.#process.once('error', end);
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** @throws StageError with its last words when it has ended */
  mustLive(): void {
    if (this.#isAlive) return;
    throw new StageError(`${this.name} ended; its last words were:\n${this.#lastWords()}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** SIGTERM, and SIGKILL for one that does not listen. */
  async stop(): Promise<void> {
    if (!this.#isAlive) return;
    this.signal('SIGTERM');
    const timeout = new AbortController();
    const inTime = await Promise.race([
      this.ended.then(() => true),
      delay(stopTimeoutMs, false, { signal: timeout.signal }),
    ]);
    timeout.abort();
    if (inTime) return;
    await this.kill();
    throw new StageError(`${this.name} did not stop within ${stopTimeoutMs / 1000} s and was killed`);
  }

  /** SIGKILL for the process and those it has started in its group, which its end might leave behind. */
  async kill(): Promise<void> {
    const { pid } = this.#process;
    if (!this.#isAlive || pid === undefined) return;
    process.kill(-pid, 'SIGKILL');
    await this.ended;
  }

  #lastWords(): string {
    const lines = readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-8);
    return lines.map((line) => `  ${line}`).join('\n');
  }
}
