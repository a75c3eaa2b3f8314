import { Command, InvalidArgumentError } from 'commander';
import { type Day, dayAt, parseDay } from '../../audit/completeness/day.ts';
import type { CompletenessFacts } from '../../audit/completeness/facts.ts';
import { loadConfig } from '../../config/load.ts';
import { keepAlert } from '../../gateway/alert-repository.ts';
import { completeDay } from '../../gateway/completing.ts';
import { attachCells } from '../../gateway/open-cells.ts';
import { createAlerts } from '../../telemetry/alerts.ts';
import { CheckFailed } from '../exit.ts';
import { jsonLog, quietLog } from '../log.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import { chosenCells } from './operator.ts';

interface Options {
  config: string;
  day?: Day;
  cell?: string;
  json?: boolean;
}

export function completenessCommand(): Command {
  return new Command('completeness')
    .description('Count the calls of a day from every side, record the report, and name what does not fit.')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--day <yyyy-mm-dd>', 'UTC day; today, as far as it has gone, when left out', takeDay)
    .option('--cell <id>', 'only this cell; all hosted ones when left out')
    .addHelpText(
      'after',
      `
Examples:
  countersign audit completeness --day 2026-11-21
  countersign audit completeness --cell eu --json

Exit code 1 when a call has no record, or the counts contradict each other or the provider's.`,
    )
    .action(completeness);
}

function takeDay(text: string): Day {
  const day = parseDay(text);
  if (day === null || day.fromMs > Date.now()) {
    throw new InvalidArgumentError('write a UTC day that has begun as yyyy-mm-dd');
  }
  return day;
}

async function completeness(options: Options): Promise<void> {
  const config = loadConfig(options.config);
  const open = await attachCells(config, quietLog);
  const nowMs = () => Date.now();
  // What is counted as a metric by the gateway stands in the table of alerts here.
  const keep = (alert: Parameters<typeof keepAlert>[1]) => keepAlert(open.cells, alert);
  const alerts = createAlerts({ log: jsonLog, count: () => undefined, keep });
  try {
    const day = options.day ?? dayAt(nowMs());
    const reports = [];
    for (const { id, store } of chosenCells([...open.cells.values()], options.cell)) {
      const { headerDigest, facts } = await completeDay({ store, config, alerts, nowMs }, day, 'asked');
      reports.push({ cell: id, day: facts.day, headerDigest, counts: facts });
    }
    const ok = reports.every(({ counts }) => counts.reconciled);
    if (options.json) printJson({ ok, reports });
    else for (const { cell, headerDigest, counts } of reports) print(cell, headerDigest, counts);
    if (!ok) throw new CheckFailed();
  } finally {
    await alerts.settle();
    await open.close();
  }
}

function print(cell: string, headerDigest: string, counts: CompletenessFacts): void {
  const { completions, egressLines } = counts;
  const closed = Object.entries(completions).map(([status, count]) => `${count} ${status}`);
  console.log(`${cell} ${counts.day}${counts.partial ? ' (not over yet)' : ''}`);
  console.log(`  calls without record  ${counts.callsWithoutRecord}`);
  console.log(`  left                  ${egressLines.out} in the egress counter`);
  console.log(`  intents               ${counts.intents}, ${counts.inFlight} on their way`);
  console.log(`  completions           ${closed.join(', ')}`);
  console.log(`  usage                 ${usageLine(counts.usage)}`);
  console.log(`  ${counts.reconciled ? 'reconciled' : `NOT RECONCILED: ${counts.problems.join(', ')}`}`);
  const lists = { ...counts, 'without record': { ids: counts.callsWithoutRecordIds } };
  for (const [name, list] of Object.entries(lists)) {
    if (typeof list !== 'object' || list === null || !('ids' in list)) continue;
    for (const id of list.ids) console.log(`    ${name}: ${id}`);
  }
  console.log(`  recorded as ${headerDigest}`);
}

function usageLine(usage: CompletenessFacts['usage']): string {
  if (usage === 'not imported') return usage;
  const parts = usage.map((at) => {
    if (!('lines' in at)) return `${at.endpoint}: not imported`;
    return `${at.endpoint}: ${at.problems.length === 0 ? 'agrees' : at.problems.join(', ')}`;
  });
  return parts.join('; ');
}
