import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wilsonInterval } from '../src/validation/wilson-interval.ts';
import { adaptiveKinds, attackKinds, type AttackKind } from './probing/attackers.ts';
import { type AttackRow, conditions, type HonestRow, isCaught, isStopped, World } from './probing/world.ts';

/*
 * Lets simulated attackers and honest heavy users loose on the probing monitors with their shipped thresholds, each
 * attacker in a tenant of its own, and counts who reaches which rung. Thresholds were tuned on seeds below 500; what is
 * reported begins at 2,000. Fails below 95 % of the attackers, or above 1 % of the honest users.
 */

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '8' },
    from: { type: 'string', default: '2000' },
    // Names of attacks, separated by commas; all when left out.
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    // One line of JSON for each attacker as soon as it is done, and no report.
    rows: { type: 'boolean', default: false },
    // A report of files of such lines, from several processes; nothing is run.
    report: { type: 'string', default: '' },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => Number(values.from) + i);
const allKinds: readonly AttackKind[] = [...attackKinds, ...adaptiveKinds];
const kinds = allKinds.filter((kind) => values.only.split(',').some((part) => kind.includes(part)));

interface Rows {
  readonly attacker: AttackRow;
  readonly honest: readonly HonestRow[];
}

function* simulated(): Generator<Rows> {
  for (const seed of seeds) {
    for (const kind of kinds) {
      for (const accounts of [1, 10]) {
        const world = new World(seed * 1_000 + allKinds.indexOf(kind) * 20 + accounts);
        world.warmUp();
        yield world.run(kind, accounts);
        process.stderr.write(`seed ${seed}: ${kind}, ${accounts} account(s)\n`);
      }
    }
  }
}

function* read(): Generator<Rows> {
  for (const file of values.report.split(','))
    for (const line of readFileSync(file, 'utf8').split('\n'))
      if (line !== '') yield JSON.parse(line) as Rows;
}

const attacks: AttackRow[] = [];
const honest: HonestRow[] = [];
for (const rows of values.report === '' ? simulated() : read()) {
  attacks.push(rows.attacker);
  honest.push(...rows.honest);
  if (values.rows) process.stdout.write(`${JSON.stringify(rows)}\n`);
}
if (values.rows) process.exit();

/** Flagged: any rung at all, of their own or met because a case was near what is probed. */
const isFlagged = ({ rung, met }: HonestRow) => rung !== 'none' || met !== 'none';

const share = (hits: number, of: number) => {
  const [low, high] = wilsonInterval(hits, of);
  return { hits, of, share: hits / Math.max(1, of), interval: [low, high] };
};
const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? null;
const attackTable = kinds.flatMap((kind) =>
  [1, 10].map((accounts) => {
    const rows = attacks.filter((row) => row.kind === kind && row.accounts === accounts);
    return {
      kind,
      accounts,
      caught: share(rows.filter(isCaught).length, rows.length),
      stopped: share(rows.filter(isStopped).length, rows.length),
      medianToCoarse: median(rows.flatMap(({ firstCoarse }) => firstCoarse ?? [])),
      medianToThrottle: median(rows.flatMap(({ firstThrottle }) => firstThrottle ?? [])),
      medianAnswered: median(rows.map(({ answered }) => answered)),
      monitors: [...new Set(rows.flatMap(({ monitors }) => monitors))],
    };
  }),
);
const honestTable = [...new Set(honest.map(({ kind }) => kind))].map((kind) => {
  const rows = honest.filter((row) => row.kind === kind);
  const flagged = rows.filter(isFlagged);
  return {
    kind,
    flagged: share(flagged.length, rows.length),
    throttled: rows.filter(({ rung, met }) =>
      [rung, met].some((one) => one === 'throttle' || one === 'review'),
    ).length,
    monitors: [...new Set(flagged.map(({ monitor }) => monitor ?? 'near somebody else'))],
  };
});
const named = attacks.filter(({ kind }) => (attackKinds as readonly string[]).includes(kind));
const total = {
  attackers: share(named.filter(isCaught).length, named.length),
  stopped: share(named.filter(isStopped).length, named.length),
  honest: share(honest.filter(isFlagged).length, honest.length),
};
/** Whoever was not caught, or not stopped, and by which condition. */
const misses = named
  .filter((row) => !isStopped(row))
  .map((row) => ({ kind: row.kind, accounts: row.accounts, seed: row.seed, failed: conditions(row), row }));
const ok = total.attackers.share >= 0.95 && total.honest.share <= 0.01;
if (values.json)
  process.stdout.write(
    `${JSON.stringify({ ok, total, attacks: attackTable, honest: honestTable, misses })}\n`,
  );
else {
  const shown = ({ hits, of, interval }: ReturnType<typeof share>) =>
    `${hits}/${of} (${interval.map((end) => (100 * end).toFixed(1)).join('–')} %)`;
  const line = (text: string) => process.stdout.write(`${text}\n`);
  for (const row of attackTable)
    line(
      `${row.kind} × ${row.accounts}: caught ${shown(row.caught)}; stopped ${shown(row.stopped)}; queries to coarse ${row.medianToCoarse}, to throttle ${row.medianToThrottle}, answered ${row.medianAnswered}; ${row.monitors.join(', ')}`,
    );
  for (const row of honestTable)
    line(`${row.kind}: flagged ${shown(row.flagged)}, throttled ${row.throttled} ${row.monitors.join(', ')}`);
  for (const { kind, accounts, seed, failed, row } of misses) {
    const rungs = Object.entries(row.rungsAtEnd).map(([rung, count]) => `${rung} ${count}`);
    line(
      `missed: ${kind} × ${accounts}, seed ${seed}: ${failed.join('; ')}; the last 50 met ${rungs.join(', ')}`,
    );
  }
  line(
    `attackers caught ${shown(total.attackers)}, stopped ${shown(total.stopped)}; honest users flagged ${shown(total.honest)}; ${ok ? 'ok' : 'MISSED'}`,
  );
}
process.exitCode = ok ? 0 : 1;
