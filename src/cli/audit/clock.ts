import { Command, InvalidArgumentError } from 'commander';
import { type ClockEvent, clockEvents, recordClockStart } from '../../audit/retention/clock.ts';
import type { DecisionId } from '../../decision/ids.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import { codeArgument, decisionArgument, decisionIn, operator, withCells } from './operator.ts';

interface ClockOptions {
  config: string;
  json?: boolean;
  event: ClockEvent;
  at: number;
}

export function clockCommand(): Command {
  return new Command('clock')
    .description('Report an event that starts a retention clock of a decision.')
    .addOption(configOption())
    .addOption(jsonOption())
    .argument('<decision-id>', 'UUIDv7 of the decision', decisionArgument)
    .requiredOption('--event <event>', `what happened: ${clockEvents.join(', ')}`, codeArgument(clockEvents))
    .requiredOption(
      '--at <time>',
      'when it happened, RFC 3339; of several reports the latest time counts',
      past,
    )
    .addHelpText(
      'after',
      '\nExample:\n  countersign audit clock ID --event account-closed --at 2026-11-01T00:00:00Z',
    )
    .action(start);
}

async function start(decisionId: DecisionId, options: ClockOptions): Promise<void> {
  const { event, at: atMs } = options;
  await withCells(options.config, async (cells) => {
    const { cell, first } = await decisionIn(cells, decisionId);
    const report = { decisionId, tenant: first.tenant, event, atMs, by: operator };
    const { entryId } = await recordClockStart(cell.store, report, Date.now);
    const at = new Date(atMs).toISOString();
    if (options.json) printJson({ decisionId, event, at, entryId });
    else console.log(`recorded: ${event} at ${at}`);
  });
}

function past(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs) || atMs > Date.now()) throw new InvalidArgumentError('It is no time that has been.');
  return atMs;
}
