import cluster from 'node:cluster';
import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { runFleetMember } from '../gateway/fleet-member.ts';
import { startFleet } from '../gateway/fleet.ts';
import { startGateway } from '../gateway/gateway.ts';
import { jsonLog } from './log.ts';
import { configOption } from './options.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the gateway until SIGTERM or SIGINT.')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  countersign serve --config examples/countersign.yaml')
    .action(async ({ config }: { config: string }) => {
      if (cluster.isWorker) return runFleetMember({ configFile: config, log: jsonLog });
      // Listened for before the start: a signal in the middle of it must not leave PostgreSQL behind.
      const signalled = stopSignal();
      const gateway = await start(config);
      jsonLog('info', 'stopping', { signal: await signalled });
      // Requests in work are finished, and the database is shut down.
      await gateway.stop();
    });
}

function start(configFile: string): Promise<{ stop(): Promise<void> }> {
  const processes = loadConfig(configFile).gateway.listen.processes ?? 1;
  const options = { configFile, log: jsonLog };
  return processes === 1 ? startGateway(options) : startFleet({ ...options, processes });
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}
