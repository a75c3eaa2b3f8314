import { Command } from 'commander';
import { CountersignError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import { plantSeed } from '../gateway/seeding.ts';
import { decisionArgument, decisionIn, fail, operator, withCells } from './audit/operator.ts';
import { configOption, jsonOption, printJson } from './options.ts';

interface SeedOptions {
  config: string;
  json?: boolean;
  decision: DecisionId;
  verdict: string;
}

export function reviewCommands(): Command {
  const command = new Command('reviews').description('The desk where people decide.');
  command
    .command('seed')
    .description('Plant a case with a known answer among the tasks of its type. Its answers decide nothing.')
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--decision <id>', 'a sealed decision, whose case is planted', decisionArgument)
    .requiredOption('--verdict <verdict>', 'the verdict that is known to be right')
    .addHelpText(
      'after',
      `
Example:
  countersign reviews seed --decision 0193f0a2-… --verdict decline`,
    )
    .action(seed);
  return command;
}

async function seed({ config, json, decision, verdict }: SeedOptions): Promise<void> {
  await withCells(config, async (cells, loaded) => {
    const { cell } = await decisionIn(cells, decision);
    const known = { decisionId: decision, verdict, by: operator, plantedFor: null };
    try {
      const task = await plantSeed(loaded.decisionTypes, cell, known, Date.now);
      if (json) printJson({ cell: cell.id, task });
      else console.log(`planted as task ${task} in cell ${cell.id}`);
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      const { problem } = error.extra;
      fail(`${error.message} (${typeof problem === 'string' ? problem : error.code})`);
    }
  });
}
