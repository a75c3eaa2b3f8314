import { Command, Option } from 'commander';
import { type AccessReason, accessReasons, caseReference } from '../../audit/access.ts';
import { findEntries } from '../../audit/repository.ts';
import { loadConfig } from '../../config/load.ts';
import { type DecisionId, parseDecisionId } from '../../decision/ids.ts';
import { closeRooms, wireRooms } from '../../gateway/gateway.ts';
import { attachCells, type OpenCells } from '../../gateway/open-cells.ts';
import type { CalledAgain } from '../../gateway/replay/call-again.ts';
import { type ReplayReport, replayDecision } from '../../gateway/replay/replay-decision.ts';
import { createReplayer } from '../../gateway/replay/replayer.ts';
import type { Cell, Rooms } from '../../gateway/rooms.ts';
import { CheckFailed } from '../exit.ts';
import { quietLog } from '../log.ts';
import { configOption, jsonOption, printJson } from '../options.ts';

interface Options {
  config: string;
  json?: boolean;
  callModel?: boolean;
  reason: AccessReason;
  case?: string;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('Do a decision again from its record: byte-equal, or the first difference.')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--call-model', 'ask the model again too, under today’s rules, and report the similarity')
    .addOption(new Option('--reason <code>', 'why').choices(accessReasons).default('unstated'))
    .option('--case <reference>', 'reference of your own case, without spaces')
    .argument('<decision-id>', 'UUIDv7 of the decision')
    .addHelpText('after', '\nExit code 0: byte-equal. 1: different, or it cannot be replayed.')
    .action(replay);
}

async function replay(id: string, options: Options): Promise<void> {
  const decisionId = parseDecisionId(id);
  if (decisionId === null) return failed('a decision id is a UUIDv7: 32 hexadecimal digits with hyphens');
  if (options.case !== undefined && !caseReference.test(options.case))
    return failed('a case reference has up to 64 letters, digits, . / _ - and no spaces');
  const config = loadConfig(options.config);
  const open = await attachCells(config, quietLog);
  let rooms: Rooms | null = null;
  try {
    const found = await locate(open, decisionId);
    if (found === null) return failed(`no hosted cell has a decision ${decisionId}`);
    if (options.callModel) rooms = await wireRooms(config, open, quietLog);
    const report = await replayHere(found, decisionId, options, rooms);
    if (options.json) printJson(report);
    else printReport(report);
    if (report.result !== 'equal') throw new CheckFailed();
  } finally {
    if (rooms) await closeRooms(rooms);
    await open.close();
  }
}

function failed(sentence: string): never {
  console.error(sentence);
  throw new CheckFailed();
}

async function locate(
  open: OpenCells,
  decisionId: DecisionId,
): Promise<{ cell: Cell; tenant: string } | null> {
  for (const cell of open.cells.values()) {
    const [first] = await findEntries(cell.store, decisionId);
    if (first) return { cell, tenant: first.header.tenant };
  }
  return null;
}

async function replayHere(
  { cell, tenant }: { cell: Cell; tenant: string },
  decisionId: DecisionId,
  options: Options,
  rooms: Rooms | null,
): Promise<ReplayReport> {
  const replayer = createReplayer();
  try {
    const request = {
      decisionId,
      tenant,
      by: `cli/${process.getuid?.() ?? 'unknown'}`,
      reason: options.reason,
      caseReference: options.case ?? null,
      // JSON goes on to other programs; the text is for the eyes of whoever may read this machine's records.
      reveal: !options.json,
    };
    return await replayDecision(replayer, cell, request, rooms);
  } finally {
    replayer.close();
  }
}

function printReport(report: ReplayReport): void {
  const { decisionId, schema, result, steps, firstDifference, reason, gatewayVersion, calledAgain } = report;
  console.log(`Decision ${decisionId} (schema ${schema}): ${result}`);
  if (reason) console.log(`  ${reason.code}: ${reason.detail}`);
  if (gatewayVersion)
    console.log(`  gateway: recorded ${gatewayVersion.recorded}, now ${gatewayVersion.now}`);
  for (const { step, result: outcome, note } of steps)
    console.log(`  ${step.padEnd(14)} ${outcome}${note === null ? '' : ` (${note})`}`);
  if (firstDifference) {
    console.log(`First difference, in ${firstDifference.step}, at ${firstDifference.at}`);
    console.log(`  recorded: ${firstDifference.recorded}`);
    console.log(`  replayed: ${firstDifference.replayed}`);
  }
  if (calledAgain) printCalled(calledAgain);
}

function printCalled(called: CalledAgain): void {
  switch (called.kind) {
    case 'answered':
      console.log(`Model asked again at ${called.endpoint}, recorded as ${called.decisionId}`);
      console.log(
        `  outcome ${called.outcomeEqual ? 'equal' : 'different'}, text ${called.textEqual ? 'equal' : 'different'}`,
      );
      console.log(`  similarity ${called.similarity.value} (${called.similarity.method})`);
      return;
    case 'no-answer':
      console.log(
        `Model asked again at ${called.endpoint}, recorded as ${called.decisionId}: no answer (${called.detail})`,
      );
      return;
    case 'not-called':
      console.log(`Model not asked again: ${called.code} ${called.detail}`);
  }
}
