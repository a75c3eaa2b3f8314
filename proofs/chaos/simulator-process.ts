import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour } from '../../src/simulator/behaviour.ts';

const main = join(import.meta.dirname, '../../dist/simulator/main.js');
/** What of a body a simulator notes: whose data it is, and which decision a notice is about. */
const mark = 'subject-of-[A-Z]{2}-[a-z]+|"decisionId":"[0-9a-f-]{36}"';

/** A simulated endpoint as a process of its own. */
export class SimulatorProcess {
  readonly name: string;
  readonly url: string;
  readonly logFile: string;
  readonly #child: ChildProcess;
  #mode: Behaviour['mode'] = 'ok';

  private constructor(made: { name: string; url: string; logFile: string; child: ChildProcess }) {
    this.name = made.name;
    this.url = made.url;
    this.logFile = made.logFile;
    this.#child = made.child;
  }

  static async start(name: string, folder: string): Promise<SimulatorProcess> {
    const logFile = join(folder, `${name}.jsonl`);
    const args = [main, '--port', '0', '--region', name, '--log', logFile, '--mark', mark];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const url = /http:\S+/.exec(line.toString())?.[0];
    if (url === undefined) throw new Error('a simulator did not say where it listens');
    return new SimulatorProcess({ name, url, logFile, child });
  }

  /** From here on it meets its callers so; whoever refuses is made well by a signal first. */
  async behave(behaviour: Behaviour): Promise<void> {
    if (this.#mode === 'refuse') this.#child.kill('SIGUSR2');
    this.#mode = behaviour.mode;
    const body = JSON.stringify(behaviour);
    for (;;) {
      try {
        await fetch(`${this.url}/simulator/behaviour`, {
          method: 'POST',
          body,
          headers: { connection: 'close' },
          signal: AbortSignal.timeout(5_000),
        });
        return;
      } catch (error) {
        // It is not listening again yet, or stopped listening before its answer was read.
        if (!(error instanceof TypeError)) throw error;
        if (behaviour.mode === 'refuse') return;
        await delay(20);
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
