import { Command } from 'commander';
import { expireDue } from '../../audit/retention/expiry.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import { withCells } from './operator.ts';

interface ExpireOptions {
  config: string;
  json?: boolean;
  dryRun?: boolean;
}

export function expireCommand(): Command {
  return new Command('expire')
    .description('Delete the payloads of records whose terms are all over and that no hold keeps.')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--dry-run', 'only say what would expire')
    .addHelpText('after', '\nThe gateway does this by itself every hour.')
    .action(expire);
}

async function expire({ config, json, dryRun = false }: ExpireOptions): Promise<void> {
  await withCells(config, async (cells) => {
    const results = [];
    for (const { id, store } of cells) {
      results.push({ cell: id, ...(await expireDue(store, { nowMs: Date.now, dryRun })) });
    }
    if (json) return printJson({ dryRun, cells: results });
    for (const { cell, looked, expired, held } of results) {
      const verb = dryRun ? 'would expire' : 'expired';
      console.log(`${cell}: ${expired.length} ${verb}, ${held.length} held, ${looked} looked at`);
      for (const { decisionId, keptUntil, classes } of expired)
        console.log(`  ${decisionId}  kept until ${keptUntil} under ${classes.join(', ')}`);
    }
  });
}
