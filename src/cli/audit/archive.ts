import { Command, InvalidArgumentError } from 'commander';
import { ArchiveError } from '../../audit/archive/error.ts';
import { detachArchivedMonth, isPastHotWindow } from '../../audit/archive/detach.ts';
import { rebuildIndex } from '../../audit/archive/rebuild.ts';
import { lastSegment, monthsInStore } from '../../audit/archive/repository.ts';
import { type ArchiveProgress, verifyArchive } from '../../audit/archive/verify.ts';
import { loadConfig } from '../../config/load.ts';
import { type OpenCells, attachCells } from '../../gateway/open-cells.ts';
import type { Cell } from '../../gateway/rooms.ts';
import type { MonthVerdict } from '../../storage/detach-month.ts';
import { CheckFailed } from '../exit.ts';
import { quietLog } from '../log.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import { chosenCells, operator } from './operator.ts';

interface Options {
  readonly config: string;
  readonly json?: boolean;
  readonly cell?: string;
}

type ArchivedCell = Cell & { readonly archive: NonNullable<Cell['archive']> };

/** `countersign audit archive`: the sealed segments outside the store. */
export function archiveCommands(): Command {
  const command = new Command('archive').description('The sealed hourly segments outside the store.');
  const sub = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .addOption(configOption())
      .addOption(jsonOption())
      .option('--cell <id>', 'only this cell');
  sub(
    'verify',
    'Read every segment from the first and check all of it; name the first that does not hold.',
  ).action((options: Options) => eachCell(options, verify));
  sub('rebuild-index', 'Make the tables that find archived decisions again from the segments alone.').action(
    (options: Options) => eachCell(options, rebuild),
  );
  sub('detach', 'Take months out of the store whose every entry is sealed and can be read back.')
    .requiredOption('--before <yyyy-mm>', 'the first month that stays', month)
    .option('--dry-run', 'check everything and take nothing out')
    .addHelpText(
      'after',
      `
Needs the address of the tables' owner (cells[].store.ownerUrl; the embedded store has it). Months stay as long as
cells[].archive.hotMonths says. Afterwards the decisions are found in the archive through the same commands and API.`,
    )
    .action((options: Options & { before: string; dryRun?: boolean }) =>
      eachCell(options, (cell, open) => detach(cell, open, options)),
    );
  return command;
}

interface Outcome {
  readonly ok: boolean;
  readonly result: object;
  readonly lines: readonly string[];
}

/** Does the work for every cell that has an archive, prints it, and fails when any cell's did. */
async function eachCell(
  options: Options,
  work: (
    cell: ArchivedCell,
    open: OpenCells,
    onProgress: (progress: ArchiveProgress) => void,
  ) => Promise<Outcome>,
): Promise<void> {
  const open = await attachCells(loadConfig(options.config), quietLog);
  try {
    const results: object[] = [];
    let ok = true;
    for (const cell of chosenCells([...open.cells.values()], options.cell)) {
      if (cell.archive === null) continue;
      const showProgress = process.stderr.isTTY && !options.json;
      const outcome = await work({ ...cell, archive: cell.archive }, open, ({ segments, entries }) => {
        if (showProgress) process.stderr.write(`\r${cell.id}: ${segments} segments, ${entries} entries`);
      });
      if (showProgress) process.stderr.write('\n');
      ok &&= outcome.ok;
      results.push({ cell: cell.id, ...outcome.result });
      if (!options.json) for (const line of outcome.lines) console.log(`${cell.id}: ${line}`);
    }
    if (options.json) printJson({ ok, cells: results });
    if (!ok) throw new CheckFailed();
  } finally {
    await open.close();
  }
}

async function verify(
  { id, archive, store, ledger }: ArchivedCell,
  _open: OpenCells,
  onProgress: (progress: ArchiveProgress) => void,
): Promise<Outcome> {
  const logOf = (period: string) => ledger.verifier(period);
  const result = await verifyArchive(archive.objects, id, onProgress, await lastSegment(store.query), logOf);
  const { segments, entries, lastHour, problem } = result;
  const lines = [`${segments} segments hold, ${entries} entries, up to the hour of ${lastHour ?? 'none'}`];
  if (problem !== null) lines.push(`${problem.segment} ${problem.culprit ?? ''}: ${problem.problem}`);
  return { ok: problem === null, result, lines };
}

async function rebuild(
  { id, archive, store, ledger }: ArchivedCell,
  _open: OpenCells,
  onProgress: (progress: ArchiveProgress) => void,
): Promise<Outcome> {
  const logOf = (period: string) => ledger.verifier(period);
  const desk = { cell: id, query: store.query, store: archive.objects, nowMs: () => Date.now(), logOf };
  return failing(async () => {
    const result = await rebuildIndex(desk, onProgress);
    return {
      ok: true,
      result,
      lines: [`${result.segments} segments, ${result.added} of them were not known`],
    };
  });
}

async function detach(
  { id, archive, store, ledger }: ArchivedCell,
  open: OpenCells,
  { before, dryRun = false }: { before: string; dryRun?: boolean },
): Promise<Outcome> {
  const ownerUrl = await open.ownerUrl(id);
  if (ownerUrl === null) {
    return { ok: false, result: { refused: 'ownerUrl' }, lines: ['give the cell’s store an ownerUrl'] };
  }
  return failing(async () => {
    const months: (MonthVerdict & { month: string })[] = [];
    for (const name of await monthsInStore(store.query)) {
      if (name >= before || !isPastHotWindow(name, archive.hotMonths, Date.now())) continue;
      const logOf = (period: string) => ledger.verifier(period);
      const at = {
        store,
        archive,
        ownerUrl,
        logOf,
        by: operator,
        dryRun,
        nowMs: () => Date.now(),
        log: quietLog,
      };
      months.push({ month: name, ...(await detachArchivedMonth(name, at)) });
    }
    const ok = months.every(({ kind }) => kind !== 'kept');
    const lines = months.length > 0 ? months.map(sentence) : ['no month is past its hot window'];
    return { ok, result: { months }, lines };
  });
}

function sentence(verdict: MonthVerdict & { month: string }): string {
  const { month: name } = verdict;
  if (verdict.kind === 'absent') return `${name} is not in the store`;
  const { entries, decisions } = verdict.summary;
  const size = `${entries} entries of ${decisions} decisions`;
  if (verdict.kind === 'kept') {
    const { unsealed, open, unqueued } = verdict;
    return `${name} stays: of ${size}, ${unsealed} entries are not sealed, ${open} decisions are open, the expiry of ${unqueued} is not planned yet`;
  }
  return verdict.kind === 'ready' ? `${name} could go: ${size}` : `${name} has left the store: ${size}`;
}

/** An archive that does not hold is an outcome of these commands. */
async function failing(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return { ok: false, result: { problem: error.told }, lines: [error.message] };
  }
}

function month(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('A month is written yyyy-mm.');
  return text;
}
