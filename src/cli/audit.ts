import { Command } from 'commander';
import { type AccessReason, accessReasons, recordAccess } from '../audit/access.ts';
import { type DecisionStory, type ToldEntry, tellStory } from '../audit/story.ts';
import { loadConfig } from '../config/load.ts';
import { parseDecisionId } from '../decision/ids.ts';
import { attachCells } from '../gateway/open-cells.ts';
import { completenessCommand } from './audit/completeness.ts';
import { archiveCommands } from './audit/archive.ts';
import { clockCommand } from './audit/clock.ts';
import { eraseCommand } from './audit/erase.ts';
import { expireCommand } from './audit/expire.ts';
import { holdCommands } from './audit/hold.ts';
import { exportCommand } from './audit/export.ts';
import { ledgerCommands } from './audit/ledger.ts';
import { replayCommand } from './audit/replay.ts';
import { caseArgument, codeArgument, operator } from './audit/operator.ts';
import { usageCommands } from './audit/usage.ts';
import { verifyCommand } from './audit/verify.ts';
import { CheckFailed } from './exit.ts';
import { quietLog } from './log.ts';
import { configOption, jsonOption, printJson } from './options.ts';

export function auditCommands(): Command {
  const command = new Command('audit').description('Read and verify records.');
  command
    .command('show')
    .description('The whole story of a decision: inputs, prompt, raw output, versions, verdicts.')
    .addOption(configOption())
    .addOption(jsonOption())
    .argument('<decision-id>', 'UUIDv7 of the decision')
    .option(
      '--reason <code>',
      `why it is read: ${accessReasons.join(', ')}`,
      codeArgument(accessReasons),
      'unstated',
    )
    .option('--case <reference>', 'reference of the reader’s own case; no names', caseArgument)
    .action(show);
  command.addCommand(verifyCommand());
  command.addCommand(completenessCommand());
  command.addCommand(usageCommands());
  command.addCommand(exportCommand());
  command.addCommand(ledgerCommands());
  command.addCommand(archiveCommands());
  command.addCommand(replayCommand());
  for (const retention of [eraseCommand(), holdCommands(), clockCommand(), expireCommand()])
    command.addCommand(retention);
  return command;
}

interface ShowOptions {
  config: string;
  json?: boolean;
  reason: AccessReason;
  case?: string;
}

async function show(id: string, options: ShowOptions): Promise<void> {
  const decisionId = parseDecisionId(id);
  if (decisionId === null) {
    console.error('a decision id is a UUIDv7: 32 hexadecimal digits with hyphens');
    throw new CheckFailed();
  }
  const open = await attachCells(loadConfig(options.config), quietLog);
  try {
    for (const cell of open.cells.values()) {
      const story = await tellStory(cell.store, cell.keys, decisionId);
      if (!story) continue;
      const stated = { reason: options.reason, caseReference: options.case ?? null };
      const access = { decisionId, tenant: story.tenant, by: operator, action: 'read', ...stated } as const;
      // Nothing is shown before it is durable that it was.
      await recordAccess(cell.store, access, Date.now);
      if (options.json) printJson(story);
      else printStory(story);
      if (!story.intact) throw new CheckFailed();
      return;
    }
    console.error(`no hosted cell has a decision ${decisionId}`);
    throw new CheckFailed();
  } finally {
    await open.close();
  }
}

function printStory(story: DecisionStory): void {
  const first = story.entries[0]?.header;
  console.log(`Decision ${story.decisionId}`);
  console.log(`  tenant ${story.tenant}, cell ${first?.cell}, ${first?.jurisdiction ?? 'no jurisdiction'}`);
  console.log(`  type ${first?.decisionType ?? 'none'}, release ${first?.release ?? 'none'}`);
  console.log(`  record ${story.intact ? 'intact' : 'NOT INTACT'}`);
  for (const entry of story.entries) printEntry(entry);
}

function printEntry({ header, headerDigest, payload, state, problem }: ToldEntry): void {
  console.log(`\n${header.type.toUpperCase()}  ${header.time}  ${headerDigest}`);
  if (problem !== null) console.log(`  PROBLEM: ${problem}`);
  if (state === 'erased' || state === 'expired') console.log(`  payload ${state}`);
  console.log(indent(JSON.stringify(header.facts, null, 2)));
  if (payload !== null) console.log(`  payload:\n${indent(JSON.stringify(payload, null, 2))}`);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
