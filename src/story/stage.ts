import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageLog } from '../storage/log.ts';
import { ApiClient } from './client.ts';
import { GatewayProcess } from './gateway-process.ts';
import { type PlayableConfig, preparePlay } from './playable-config.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { makeKeys, revokeKeys, type StoryKeys } from './story-keys.ts';

/** Everything that the scenes are played with: the gateway, two endpoints, three people's keys. */
export interface Stage {
  readonly play: PlayableConfig;
  readonly gateway: GatewayProcess;
  readonly eu: SimulatorProcess;
  readonly us: SimulatorProcess;
  readonly api: ApiClient;
  readonly keys: StoryKeys;
  /** Logs of the processes; they hold no content of requests. */
  readonly folder: string;
  /** Aborted when the person at the terminal has seen enough. */
  readonly signal: AbortSignal;
  /** Stops every process. @param keepLogs leaves `folder` for whoever looks for a fault */
  strike(keepLogs: boolean): Promise<void>;
}

/**
 * Starts the processes and makes the keys.
 * @throws ConfigError, StageError; nothing is left running then
 */
export async function setStage(options: {
  configFile: string;
  signal: AbortSignal;
  log: StorageLog;
  /** Told what is being done. */
  say: (line: string) => void;
}): Promise<Stage> {
  const { signal, log, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'countersign-story-'));
  try {
    const play = await preparePlay(options.configFile, folder);
    for (const notice of play.notices) say(notice);
    return await raise(play, folder, { signal, log, say });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function raise(
  play: PlayableConfig,
  folder: string,
  { signal, log, say }: { signal: AbortSignal; log: StorageLog; say: (line: string) => void },
): Promise<Stage> {
  const simulator = (region: 'eu' | 'us') =>
    new SimulatorProcess({ region, port: play.simulatorPorts[region], folder, signal });
  const [eu, us] = [simulator('eu'), simulator('us')];
  const gateway = new GatewayProcess({ play, folder, signal });
  const stopAll = () => Promise.all([gateway.stop(), eu.stop(), us.stop()]);
  try {
    say('Starting two simulated endpoints and the gateway with its database …');
    await settled([eu.start('scorecard'), us.start('scorecard'), gateway.start()]);
    const keys = await makeKeys(play.config, log);
    const api = new ApiClient(play.gatewayUrl, signal);
    const strike = async (keepLogs: boolean) => {
      try {
        await stopAll();
      } finally {
        // Runs the database once more, and so also ends one that a killed gateway left behind.
        await revokeKeys(play.config, keys, log);
      }
      if (!keepLogs) await rm(folder, { recursive: true, force: true });
    };
    return { play, gateway, eu, us, api, keys, folder, signal, strike };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Waits for all, so that none is still starting when the first failure is handled. */
async function settled(starts: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
