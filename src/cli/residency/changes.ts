import { Command } from 'commander';
import { type PolicyChange, allPolicyChanges } from '../../gateway/policy-change.ts';
import { chosenCells, withCells } from '../audit/operator.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import { dayArgument } from './day.ts';

interface Options {
  config: string;
  since: number;
  cell?: string;
  json?: boolean;
}

export function changesCommand(): Command {
  return new Command('changes')
    .description('What changed in the residency policy: who, when, from which digest to which, in words.')
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--since <yyyy-mm-dd>', 'first UTC day', dayArgument)
    .option('--cell <id>', 'only this cell; all hosted ones when left out')
    .addHelpText(
      'after',
      `
Example:
  countersign residency changes --since 2026-11-01 --json`,
    )
    .action(changes);
}

async function changes({ config, since, cell, json }: Options): Promise<void> {
  const found = await withCells(config, async (cells) => {
    const all: PolicyChange[] = [];
    for (const { store } of chosenCells(cells, cell)) all.push(...(await allPolicyChanges(store, since)));
    return all;
  });
  if (json) return printJson({ changes: found });
  if (found.length === 0) console.log('no change of the residency policy is recorded since then');
  for (const change of found) printChange(change);
}

export function printChange({
  cell,
  time,
  by,
  previous,
  policy,
  changes: lines,
  furtherChanges,
}: PolicyChange) {
  console.log(`${time}  ${cell}  by ${by}`);
  console.log(`  ${previous ?? 'no policy'} → ${policy}`);
  for (const line of lines) console.log(`  ${line}`);
  if (furtherChanges > 0) console.log(`  and ${furtherChanges} more`);
}
