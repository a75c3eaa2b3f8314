import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '../config/problem.ts';
import { createApiKey } from '../gateway/api-key.ts';
import { revokeApiKey } from '../gateway/api-key-repository.ts';
import { type Grants, type Role, roles } from '../gateway/caller.ts';
import { attachCells } from '../gateway/open-cells.ts';
import { countryCodes, countryHint } from '../residency/country.ts';
import { CheckFailed } from './exit.ts';
import { quietLog } from './log.ts';
import { configOption, jsonOption, printJson } from './options.ts';
import { retireCommand, rotateCommand } from './rotate.ts';

interface CreateOptions {
  config: string;
  json?: boolean;
  name: string;
  tenant: string;
  jurisdictions: string[];
  types: string[];
  dataClasses: string[];
  roles: Role[];
  country?: string;
  skills?: string[];
  person?: string;
}

export function keyCommands(): Command {
  const command = new Command('keys').description(
    'API keys of callers, and the keys that wrap the subjects’ keys.',
  );
  command
    .command('create')
    .description('Create an API key. It is shown once and stored as a hash.')
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--name <name>', 'what holds the key: a system or a role, not a person')
    .requiredOption('--tenant <tenant>', 'tenant the key belongs to')
    .requiredOption('--jurisdictions <list>', 'jurisdictions it may speak for', list)
    .requiredOption('--types <list>', 'decision types it may use', list)
    .requiredOption('--data-classes <list>', 'most sensitive data classes it may send', list)
    .requiredOption('--roles <list>', `what it may do: ${roles.join(', ')}`, roleList)
    .option(
      '--country <code>',
      'country a reviewer sits in, ISO 3166-1 alpha-2; needed to see tasks',
      country,
    )
    .option('--skills <list>', 'skills of a reviewer, as decision types ask for them', list)
    .option('--person <id>', 'who holds the key: an id, no name, the same in every key of one person')
    .addHelpText(
      'after',
      `
Example:
  countersign keys create --name claims-app --tenant acme --jurisdictions EU \\
    --types claims-triage --data-classes personal --roles caller
  countersign keys create --name claims-desk --tenant acme --jurisdictions EU \\
    --types claims-triage --data-classes personal --roles reviewer --country DE`,
    )
    .action(create);
  command
    .command('revoke')
    .description('Revoke an API key by its id, in every hosted cell.')
    .addOption(configOption())
    .argument('<id>', 'id of the key, as printed by "keys create"')
    .action(async (id: string, { config }: { config: string }) => {
      const open = await attachCells(loadConfig(config), quietLog);
      try {
        const revoked = await Promise.all(
          [...open.cells.values()].map((cell) => revokeApiKey(cell.store, id)),
        );
        if (!revoked.some(Boolean)) {
          console.error(`no key ${id} that is not yet revoked`);
          throw new CheckFailed();
        }
        console.log(`revoked ${id}`);
      } finally {
        await open.close();
      }
    });
  command.addCommand(rotateCommand()).addCommand(retireCommand());
  return command;
}

async function create(options: CreateOptions): Promise<void> {
  const config = loadConfig(options.config);
  const grants: Grants = {
    jurisdictions: options.jurisdictions,
    decisionTypes: options.types,
    dataClasses: options.dataClasses,
    roles: options.roles,
    ...(options.country === undefined ? {} : { country: options.country }),
    ...(options.skills === undefined ? {} : { skills: options.skills }),
    ...(options.person === undefined ? {} : { person: options.person }),
  };
  checkGrants(options.config, config, grants);
  const open = await attachCells(config, quietLog);
  try {
    const homes = config.gateway.cells.filter((cell) =>
      cell.jurisdictions.some((id) => grants.jurisdictions.includes(id)),
    );
    const stores = homes.flatMap((cell) => open.cells.get(cell.id)?.store ?? []);
    const { key, id } = await createApiKey(stores, { name: options.name, tenant: options.tenant, grants });
    if (options.json) printJson({ key, id, cells: stores.map((store) => store.cell), grants });
    else console.log(`${key}\n\nid ${id}. The key is not shown again.`);
    if (grants.roles.includes('reviewer') && grants.country === undefined)
      console.error('This key reviews nothing: without --country no task is known to be lawful for it.');
  } finally {
    await open.close();
  }
}

function checkGrants(file: string, config: ReturnType<typeof loadConfig>, grants: Grants): void {
  const known = {
    jurisdictions: config.gateway.jurisdictions.map((j) => j.id),
    dataClasses: config.gateway.dataClasses.map((c) => c.id),
    decisionTypes: [...config.decisionTypes.keys()],
  };
  const problems = Object.entries(known).flatMap(([part, ids]) =>
    grants[part as keyof typeof known]
      .filter((id) => !ids.includes(id))
      .map((id) => ({ file, line: 1, path: part, message: `has no "${id}"; it has ${ids.join(', ')}` })),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}

/** An assigned code, so that a vendor's word for a place does not pass for a country. */
function country(code: string): string {
  if (countryCodes.has(code)) return code;
  throw new InvalidArgumentError(`"${code}" is no country; ${countryHint(code)}.`);
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function roleList(text: string): Role[] {
  return list(text).map((name) => {
    const role = roles.find((known) => known === name);
    if (!role) throw new InvalidArgumentError(`"${name}" is no role; roles are ${roles.join(', ')}.`);
    return role;
  });
}
