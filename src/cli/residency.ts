import { Command } from 'commander';
import { changesCommand } from './residency/changes.ts';
import { evidenceCommands } from './residency/evidence.ts';
import { libraryCommand } from './residency/library.ts';
import { proveCommand } from './residency/prove.ts';
import { quarantineCommands } from './residency/quarantine.ts';
import { reportCommand } from './residency/report.ts';

export function residencyCommands(): Command {
  return new Command('residency')
    .description('Where data may go: what law says, what the policy permits, what happened.')
    .addCommand(libraryCommand())
    .addCommand(reportCommand())
    .addCommand(changesCommand())
    .addCommand(evidenceCommands())
    .addCommand(quarantineCommands())
    .addCommand(proveCommand());
}
