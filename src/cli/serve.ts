import { Command } from 'commander';
import { startGateway } from '../gateway/gateway.ts';
import { jsonLog } from './log.ts';
import { configOption } from './options.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the gateway until SIGTERM or SIGINT.')
    .addOption(configOption())
    .addHelpText('after', '\nExample:\n  countersign serve --config examples/countersign.yaml')
    .action(async ({ config }: { config: string }) => {
      // Listened for before the start: a signal in the middle of it must not leave PostgreSQL behind.
      const signalled = stopSignal();
      const gateway = await startGateway({ configFile: config, log: jsonLog });
      jsonLog('info', 'stopping', { signal: await signalled });
      // Requests in work are finished, and the database is shut down.
      await gateway.stop();
    });
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}
