import { Command } from 'commander';
import { type DecisionStory, type ToldEntry, tellStory } from '../audit/story.ts';
import { verifyStore } from '../audit/verify.ts';
import { loadConfig } from '../config/load.ts';
import { parseDecisionId } from '../decision/ids.ts';
import { attachCells } from '../gateway/open-cells.ts';
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
    .action(show);
  command
    .command('verify')
    .description('Recompute every digest and chain of the stores; name what was altered.')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(verify);
  return command;
}

async function show(id: string, options: { config: string; json?: boolean }): Promise<void> {
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

function printEntry({ header, headerDigest, payload, problem }: ToldEntry): void {
  console.log(`\n${header.type.toUpperCase()}  ${header.time}  ${headerDigest}`);
  if (problem !== null) console.log(`  PROBLEM: ${problem}`);
  console.log(indent(JSON.stringify(header.facts, null, 2)));
  if (payload !== null) console.log(`  payload:\n${indent(JSON.stringify(payload, null, 2))}`);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

async function verify(options: { config: string; json?: boolean }): Promise<void> {
  const open = await attachCells(loadConfig(options.config), quietLog);
  try {
    const results = [];
    for (const cell of open.cells.values()) {
      const showProgress = process.stderr.isTTY && !options.json;
      const result = await verifyStore(cell.store, cell.keys, (entries) => {
        if (showProgress) process.stderr.write(`\r${cell.id}: ${entries} entries`);
      });
      if (showProgress) process.stderr.write('\n');
      results.push({ cell: cell.id, ...result });
    }
    const ok = results.every((result) => result.problems.length === 0);
    if (options.json) printJson({ ok, cells: results });
    else {
      for (const { cell, entries, problems } of results) {
        console.log(`${cell}: ${entries} entries, ${problems.length} problems`);
        for (const { decisionId, entryId, problem } of problems)
          console.log(`  ${decisionId} ${entryId}: ${problem}`);
      }
    }
    if (!ok) throw new CheckFailed();
  } finally {
    await open.close();
  }
}
