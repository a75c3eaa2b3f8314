import { Command } from 'commander';
import {
  type Hold,
  type HoldReason,
  type HoldTarget,
  findHold,
  holdReasons,
  listHolds,
  placeHold,
  releaseHold,
} from '../../audit/retention/hold.ts';
import type { DecisionId } from '../../decision/ids.ts';
import type { Cell } from '../../gateway/rooms.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import {
  caseArgument,
  chosenCells,
  codeArgument,
  decisionArgument,
  decisionIn,
  fail,
  operator,
  withCells,
} from './operator.ts';

interface PlaceOptions {
  config: string;
  json?: boolean;
  tenant: string;
  cell?: string;
  subject?: string;
  decision?: DecisionId;
  reason: HoldReason;
  case: string;
}

export function holdCommands(): Command {
  const command = new Command('hold').description('Place, release and list legal holds.');
  command
    .command('place')
    .description('Keep a decision, or all of a subject, whatever terms and erasures say.')
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--tenant <tenant>', 'whose records')
    .option('--subject <subject>', 'the subject of whom to keep all')
    .option('--decision <id>', 'the decision to keep', decisionArgument)
    .option('--cell <id>', 'this cell only; every hosted cell when left out')
    .requiredOption('--reason <code>', `why: ${holdReasons.join(', ')}`, codeArgument(holdReasons))
    .requiredOption('--case <reference>', 'reference of the case; no names', caseArgument)
    .action(place);
  command
    .command('release')
    .description('Release a hold.')
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--tenant <tenant>', 'whose records')
    .argument('<hold-id>', 'id of the hold', decisionArgument)
    .action(release);
  command
    .command('list')
    .description('List the active holds of a tenant.')
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--tenant <tenant>', 'whose records')
    .action(list);
  return command;
}

async function place(options: PlaceOptions): Promise<void> {
  const { tenant, reason, case: caseReference } = options;
  await withCells(options.config, async (cells) => {
    const holds = [];
    for (const { cell, on } of await targetsOf(cells, options)) {
      const hold = { tenant, on, reason, caseReference, by: operator };
      holds.push({ cell: cell.id, holdId: await placeHold(cell.store, hold, Date.now) });
    }
    if (options.json) printJson({ holds });
    else for (const { cell, holdId } of holds) console.log(`${cell}: hold ${holdId}`);
  });
}

async function targetsOf(
  cells: readonly Cell[],
  { tenant, subject, decision, cell: wanted }: PlaceOptions,
): Promise<{ cell: Cell; on: HoldTarget }[]> {
  if ((subject === undefined) === (decision === undefined)) fail('name either --subject or --decision');
  if (decision !== undefined) {
    const { cell, first } = await decisionIn(cells, decision);
    if (first.tenant !== tenant) fail(`the decision ${decision} is not of tenant ${tenant}`);
    return [{ cell, on: { decisionId: decision } }];
  }
  const name = subject ?? '';
  return Promise.all(
    chosenCells(cells, wanted).map(async (cell) => {
      const keyId = await cell.keys.keyIdOf(tenant, name);
      return { cell, on: { subjectMac: cell.keys.subjectMac(tenant, name), keyId } };
    }),
  );
}

async function release(
  holdId: DecisionId,
  options: { config: string; json?: boolean; tenant: string },
): Promise<void> {
  await withCells(options.config, async (cells) => {
    for (const { store } of cells) {
      const hold = await findHold(store, options.tenant, holdId);
      if (!hold || !(await releaseHold(store, hold, operator, Date.now))) continue;
      if (options.json) printJson({ released: holdId });
      else console.log(`released ${holdId}`);
      return;
    }
    fail(`no active hold ${holdId} of tenant ${options.tenant}`);
  });
}

async function list(options: { config: string; json?: boolean; tenant: string }): Promise<void> {
  await withCells(options.config, async (cells) => {
    const lists = await Promise.all(
      cells.map(async ({ id, store }) =>
        (await listHolds(store, options.tenant)).map((hold) => shown(id, hold)),
      ),
    );
    const holds = lists.flat();
    if (options.json) return printJson({ holds });
    for (const hold of holds) {
      const on = hold.decisionId === null ? 'a subject' : `decision ${hold.decisionId}`;
      console.log(`${hold.cell}  ${hold.holdId}  ${hold.reason}  ${hold.caseReference}  on ${on}`);
    }
  });
}

/** Without the MAC: it says nothing to a reader. */
function shown(cell: string, { holdId, decisionId, reason, caseReference, placedBy, placedAt }: Hold) {
  return { cell, holdId, decisionId, reason, caseReference, placedBy, placedAt };
}
