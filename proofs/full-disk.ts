import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { callsInLog, takeAccount } from './crash/account.ts';
import { Load } from './crash/load.ts';
import { Stage, openMsMax } from './crash/stage.ts';

/*
 * The store's disk is full, then read-only, while clients ask: no call may be made, clients get 503, and the
 * service must get well by itself when there is space again. The store lies on a small file system of its
 * own in memory, so this proof needs Linux and root; elsewhere it says so and is skipped. Run by
 * `npm run proofs:full-disk`.
 */

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
});
const progress = (line: string) => process.stderr.write(`${line}\n`);

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  progress('skipped: a file system of its own for the store needs Linux and root');
  process.exit(0);
}

/** Calls whose intent was committed just before the disk was full may still leave. */
const marginMs = 1_500;
const troubleMs = 8_000;

interface Trouble {
  readonly name: string;
  begin(stage: Stage): void | Promise<void>;
  end(stage: Stage): void | Promise<void>;
}

const ballast = 'ballast';
const troubles: readonly Trouble[] = [
  {
    name: 'disk full',
    begin() {
      const file = openSync(join(data, ballast), 'w');
      const block = Buffer.alloc(65_536);
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    end: () => rmSync(join(data, ballast)),
  },
  {
    // As on a standby, or when an operator has made the server read-only: a file system with open files
    // cannot be remounted so.
    name: 'store read-only',
    begin: (stage) => setReadOnly(stage, 'on'),
    end: (stage) => setReadOnly(stage, 'off'),
  },
];

interface TroubleReport {
  readonly trouble: string;
  readonly callsDuring: number;
  readonly refused503: number;
  readonly others: number;
  readonly recoveryMs: number;
  readonly answersAfter: number;
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'ignore' });
}

const folder = mkdtempSync(join(tmpdir(), 'countersign-disk-'));
const data = join(folder, 'data');
await mkdir(data);
mount('-t', 'tmpfs', '-o', 'size=900m,mode=0755', 'countersign-proof', data);
let ok = false;
try {
  const stage = await Stage.set(50, { folder });
  try {
    await stage.startGateway();
    let state = 1;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const load = new Load({ url: stage.url, key: stage.key, clients: 16, random });
    const reports: TroubleReport[] = [];
    for (const trouble of troubles) reports.push(await suffer(stage, load, trouble));
    await delay(openMsMax);
    const account = await takeAccount(
      await stage.databaseUrl(),
      callsInLog(stage.simulatorLog),
      load.answers,
    );
    const verified = await stage.verify();
    ok =
      verified &&
      account.callsWithoutRecord === 0 &&
      account.answersWithoutRecord === 0 &&
      account.openDecisions === 0 &&
      reports.every((r) => r.callsDuring === 0 && r.refused503 > 0 && r.others === 0 && r.answersAfter > 0);
    print({ ok, verified, ...account, reports });
  } finally {
    await stage.strike(true);
  }
} finally {
  execFileSync('umount', ['-l', data]);
  if (!values.keep && ok) rmSync(folder, { recursive: true, force: true });
  else progress(`logs are kept in ${folder}`);
}
process.exitCode = ok ? 0 : 1;

async function suffer(stage: Stage, load: Load, trouble: Trouble): Promise<TroubleReport> {
  load.resume();
  await delay(2_000);
  await trouble.begin(stage);
  const fromMs = Date.now() + marginMs;
  await delay(troubleMs);
  const untilMs = Date.now();
  await trouble.end(stage);
  const endedMs = performance.now();
  const before = load.answers.length;
  await stage.untilReady();
  const recoveryMs = Math.round(performance.now() - endedMs);
  await delay(2_000);
  await load.pause();
  const within = (atMs: number) => atMs >= fromMs && atMs <= untilMs;
  const refused = load.refusals.filter(({ atMs }) => within(atMs));
  const calls = callsInLog(stage.simulatorLog).filter(({ time }) => within(Date.parse(time)));
  const report = {
    trouble: trouble.name,
    callsDuring: calls.length,
    refused503: refused.filter(({ status }) => status === 503).length,
    others:
      refused.filter(({ status }) => status !== 503).length +
      load.answers.filter(({ atMs }) => within(atMs)).length,
    recoveryMs,
    answersAfter: load.answers.length - before,
  };
  progress(JSON.stringify(report));
  return report;
}

async function setReadOnly(stage: Stage, value: 'on' | 'off'): Promise<void> {
  const client = new Client({ connectionString: await stage.databaseUrl() });
  await client.connect();
  try {
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await client.query('SELECT pg_reload_conf()');
  } finally {
    await client.end();
  }
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result, null, values.json ? 0 : 2)}\n`);
}
