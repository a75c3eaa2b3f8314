import { Command } from 'commander';
import { evaluateCommand } from './validation/evaluate.ts';
import { evaluatePiiCommand } from './validation/evaluate-pii.ts';
import { scanCommand } from './validation/scan.ts';

export function validationCommands(): Command {
  return new Command('validation')
    .description('What the detectors see, and how well they see it.')
    .addCommand(evaluateCommand())
    .addCommand(evaluatePiiCommand())
    .addCommand(scanCommand());
}
