import { Command, Option } from 'commander';
import { importUsage } from '../../audit/completeness/usage-import.ts';
import { type Provider, UsageFormatError, providers } from '../../audit/completeness/usage-row.ts';
import { loadConfig } from '../../config/load.ts';
import { attachCells } from '../../gateway/open-cells.ts';
import { CheckFailed } from '../exit.ts';
import { quietLog } from '../log.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import { chosenCells } from './operator.ts';

interface Options {
  config: string;
  provider: Provider;
  endpoint: string;
  cell: string;
  key?: string[];
  json?: boolean;
}

export function usageCommands(): Command {
  const command = new Command('usage').description('What providers say that we used.');
  command
    .command('import')
    .description('Import a provider’s usage export; completeness reports hold it against the record.')
    .addOption(configOption())
    .addOption(jsonOption())
    .addOption(
      new Option('--provider <name>', 'whose format it is').choices([...providers]).makeOptionMandatory(),
    )
    .requiredOption('--endpoint <id>', 'endpoint of the configuration whose usage it states')
    .requiredOption('--cell <id>', 'cell whose calls went there')
    .option('--key <id...>', 'the provider’s ids of the keys that only this gateway holds')
    .argument('<file>', 'the export: JSON as the API answers, a JSON list of such pages, or CSV')
    .addHelpText(
      'after',
      `
Importing the same file again changes nothing; a newer export of a day takes the place of the older one.

Examples:
  countersign audit usage import --provider openai --endpoint openai-eu --cell eu usage.json
  countersign audit usage import --provider csv --endpoint vllm-eu --cell eu usage.csv`,
    )
    .action(importFile);
  return command;
}

async function importFile(file: string, options: Options): Promise<void> {
  const config = loadConfig(options.config);
  const { provider, endpoint, key } = options;
  if (config.gateway.endpoints.every(({ id }) => id !== endpoint)) {
    console.error(
      `no endpoint "${endpoint}" is configured: any usage there counts as going round the gateway`,
    );
  }
  const open = await attachCells(config, quietLog);
  try {
    for (const { store } of chosenCells([...open.cells.values()], options.cell)) {
      const result = await importUsage(store, file, { endpoint, provider, knownKeys: key ?? null });
      if (options.json) printJson(result);
      else if (result.isNew) console.log(`imported ${result.rows} rows for ${result.days} days`);
      else console.log('this file has been imported before; nothing was changed');
    }
  } catch (error) {
    if (!(error instanceof UsageFormatError)) throw error;
    console.error(`${file}: ${error.message}`);
    throw new CheckFailed();
  } finally {
    await open.close();
  }
}
