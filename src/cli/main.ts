#!/usr/bin/env node
import { Command } from 'commander';
import { gatewayVersion } from '../gateway/version.ts';
import { auditCommands } from './audit.ts';
import { bandCommands } from './bands.ts';
import { configCommands } from './config.ts';
import { exitCodes, reportFailure } from './exit.ts';
import { keyCommands } from './keys.ts';
import { residencyCommands } from './residency.ts';
import { reviewCommands } from './reviews.ts';
import { serveCommand } from './serve.ts';
import { startCommand } from './start.ts';
import { validationCommands } from './validation.ts';

const program = new Command('countersign')
  .description('Decision gateway for AI in financial services.')
  .version(gatewayVersion)
  .showHelpAfterError('(run with --help for the options and examples)')
  .addHelpText(
    'after',
    `
Exit codes:
  ${exitCodes.ok}  done, and everything that was checked holds
  ${exitCodes.failed}  something that was checked does not hold
  ${exitCodes.usage}  the command line, the configuration or the environment is wrong`,
  )
  .addCommand(serveCommand())
  .addCommand(startCommand())
  .addCommand(configCommands())
  .addCommand(keyCommands())
  .addCommand(auditCommands())
  .addCommand(bandCommands())
  .addCommand(residencyCommands())
  .addCommand(reviewCommands())
  .addCommand(validationCommands());

overrideExits(program);
program.parseAsync().catch(reportFailure);

/** Commander passes it on to commands it makes itself, and not to those that are added. */
function overrideExits(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) overrideExits(child);
}
