import { parseArgs } from 'node:util';
import { Load } from './crash/load.ts';
import { type FaultReport, type Play, killGateway, killPostgres, pausePostgres } from './crash/faults.ts';
import { Stage } from './crash/stage.ts';

/*
 * Proof: whatever is killed, and whenever, every call that left has a record (I1), every answer that was
 * released has one too (I2), and nothing is left open (I6). Run by `npm run proofs:crash`.
 */

const usage = `usage: npm run proofs:crash -- [--target gateway|postgres|pause|all] [--kills N] [--clients N]
                                   [--seed N] [--json] [--keep]
`;

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'all' },
    kills: { type: 'string', default: '50' },
    clients: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const targets = ['gateway', 'postgres', 'pause'] as const;
const kills = Number(values.kills);
const isKnown = values.target === 'all' || targets.some((target) => target === values.target);
if (values.help || !isKnown || !Number.isInteger(kills) || kills < 1) {
  process.stderr.write(usage);
  process.exit(2);
}

const simulatorDelayMs = 250;
const random = seeded(Number(values.seed));
const progress = (line: string) => process.stderr.write(`${line}\n`);
const wanted = (target: (typeof targets)[number]) => values.target === 'all' || values.target === target;

const stage = await Stage.set(simulatorDelayMs);
let ok = false;
try {
  progress(`first start: ${Math.round(await stage.startGateway())} ms`);
  const load = new Load({ url: stage.url, key: stage.key, clients: Number(values.clients), random });
  const play: Play = { stage, load, random, progress };
  const reports: FaultReport[] = [];
  if (wanted('gateway')) reports.push(await killGateway(play, kills));
  if (wanted('postgres')) reports.push(await killPostgres(play, Math.ceil(kills / 5)));
  if (wanted('pause')) reports.push(await pausePostgres(play, Math.ceil(kills / 15)));
  const intact = await stage.verify();
  ok = intact && reports.every(holds);
  print(reports, intact);
} finally {
  await stage.strike(values.keep || !ok);
  if (!ok) progress(`logs are kept beside ${stage.gatewayLog}`);
}
process.exitCode = ok ? 0 : 1;

/** All zeros where zeros are due, and enough happened for them to mean something. */
function holds(report: FaultReport): boolean {
  const zeros = [
    report.callsWithoutRecord,
    report.answersWithoutRecord,
    report.openDecisions,
    report.callsDuringPause ?? 0,
    report.othersDuringPause ?? 0,
  ];
  const happened = [report.callsReceived, report.answersReceived, report.refusalsDuringPause ?? 1];
  return zeros.every((count) => count === 0) && happened.every((count) => count > 0);
}

function print(reports: readonly FaultReport[], intact: boolean): void {
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ok, intact, reports }, null, 2)}\n`);
    return;
  }
  const columns: readonly (readonly [string, (report: FaultReport) => string | number])[] = [
    ['fault', (report) => report.fault],
    ['times', (report) => report.times],
    ['calls received', (report) => report.callsReceived],
    ['without record', (report) => report.callsWithoutRecord],
    ['answers received', (report) => report.answersReceived],
    ['without record', (report) => report.answersWithoutRecord],
    ['open', (report) => report.openDecisions],
    ['calls in pause', (report) => report.callsDuringPause ?? '-'],
    ['other than 503', (report) => report.othersDuringPause ?? '-'],
    ['503 in pause', (report) => report.refusalsDuringPause ?? '-'],
    ['well again, ms', (report) => report.recoveryMsMax],
  ];
  const rows = [
    columns.map(([name]) => name),
    ...reports.map((report) => columns.map(([, value]) => String(value(report)))),
  ];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of rows) {
    process.stdout.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
  process.stdout.write(`every entry verified: ${intact ? 'yes' : 'NO'}\n${ok ? 'holds' : 'DOES NOT HOLD'}\n`);
}

/** Mulberry32: the same seed gives the same moments. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
