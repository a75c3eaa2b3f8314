import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelId } from '../simulator/answer.ts';
import type { Behaviour } from '../simulator/behaviour.ts';
import type { ReceivedRequest } from '../simulator/request-log.ts';
import { Child } from './child.ts';
import { answers } from './client.ts';
import { programs } from './command.ts';
import type { Region } from './playable-config.ts';
import { StageError } from './stage-error.ts';
import { waitFor } from './wait.ts';

const changeTimeoutMs = 15_000;

/** One simulated endpoint in a process of its own, and the log that only it writes. */
export class SimulatorProcess {
  readonly region: Region;
  readonly requestLog: string;
  readonly #url: string;
  readonly #port: number;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  #child: Child | null = null;

  constructor(options: { region: Region; port: number; folder: string; signal: AbortSignal }) {
    this.region = options.region;
    this.#port = options.port;
    this.#folder = options.folder;
    this.#signal = options.signal;
    this.#url = `http://127.0.0.1:${options.port}/simulator/behaviour`;
    this.requestLog = join(options.folder, `requests-${options.region}.jsonl`);
  }

  /** @param model answers in place of the model that requests name */
  async start(model: ModelId): Promise<void> {
    const child = new Child({
      name: `the ${this.region.toUpperCase()} simulator`,
      args: [
        programs.simulator,
        '--port',
        String(this.#port),
        '--region',
        this.region,
        '--log',
        this.requestLog,
        '--model',
        model,
      ],
      env: process.env,
      logFile: join(this.#folder, `simulator-${this.region}.log`),
    });
    this.#child = child;
    await this.#until('answers', true);
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  /** Resolves when the process has ended. */
  get ended(): Promise<void> {
    return this.#child?.ended ?? Promise.resolve();
  }

  /** Everything it received since the story began, oldest first. */
  received(): ReceivedRequest[] {
    if (!existsSync(this.requestLog)) return [];
    const lines = readFileSync(this.requestLog, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ReceivedRequest);
  }

  /** What it received for one decision. */
  receivedFor(decisionId: string): ReceivedRequest[] {
    return this.received().filter((request) => request.decisionId === decisionId);
  }

  async behave(behaviour: Behaviour): Promise<void> {
    const body = JSON.stringify(behaviour);
    const response = await fetch(this.#url, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(changeTimeoutMs),
    });
    await response.arrayBuffer();
    if (response.status !== 200)
      throw new StageError(`the ${this.region} simulator answered ${response.status}`);
    if (behaviour.mode === 'refuse') await this.#until('refuses connections', false);
  }

  /** Works also after `refuse`, when no request reaches it. */
  async recover(): Promise<void> {
    this.#child?.signal('SIGUSR2');
    await this.#until('answers again', true);
  }

  async #until(what: string, expected: boolean): Promise<void> {
    const look = async () => {
      this.#child?.mustLive();
      return (await answers(this.#url)) === expected ? true : null;
    };
    await waitFor(`the ${this.region} simulator ${what}`, look, {
      timeoutMs: changeTimeoutMs,
      signal: this.#signal,
    });
  }
}
