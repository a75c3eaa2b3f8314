import { Command, Option } from 'commander';
import { type AnewReason, anewReasons } from '../../audit/ledger/begin-anew.ts';
import type { LedgerStatus } from '../../audit/ledger/status.ts';
import { loadConfig } from '../../config/load.ts';
import { attachCells } from '../../gateway/open-cells.ts';
import { CheckFailed } from '../exit.ts';
import { quietLog } from '../log.ts';
import { configOption, jsonOption, printJson } from '../options.ts';

/** `countersign audit ledger`: how the signed ledgers stand, and the way on when one may not be signed. */
export function ledgerCommands(): Command {
  const command = new Command('ledger').description('The signed ledgers of the cells.');
  command
    .command('status')
    .description(
      'Size, newest checkpoint and witnesses of each ledger, and whether it agrees with its files.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .action(status);
  command
    .command('begin-anew')
    .description(
      'Close a ledger that contradicts what was published, and begin the next; the record says so.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .requiredOption('--cell <id>', 'cell whose ledger is begun anew')
    .addOption(new Option('--reason <code>', 'why').choices(anewReasons).makeOptionMandatory())
    .action(begin);
  return command;
}

async function status(options: { config: string; json?: boolean }): Promise<void> {
  const open = await attachCells(loadConfig(options.config), quietLog);
  try {
    const ledgers: LedgerStatus[] = [];
    for (const cell of open.cells.values()) ledgers.push(await cell.ledger.status());
    const ok = ledgers.every(({ log }) => log === null || log.problem === null);
    if (options.json) printJson({ ok, ledgers });
    else for (const ledger of ledgers) printStatus(ledger);
    if (!ok) throw new CheckFailed();
  } finally {
    await open.close();
  }
}

function printStatus({ cell, log }: LedgerStatus): void {
  if (log === null) {
    console.log(`${cell}: no ledger yet; a gateway opens it when it starts`);
    return;
  }
  console.log(`${cell}: ${log.origin}, ${log.size} entries, checkpoint of ${log.signedAt ?? 'never'}`);
  console.log(`  published: ${log.publishedSize === null ? 'nothing' : `${log.publishedSize} entries`}`);
  for (const { name, cosignedSize } of log.witnesses) {
    console.log(
      `  witness ${name}: ${cosignedSize === 0 ? 'has cosigned nothing' : `${cosignedSize} entries`}`,
    );
  }
  console.log(`  key: ${log.key}`);
  console.log(log.problem === null ? '  consistent' : `  NOT CONSISTENT: ${log.problem}`);
}

async function begin(options: {
  config: string;
  json?: boolean;
  cell: string;
  reason: AnewReason;
}): Promise<void> {
  const open = await attachCells(loadConfig(options.config), quietLog);
  try {
    const cell = open.cells.get(options.cell);
    if (!cell) {
      console.error(`no cell "${options.cell}" is hosted here`);
      throw new CheckFailed();
    }
    const result = await cell.ledger.beginAnew(options.reason);
    if (options.json) printJson(result);
    else if (result.kind === 'refused') console.error(result.sentence);
    else {
      console.log(`${result.origin} has begun behind ${result.previousOrigin}.`);
      console.log(`Entries that were published there and that this store has lost: ${result.lost}.`);
      console.log('A running gateway goes on with it within a minute.');
    }
    if (result.kind === 'refused') throw new CheckFailed();
  } finally {
    await open.close();
  }
}
