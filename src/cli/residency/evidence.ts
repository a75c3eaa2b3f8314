import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { dayAt, parseDay } from '../../audit/completeness/day.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { keepAlert } from '../../gateway/alert-repository.ts';
import { type OpenCells, attachCells } from '../../gateway/open-cells.ts';
import { openQuarantines } from '../../gateway/quarantining.ts';
import { reconcileDay } from '../../gateway/reconciling.ts';
import { importVendorLog } from '../../gateway/vendor-logs.ts';
import { VendorLogFormatError } from '../../residency/assurance/cloudtrail.ts';
import type { ReconciliationFacts } from '../../residency/assurance/reconciliation.ts';
import { type VendorLogKind, vendorLogKinds } from '../../residency/assurance/vendor-log-repository.ts';
import { type Alerts, createAlerts } from '../../telemetry/alerts.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { chosenCells, fail } from '../audit/operator.ts';
import { CheckFailed } from '../exit.ts';
import { jsonLog, quietLog } from '../log.ts';
import { configOption, jsonOption, printJson } from '../options.ts';

interface ImportOptions {
  config: string;
  json?: boolean;
  kind: VendorLogKind;
  endpoint: string;
  cell?: string;
}

export function evidenceCommands(): Command {
  const command = new Command('evidence').description('What stands behind the declared places.');
  command
    .command('import')
    .description('Import what a vendor’s own log or profile says of an endpoint.')
    .addOption(configOption())
    .addOption(jsonOption())
    .addOption(
      new Option('--kind <kind>', 'what the file is').choices([...vendorLogKinds]).makeOptionMandatory(),
    )
    .requiredOption('--endpoint <id>', 'endpoint of the configuration that it speaks of')
    .option('--cell <id>', 'only this cell; all hosted ones when left out')
    .argument('<file>', 'a CloudTrail log file, or what "aws bedrock get-inference-profile" prints')
    .addHelpText(
      'after',
      `
What contradicts the declaration takes the endpoint out at once; exit code 1 then.

Examples:
  countersign residency evidence import --kind cloudtrail --endpoint bedrock-eu log.json
  countersign residency evidence import --kind bedrock-profile --endpoint bedrock-eu profile.json`,
    )
    .action(importFile);
  command
    .command('reconcile')
    .description('Hold what left on a day against the labels it was lawful for, and record the result.')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--day <yyyy-mm-dd>', 'UTC day; today, as far as it has gone, when left out')
    .option('--cell <id>', 'only this cell; all hosted ones when left out')
    .action(reconcile);
  return command;
}

async function importFile(file: string, options: ImportOptions): Promise<void> {
  await withAlerts(options.config, async ({ config, open, alerts }) => {
    const endpoint =
      config.gateway.endpoints.find(({ id }) => id === options.endpoint) ??
      fail(`no endpoint is called ${options.endpoint}`);
    const text = await readFile(file, 'utf8');
    const nowMs = () => Date.now();
    const metrics = createMetrics(() => []);
    const quarantines = await openQuarantines({ cells: open.cells, alerts, metrics, nowMs, log: quietLog });
    const results = [];
    try {
      for (const { id, store } of chosenCells([...open.cells.values()], options.cell)) {
        const at = { store, config, quarantines, nowMs };
        results.push({ cell: id, ...(await importVendorLog(at, { kind: options.kind, endpoint, text })) });
      }
    } catch (error) {
      if (!(error instanceof VendorLogFormatError)) throw error;
      fail(`${file}: ${error.message}`);
    } finally {
      await quarantines.stop();
    }
    if (options.json) printJson({ results });
    else for (const result of results) print(result);
    if (results.some(({ mismatches }) => mismatches.length > 0)) throw new CheckFailed();
  });
}

function print(result: {
  cell: string;
  isNew: boolean;
  requests: number;
  matched: number;
  mismatches: readonly string[];
}) {
  const { cell, isNew, requests, matched, mismatches } = result;
  if (!isNew) console.log(`${cell}: this file has been imported before; nothing was changed`);
  else console.log(`${cell}: ${matched} of ${requests} requests are calls of ours`);
  for (const mismatch of mismatches) console.log(`${cell}: MISMATCH ${mismatch}`);
}

async function reconcile(options: {
  config: string;
  json?: boolean;
  day?: string;
  cell?: string;
}): Promise<void> {
  const day = options.day === undefined ? dayAt(Date.now()) : parseDay(options.day);
  if (day === null || day.fromMs > Date.now()) return fail('write a UTC day that has begun as yyyy-mm-dd');
  await withAlerts(options.config, async ({ config, open, alerts }) => {
    const reports = [];
    for (const { id, store } of chosenCells([...open.cells.values()], options.cell)) {
      const header = await reconcileDay({ store, config, alerts, nowMs: Date.now }, day, 'asked');
      reports.push({ cell: id, reconciliation: header.facts as unknown as ReconciliationFacts });
    }
    if (options.json) printJson({ reports });
    else for (const { cell, reconciliation } of reports) printReconciliation(cell, day.name, reconciliation);
    if (reports.some(({ reconciliation }) => reconciliation.problems.length > 0)) throw new CheckFailed();
  });
}

function printReconciliation(cell: string, day: string, { groups, problems }: ReconciliationFacts): void {
  console.log(`${cell} ${day}`);
  for (const { jurisdiction, endpoint, grade, calls } of groups)
    console.log(`  ${jurisdiction} to ${endpoint}: ${calls} calls, evidence ${grade}`);
  for (const { problem, count, ids } of problems) {
    console.log(`  ${problem}: ${count}`);
    for (const id of ids) console.log(`    ${id}`);
  }
  if (problems.length === 0) console.log('  every call that left was lawful for its label');
}

async function withAlerts(
  configFile: string,
  work: (at: { config: LoadedConfig; open: OpenCells; alerts: Alerts }) => Promise<void>,
): Promise<void> {
  const config = loadConfig(configFile);
  const open = await attachCells(config, quietLog);
  // What the gateway counts as a metric stands in the table of alerts here.
  const keep = (alert: Parameters<typeof keepAlert>[1]) => keepAlert(open.cells, alert);
  const alerts = createAlerts({ log: jsonLog, count: () => undefined, keep });
  try {
    await work({ config, open, alerts });
  } finally {
    await alerts.settle();
    await open.close();
  }
}
