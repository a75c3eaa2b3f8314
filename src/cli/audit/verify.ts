import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { OutsideCheckpoint } from '../../audit/verification/log-check.ts';
import type { Problem } from '../../audit/verification/problem.ts';
import type { VerifyState } from '../../audit/verification/verify.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { attachCells } from '../../gateway/open-cells.ts';
import type { Cell } from '../../gateway/rooms.ts';
import { type CellVerification, holds, verifyHostedCell } from '../../gateway/verifying.ts';
import { CheckFailed } from '../exit.ts';
import { quietLog } from '../log.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import { ProgressBar } from '../progress-bar.ts';

interface Options {
  config: string;
  json?: boolean;
  cell?: string;
  checkpoint: string[];
  state?: string;
  restart?: boolean;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'Recompute the ledger, every entry, key and chain of the stores; name what is not as it was.',
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--cell <id>', 'only this cell; all hosted ones when left out')
    .option('--checkpoint <file>', 'a checkpoint you have kept: the ledger must hold it too', collect, [])
    .option('--state <folder>', 'keep the state of a long run here, and go on from it next time')
    .option('--restart', 'begin anew although there is a state')
    .addHelpText(
      'after',
      `
Examples:
  countersign audit verify --config countersign.yaml
  countersign audit verify --checkpoint kept/2026-11-22.checkpoint --json
  countersign audit verify --state /var/tmp/verify      # restartable`,
    )
    .action(verify);
}

function collect(file: string, before: string[]): string[] {
  return [...before, file];
}

async function verify(options: Options): Promise<void> {
  const config = loadConfig(options.config);
  const kept = options.checkpoint.map((file) => ({ source: file, note: readFileSync(file, 'utf8') }));
  const open = await attachCells(config, quietLog);
  try {
    const cells = [...open.cells.values()].filter((cell) => (options.cell ?? cell.id) === cell.id);
    const results = [];
    for (const cell of cells) results.push(await verifyOne(cell, config, kept, options));
    const ok = results.length > 0 && results.every(holds);
    if (options.json) printJson({ ok, cells: results });
    else for (const result of results) printResult(result);
    if (!ok) throw new CheckFailed();
  } finally {
    await open.close();
  }
}

async function verifyOne(
  cell: Cell,
  config: LoadedConfig,
  kept: readonly OutsideCheckpoint[],
  options: Options,
): Promise<CellVerification> {
  const bar = new ProgressBar(cell.id, process.stderr.isTTY && !options.json);
  const stateFile = options.state === undefined ? null : join(options.state, `${cell.id}.json`);
  const result = await verifyHostedCell(cell, config, {
    kept,
    resumeFrom: stateFile !== null && !options.restart ? readState(stateFile) : null,
    onProgress: ({ leaves, ofLeaves, entries }) => bar.show(leaves, ofLeaves, `${entries} entries`),
    onState(state) {
      if (stateFile !== null) writeFileSync(stateFile, JSON.stringify(state));
    },
  });
  bar.done();
  // What was checked to the end is checked from the beginning next time.
  if (stateFile !== null) rmSync(stateFile, { force: true });
  return result;
}

function readState(file: string): VerifyState | null {
  if (!existsSync(file)) return null;
  const state = JSON.parse(readFileSync(file, 'utf8')) as VerifyState;
  return state.version === 1 ? state : null;
}

function printResult(result: CellVerification): void {
  const { cell, archive, entries, leaves, notYetInLedger, problemCount, problems } = result;
  const waiting = notYetInLedger > 0 ? `, ${notYetInLedger} waiting for the next checkpoint` : '';
  console.log(`${cell}: ${leaves} leaves, ${entries} entries${waiting}, ${problemCount} problems`);
  for (const problem of problems) console.log(`  ${sentence(problem)}`);
  if (problemCount > problems.length) console.log(`  … and ${problemCount - problems.length} more`);
  if (archive === null) return;
  console.log(
    `  archive: ${archive.segments} segments, ${archive.entries} entries, the last ${archive.lastHour ?? 'none'}`,
  );
  if (archive.problem) console.log(`  ARCHIVE ${archive.problem.segment}: ${archive.problem.problem}`);
}

function sentence({ kind, decisionId, entryId, leaf, problem }: Problem): string {
  const where = leaf === null ? '' : ` (leaf ${leaf.index} of ${leaf.period})`;
  const what = entryId === null ? '' : ` decision ${decisionId}, entry ${entryId}${where}:`;
  return `${kind.toUpperCase()}${what} ${problem}`;
}
