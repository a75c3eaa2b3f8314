import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type SimulatorAccount, accountOf, unexplained } from './chaos/account.ts';
import { type Asked, sendAll } from './chaos/load.ts';
import { readRecords } from './chaos/records.ts';
import { type ChaosStage, setStage } from './chaos/stage.ts';
import { Weather } from './chaos/weather.ts';
import { isLawfulAt, jurisdictions } from './chaos/world.ts';

/*
 * Proof: whatever fails, and however, nothing reaches a place that is not lawful for it (I3). Labelled requests
 * of four jurisdictions, on every route, while every endpoint fails at random in every way; afterwards the
 * endpoints' own logs are held against a table that the gateway does not know. Run by `npm run proofs:chaos`.
 */

const usage = `usage: npm run proofs:chaos -- [--requests N] [--concurrency N] [--seed N] [--json] [--keep]
`;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    concurrency: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [count, concurrency, seed] = [values.requests, values.concurrency, values.seed].map(Number) as [
  number,
  number,
  number,
];
if (values.help || ![count, concurrency].every((n) => Number.isInteger(n) && n > 0) || Number.isNaN(seed)) {
  process.stderr.write(usage);
  process.exit(2);
}

/** Notices and leaves of the last requests are still on their way when these have been answered. */
const settleMs = 8_000;
const progress = (line: string) => process.stderr.write(`${line}\n`);

interface Report {
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly weather: Readonly<Record<string, number>>;
  readonly simulators: readonly SimulatorAccount[];
  readonly unexplained: readonly string[];
  readonly strayed: readonly string[];
  readonly open: number;
  readonly entries: number;
  readonly archivedEntries: number;
  readonly intact: boolean;
  readonly seconds: number;
}

const stage = await setStage();
let ok = false;
try {
  const report = await play(stage);
  ok = faultsOf(report).length === 0;
  if (values.json) process.stdout.write(`${JSON.stringify({ ok, ...report }, null, 2)}\n`);
  else print(report);
} finally {
  await stage.strike(values.keep || !ok);
  if (values.keep || !ok) progress(`logs are kept in ${stage.folder}`);
}
process.exitCode = ok ? 0 : 1;

async function play({ url, keys, simulators, configFile, ...rest }: ChaosStage): Promise<Report> {
  const startedMs = performance.now();
  const weather = new Weather(simulators, seed);
  const onProgress = (done: number) => progress(`${done} of ${count} requests`);
  const asked = await sendAll({ url, keys, count, concurrency, seed, onProgress });
  await weather.clear();
  await delay(settleMs);
  await rest.stopGateway();
  progress('reading the records and sealing the archive');
  const records = await readRecords(configFile);
  return {
    requests: asked.length,
    answers: tally(asked),
    weather: Object.fromEntries(weather.counts),
    simulators: simulators.map(({ name, logFile }) => accountOf(name, logFile, records)),
    unexplained: unexplained(asked, records),
    strayed: records.strayed,
    open: records.open,
    entries: records.entries,
    archivedEntries: records.archivedEntries,
    intact: await rest.verify(),
    seconds: Math.round((performance.now() - startedMs) / 1_000),
  };
}

function tally(asked: readonly Asked[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { path, status, code } of asked) {
    const name = `${path} ${status}${code === null ? '' : ` ${code}`}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What must not be, and what must have happened for its absence to mean something. */
function faultsOf(report: Report): string[] {
  const { simulators, answers } = report;
  const faults = [
    ...simulators.flatMap(({ name, unlawful }) => unlawful.map((what) => `${name}: ${what}`)),
    ...simulators.flatMap(({ name, withoutRecord }) => withoutRecord.map((what) => `${name}: ${what}`)),
    ...report.unexplained,
    ...report.strayed,
    ...(report.open > 0 ? [`${report.open} decisions are open`] : []),
    ...(report.intact ? [] : ['audit verify found something']),
    ...(report.archivedEntries > report.requests ? [] : ['the archive is nearly empty']),
  ];
  const purposes = ['inference', 'embedding', 'webhook'] as const;
  for (const { name, byPurpose, byJurisdiction } of simulators) {
    const rows = jurisdictions.map((jurisdiction) => ({ jurisdiction, dataClass: 'internal' }));
    const idle = purposes.filter(
      (purpose) => rows.some((label) => isLawfulAt(name, label, purpose)) && !byPurpose[purpose],
    );
    for (const purpose of idle) faults.push(`${name} received nothing for ${purpose}`);
    const isHome = Object.keys(byJurisdiction).length > 0;
    if (!isHome && purposes.some((purpose) => rows.some((label) => isLawfulAt(name, label, purpose))))
      faults.push(`${name} received nothing`);
  }
  for (const needed of ['200', 'LAWFUL_ENDPOINTS_FAILED', 'NO_LAWFUL_ENDPOINT', 'LABEL_MISSING']) {
    if (!Object.keys(answers).some((name) => name.includes(needed))) faults.push(`no answer ${needed}`);
  }
  return faults;
}

function print(report: Report): void {
  const line = (text: string) => process.stdout.write(`${text}\n`);
  const rows = [
    ['simulator', 'received', ...jurisdictions, 'inference', 'embedding', 'webhook', 'unlawful', 'no record'],
    ...report.simulators.map((one) => [
      one.name,
      String(one.received),
      ...jurisdictions.map((jurisdiction) => String(one.byJurisdiction[jurisdiction] ?? 0)),
      ...['inference', 'embedding', 'webhook'].map((purpose) => String(one.byPurpose[purpose] ?? 0)),
      String(one.unlawful.length),
      String(one.withoutRecord.length),
    ]),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  for (const row of rows) line(row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
  line('');
  for (const [name, times] of Object.entries(report.answers)) line(`${String(times).padStart(7)}  ${name}`);
  line('');
  const weather = Object.entries(report.weather).map(([mode, times]) => `${mode} ${times}`);
  line(`weather: ${weather.join(', ')}`);
  line(`${report.entries} entries in four stores, ${report.archivedEntries} in their archives`);
  line(`strayed: ${report.strayed.length}; open: ${report.open}; unexplained: ${report.unexplained.length}`);
  line(`every entry verified: ${report.intact ? 'yes' : 'NO'}`);
  const faults = faultsOf(report);
  for (const fault of faults.slice(0, 20)) line(`  ${fault}`);
  line(faults.length === 0 ? `holds, after ${report.seconds} s` : `DOES NOT HOLD: ${faults.length} faults`);
}
