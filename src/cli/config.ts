import { Command } from 'commander';
import { stringify } from 'yaml';
import { DecisionTypeSchema, ReasonsSchema } from '../config/decision-type-schema.ts';
import { effectiveConfig } from '../config/effective.ts';
import { GatewayConfigSchema } from '../config/gateway-schema.ts';
import { loadConfig } from '../config/load.ts';
import { ConfigError, formatProblem } from '../config/problem.ts';
import { UnsafeConfigError, loadProvenConfig } from '../gateway/proven-config.ts';
import { ToolSchema } from '../tools/declaration.ts';
import { CheckFailed, exitCodes } from './exit.ts';
import { configOption, jsonOption, printJson } from './options.ts';

const schemas = {
  countersign: GatewayConfigSchema,
  'decision-type': DecisionTypeSchema,
  reasons: ReasonsSchema,
  tool: ToolSchema,
} as const;

export function configCommands(): Command {
  const command = new Command('config').description('Check and print the configuration.');
  command
    .command('check')
    .description('Check countersign.yaml and every decision type; nothing is started.')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  countersign config check --config examples/countersign.yaml')
    .action(({ config, json }: { config: string; json?: boolean }) => check(config, json === true));
  command
    .command('print')
    .description('Print the configuration in force; secrets appear as references only.')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(({ config, json }: { config: string; json?: boolean }) => {
      const effective = effectiveConfig(loadConfig(config));
      if (json) printJson(effective);
      else console.log(stringify(effective));
    });
  command
    .command('schema')
    .description(`Print a JSON Schema: ${Object.keys(schemas).join(', ')}.`)
    .argument('[name]', 'which schema', 'countersign')
    .action((name: string) => {
      const schema = Object.entries(schemas).find(([known]) => known === name)?.[1];
      if (!schema)
        throw new ConfigError([{ file: name, line: 1, path: '', message: 'is no schema of ours' }]);
      printJson(schema);
    });
  return command;
}

function check(file: string, json: boolean): void {
  try {
    const config = loadProvenConfig(file);
    const summary = {
      ok: true,
      cells: config.gateway.cells.map((cell) => cell.id),
      endpoints: config.gateway.endpoints.map((endpoint) => endpoint.id),
      decisionTypes: [...config.decisionTypes.keys()],
      states: config.proof.states,
      limits: config.proof.limits,
      problems: [],
    };
    if (json) printJson(summary);
    else
      console.log(
        `${file} is sound: cells ${summary.cells.join(', ')}; types ${summary.decisionTypes.join(', ')}.`,
      );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (json) printJson({ ok: false, problems: error.problems });
    else for (const problem of error.problems) console.error(formatProblem(problem));
    // The same exit code with which the gateway refuses to start on it.
    throw new CheckFailed(error instanceof UnsafeConfigError ? exitCodes.usage : exitCodes.failed);
  }
}
