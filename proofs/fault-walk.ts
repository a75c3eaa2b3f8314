import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Account, callsInLog, takeAccount } from './crash/account.ts';
import type { ReceivedAnswer } from './crash/load.ts';
import { Stage } from './crash/stage.ts';
import { FaultControl } from './faults/control.ts';
import { liveOnce } from './faults/life.ts';
import { type FaultEffect, type FaultKind, effectsOn, kinds } from './faults/point.ts';

/*
 * Walks a fault over the whole life of a decision: the first write fails, then the second, and so on until
 * none is left; the same for every fsync, publication, commit, send and signature, by kill, EIO, ENOSPC and
 * delay. After each walk the gateway is started again, and the accounts of the simulator, of the clients and
 * of the store must agree (I1, I2, I6), every ledger must verify, and completeness must say so by itself.
 * Run by `npm run proofs:faults`.
 */

const usage = 'usage: npm run proofs:faults -- [--kind KIND] [--max N] [--json] [--keep]\n';

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'all' },
    max: { type: 'string', default: '400' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const wanted = values.kind === 'all' ? kinds : kinds.filter((kind) => kind === values.kind);
if (values.help || wanted.length === 0) {
  process.stderr.write(usage);
  process.exit(2);
}
const nMax = Number(values.max);
const progress = (line: string) => process.stderr.write(`${line}\n`);

interface WalkReport extends Account {
  readonly fault: string;
  /** Values of N that hit something. */
  readonly tried: number;
  readonly livesWhole: number;
  readonly verified: boolean;
  readonly completenessAgrees: boolean;
  /** Calls without record as the gateway itself publishes them. */
  readonly callsWithoutRecordPublished: number;
}

const preload = join(import.meta.dirname, 'faults/inject.mjs');

/** One walk over N for one kind and effect, on a stage of its own: nothing of an earlier walk can hide anything. */
async function walk(kind: FaultKind, effect: FaultEffect): Promise<WalkReport> {
  const control = new FaultControl(await mkdtemp(join(tmpdir(), 'countersign-faults-')));
  const stage = await Stage.set(0, {
    gatewayStart: { nodeArguments: ['--import', preload], environment: control.environment },
  });
  let ok = false;
  try {
    await stage.startGateway();
    const answers: ReceivedAnswer[] = [];
    const outcome = await tryEveryN(stage, control, { kind, effect, answers });
    control.disarm();
    if (await stage.gatewayDied()) await stage.startGateway();
    else await stage.stopGateway().then(() => stage.startGateway());
    const published = await publishedCompleteness(stage);
    await stage.stopGateway();
    const report = {
      fault: `${kind} / ${effect}`,
      ...outcome,
      ...(await settle(stage, answers)),
      ...published,
    };
    ok = holds(report);
    return report;
  } finally {
    await stage.strike(values.keep || !ok);
    if (!ok) progress(`logs are kept beside ${stage.gatewayLog}`);
  }
}

async function tryEveryN(
  stage: Stage,
  control: FaultControl,
  walkOf: { kind: FaultKind; effect: FaultEffect; answers: ReceivedAnswer[] },
): Promise<{ tried: number; livesWhole: number }> {
  const { kind, effect, answers } = walkOf;
  let tried = 0;
  let livesWhole = 0;
  for (let n = 1; n <= nMax; n++) {
    control.arm(kind, n, effect);
    const life = await liveOnce(stage.url, stage.key);
    answers.push(...life.answers);
    if (life.whole) livesWhole += 1;
    const { fired } = control.told();
    control.disarm();
    if (fired) tried += 1;
    if (await stage.gatewayDied()) await stage.startGateway();
    // After an error the same process must serve again by itself.
    else await stage.untilReady();
    if (process.stderr.isTTY) process.stderr.write(`\r${kind} / ${effect}: N = ${n}  `);
    if (!fired) break;
  }
  return { tried, livesWhole };
}

async function settle(stage: Stage, answers: readonly ReceivedAnswer[]) {
  // The database runs only while a gateway does; the account is taken beside a running one.
  await stage.startGateway();
  const account = await takeAccount(await stage.databaseUrl(), callsInLog(stage.simulatorLog), answers);
  const verified = await stage.verify();
  await stage.stopGateway();
  return { ...account, verified };
}

async function publishedCompleteness(stage: Stage) {
  await delay(200);
  const day = new Date().toISOString().slice(0, 10);
  const response = await fetch(`${stage.url}/v1/completeness/eu/${day}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const { counts } = (await response.json()) as {
    counts?: { callsWithoutRecord: number; reconciled: boolean };
  };
  return {
    completenessAgrees: response.ok && counts?.callsWithoutRecord === 0 && counts.reconciled,
    callsWithoutRecordPublished: counts?.callsWithoutRecord ?? -1,
  };
}

function holds(report: WalkReport): boolean {
  const zeros = [report.callsWithoutRecord, report.answersWithoutRecord, report.openDecisions];
  const happened = [report.tried, report.callsReceived, report.answersReceived];
  return (
    zeros.every((count) => count === 0) &&
    happened.every((count) => count > 0) &&
    report.verified &&
    report.completenessAgrees
  );
}

const reports: WalkReport[] = [];
for (const kind of wanted) {
  for (const effect of effectsOn(kind)) {
    const report = await walk(kind, effect);
    reports.push(report);
    progress(
      `\r${report.fault}: ${report.tried} values of N, ${report.callsReceived} calls, ${holds(report) ? 'holds' : 'DOES NOT HOLD'}`,
    );
  }
}
const ok = reports.every(holds);
if (values.json) process.stdout.write(`${JSON.stringify({ ok, reports }, null, 2)}\n`);
else printTable(reports);
process.exitCode = ok ? 0 : 1;

function printTable(rows: readonly WalkReport[]): void {
  const columns: readonly (readonly [string, (row: WalkReport) => string | number])[] = [
    ['fault', (row) => row.fault],
    ['N tried', (row) => row.tried],
    ['calls received', (row) => row.callsReceived],
    ['without record', (row) => row.callsWithoutRecord],
    ['answers', (row) => row.answersReceived],
    ['without record', (row) => row.answersWithoutRecord],
    ['open', (row) => row.openDecisions],
    ['ledger', (row) => (row.verified ? 'verifies' : 'FAILS')],
    ['completeness', (row) => (row.completenessAgrees ? 'says 0' : 'DISAGREES')],
  ];
  const lines = [
    columns.map(([name]) => name),
    ...rows.map((row) => columns.map(([, of]) => String(of(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  for (const line of lines) {
    process.stdout.write(
      `${line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
  process.stdout.write(`${ok ? 'losses: 0' : 'DOES NOT HOLD'}\n`);
}
