import { Command } from 'commander';
import { releaseQuarantine } from '../../gateway/quarantining.ts';
import {
  type Quarantine,
  type ReleaseReason,
  releaseReasons,
  standingQuarantines,
} from '../../residency/assurance/quarantine-repository.ts';
import { caseArgument, codeArgument, fail, operator, withCells } from '../audit/operator.ts';
import { configOption, jsonOption, printJson } from '../options.ts';

export function quarantineCommands(): Command {
  const command = new Command('quarantine').description('Endpoints that run-time evidence took out.');
  command
    .command('list')
    .description('List the endpoints in quarantine, and why.')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(list);
  command
    .command('release')
    .description('Let an endpoint back in. Running gateways follow within seconds.')
    .addOption(configOption())
    .addOption(jsonOption())
    .argument('<endpoint>', 'id of the endpoint')
    .requiredOption('--reason <code>', `why: ${releaseReasons.join(', ')}`, codeArgument(releaseReasons))
    .requiredOption('--case <reference>', 'reference of the case; no names', caseArgument)
    .action(release);
  return command;
}

async function list(options: { config: string; json?: boolean }): Promise<void> {
  await withCells(options.config, async (cells) => {
    const lists = await Promise.all(
      cells.map(async ({ id, store }) =>
        (await standingQuarantines(store.query, id)).map((quarantine) => shown(id, quarantine)),
      ),
    );
    const quarantines = lists.flat();
    if (options.json) return printJson({ quarantines });
    for (const { cell, endpoint, reason, checks, since } of quarantines)
      console.log(`${cell}  ${endpoint}  ${reason}  ${checks.join(', ')}  since ${since.toISOString()}`);
  });
}

function shown(cell: string, { endpoint, reason, checks, since, quarantineId }: Quarantine) {
  return { cell, endpoint, reason, checks, since, quarantineId };
}

async function release(
  endpoint: string,
  options: { config: string; json?: boolean; reason: ReleaseReason; case: string },
): Promise<void> {
  await withCells(options.config, async (cells) => {
    const released = [];
    const by = { endpoint, by: operator, reason: options.reason, caseReference: options.case };
    for (const { id, store } of cells) {
      for (const { quarantineId } of await releaseQuarantine(store, by, Date.now))
        released.push({ cell: id, quarantine: quarantineId });
    }
    if (released.length === 0) fail(`${endpoint} is not in quarantine`);
    if (options.json) printJson({ endpoint, released });
    else console.log(`${endpoint} may be used again`);
  });
}
