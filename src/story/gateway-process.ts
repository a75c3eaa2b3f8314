import { join } from 'node:path';
import { Child } from './child.ts';
import { answers } from './client.ts';
import { programs } from './command.ts';
import type { PlayableConfig } from './playable-config.ts';
import { waitFor } from './wait.ts';

/** Long, because the first start creates the database, on a machine that may be slow. */
const readyTimeoutMs = 120_000;

/** The gateway in a process of its own, so that it can really be killed. */
export class GatewayProcess {
  readonly logFile: string;
  readonly #play: PlayableConfig;
  readonly #signal: AbortSignal;
  #child: Child | null = null;

  constructor(options: { play: PlayableConfig; folder: string; signal: AbortSignal }) {
    this.#play = options.play;
    this.#signal = options.signal;
    this.logFile = join(options.folder, 'gateway.log');
  }

  /** Resolves when it listens. @throws StageError with its last words when it ends instead */
  async start(): Promise<void> {
    const { file, env, gatewayUrl } = this.#play;
    const child = new Child({
      name: 'the gateway',
      args: [programs.countersign, 'serve', '--config', file],
      env,
      logFile: this.logFile,
    });
    this.#child = child;
    const look = async () => {
      child.mustLive();
      return (await answers(`${gatewayUrl}/readyz`)) ? true : null;
    };
    await waitFor('the gateway listens', look, { timeoutMs: readyTimeoutMs, signal: this.#signal });
  }

  /** SIGKILL: no handler of the gateway runs. Its PostgreSQL lives on, as after a crash. */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  /** Resolves when the present process has ended. */
  get ended(): Promise<void> {
    return this.#child?.ended ?? Promise.resolve();
  }
}
