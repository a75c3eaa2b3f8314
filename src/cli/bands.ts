import { Command } from 'commander';
import { certifyCommand } from './bands/certify.ts';

export function bandCommands(): Command {
  return new Command('bands')
    .description('Between which scores a person decides, and what the other two bands are certified for.')
    .addCommand(certifyCommand());
}
