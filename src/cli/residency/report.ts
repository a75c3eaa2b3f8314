import { Command, Option } from 'commander';
import { loadConfig } from '../../config/load.ts';
import { type PolicyChange, allPolicyChanges } from '../../gateway/policy-change.ts';
import { doraCsv } from '../../residency/report/dora.ts';
import type { Expiry } from '../../residency/report/expiries.ts';
import type { MatrixRow } from '../../residency/report/matrix.ts';
import {
  type CellReport,
  type PolicyReport,
  cellReport,
  policyReport,
} from '../../residency/report/report.ts';
import { chosenCells, withCells } from '../audit/operator.ts';
import { configOption, jsonOption, printJson } from '../options.ts';
import { printChange } from './changes.ts';
import { dayArgument } from './day.ts';

interface Options {
  config: string;
  from?: number;
  to?: number;
  since?: number;
  cell?: string;
  csv?: 'dora';
  json?: boolean;
}

const msOfDay = 86_400_000;
const periodDays = 30;

export function reportCommand(): Command {
  return new Command('report')
    .description('Who may go where and why, what ends when, where the calls of a period went.')
    .addOption(configOption())
    .addOption(jsonOption())
    .addOption(
      new Option('--csv <rows>', 'dora: rows for the register of information; reads no store').choices([
        'dora',
      ]),
    )
    .option('--from <yyyy-mm-dd>', `first UTC day of the calls; ${periodDays} days before --to`, dayArgument)
    .option('--to <yyyy-mm-dd>', 'first UTC day no longer counted; tomorrow when left out', dayArgument)
    .option('--since <yyyy-mm-dd>', 'also what changed in the policy since this UTC day', dayArgument)
    .option('--cell <id>', 'only this cell; all hosted ones when left out')
    .addHelpText(
      'after',
      `
Examples:
  countersign residency report
  countersign residency report --from 2026-10-01 --to 2026-11-01 --json
  countersign residency report --csv dora > dora.csv`,
    )
    .action(report);
}

async function report(options: Options): Promise<void> {
  if (options.csv === 'dora') {
    process.stdout.write(doraCsv(loadConfig(options.config).gateway));
    return;
  }
  const nowMs = Date.now();
  const toMs = options.to ?? Math.floor(nowMs / msOfDay) * msOfDay + msOfDay;
  const period = { fromMs: options.from ?? toMs - periodDays * msOfDay, toMs };
  const { policy, cells, changes } = await withCells(options.config, async (opened, { gateway }) => {
    const reports: CellReport[] = [];
    const changed: PolicyChange[] = [];
    for (const { store } of chosenCells(opened, options.cell)) {
      reports.push(await cellReport(store, gateway, period, nowMs));
      if (options.since !== undefined) changed.push(...(await allPolicyChanges(store, options.since)));
    }
    return { policy: policyReport(gateway, nowMs), cells: reports, changes: changed };
  });
  if (options.json) {
    printJson({ ...policy, cells, changes: options.since === undefined ? null : changes });
    return;
  }
  printPolicy(policy);
  cells.forEach(printCell);
  if (options.since !== undefined) {
    console.log('\nChanges of the policy');
    changes.forEach(printChange);
  }
  console.log(`\n${policy.notice}`);
}

function printPolicy({ policy, at, matrix, expiries }: PolicyReport): void {
  console.log(`Residency policy ${policy} at ${at}`);
  matrix.forEach(printRow);
  console.log('\nWhat ends');
  expiries.forEach(printExpiry);
}

function printRow({ jurisdiction, dataClass, purpose, endpoints, nearestMisses }: MatrixRow): void {
  console.log(`\n${jurisdiction}  ${dataClass}  ${purpose}`);
  for (const { id, basis, counted, until } of endpoints) {
    const grounds = basis.map(({ country, mechanism }) => `${country} by ${mechanism}`).join(', ');
    const persons = counted.length === 0 ? '' : `; persons counted under ${counted.join(', ')}`;
    console.log(`  ${id}: ${grounds}; until ${until.slice(0, 10)}${persons}`);
  }
  if (endpoints.length === 0) console.log('  nowhere');
  for (const { endpoint, why } of nearestMisses) console.log(`  not ${endpoint}: ${why}`);
}

function printExpiry({ object, validUntil, daysLeft, warning, fallback }: Expiry): void {
  const left = warning === 0 ? 'ENDED' : `${daysLeft} days${warning === null ? '' : ', SOON'}`;
  const next = fallback === null ? '' : `; then ${fallback}`;
  console.log(`  ${validUntil}  ${object}  ${left}${next}`);
}

function printCell({ cell, period, shares, counts }: CellReport): void {
  console.log(`\nCalls of cell ${cell}, ${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`);
  if (shares.length === 0) console.log('  none');
  for (const { jurisdiction, endpoint, evidence, calls, share } of shares) {
    const known = evidence === 'vendor-logged' ? 'verified (vendor-logged)' : `by ${evidence}, not verified`;
    console.log(`  ${jurisdiction} → ${endpoint}: ${calls} (${(share * 100).toFixed(1)} %), place ${known}`);
  }
  for (const { rule, year, persons, maximum } of counts)
    console.log(`  ${rule} ${year}: ${persons} persons of ${maximum ?? 'no maximum now'}`);
}
