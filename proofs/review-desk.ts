import { parseArgs } from 'node:util';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuidV7 } from 'uuid';
import { taskInsert } from '../src/confidence/repository.ts';
import { markEscalated, overdueTasks } from '../src/confidence/task-claim.ts';
import type { ReviewQueue } from '../src/confidence/review.ts';
import type { NewTask, ReviewTask } from '../src/confidence/review-task.ts';
import { CountersignError } from '../src/decision/errors.ts';
import { StoreUnavailableError } from '../src/storage/errors.ts';
import { type Store, openStore } from '../src/storage/store.ts';
import { startTestPostgres } from '../test/support/postgres.ts';
import { ReviewRoom, answer } from '../test/support/review-room.ts';

/*
 * Proof: a hundred reviewers at once on ten thousand tasks get each task as often as its rule says: none lost, none
 * answered twice by a person or once too often, whatever dies in between. The queue, its SQL and PostgreSQL are the
 * real ones; several stores stand for several gateway processes. Some reviewers walk away with a task, some processes
 * die between the record and its mark, and the database kills their connections at random.
 */

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '10000' },
    reviewers: { type: 'string', default: '100' },
    processes: { type: 'string', default: '4' },
    'think-ms': { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const taskCount = Number(values.tasks);
const reviewerCount = Number(values.reviewers);
const processCount = Number(values.processes);
const thinkMs = Number(values['think-ms']);
/** Much shorter than in life, so that many leases end while the others work. */
const leaseMs = 5_000;

/** Uniform in [0, 1), by number: the same seed makes the same plan. */
function chance(...of: readonly (string | number)[]): number {
  return (
    createHash('sha256')
      .update([values.seed, ...of].join('/'))
      .digest()
      .readUInt32BE(0) /
    2 ** 32
  );
}

interface Rule {
  readonly name: string;
  readonly share: number;
  readonly quorum: { readonly agree: number; readonly answers: number };
}
const rules: readonly Rule[] = [
  { name: 'one', share: 0.85, quorum: { agree: 1, answers: 1 } },
  { name: 'two of two', share: 0.1, quorum: { agree: 2, answers: 2 } },
  { name: 'two of three', share: 0.05, quorum: { agree: 2, answers: 3 } },
];

const claimMs: number[] = [];
const counts = { answers: 0, walkedAway: 0, diedUnmarked: 0, killed: 0, faults: 0, refused: 0, expired: 0 };
const startedAtMs = performance.now();
const until = { finished: false };

const postgres = await startTestPostgres();
const address = await postgres.freshAddress();
const stores: Store[] = [];
let failed = true;
try {
  for (let i = 0; i < processCount; i++) {
    stores.push(await openStore({ cell: 'eu', ...address, timeoutMs: 10_000, log: () => undefined }));
  }
  const [first] = stores;
  if (first === undefined) throw new Error('no process');
  const rooms = stores.map((store) => new ReviewRoom(store));
  for (const room of rooms) Object.assign(room.scope, { tenant: 'acme' });
  const planned = await openTasks(first);
  await Promise.all([...everybody(rooms), killer()]);
  failed = !report(await audit(first, planned));
} finally {
  await Promise.all(stores.map((store) => store.close()));
  await postgres.stop();
}
process.exitCode = failed ? 1 : 0;

/** The real queue over the test room's small record, with a running clock and short leases. */
function queueOf(room: ReviewRoom): ReviewQueue {
  return room.queue({
    nowMs: () => Date.now(),
    policyOf: () => ({
      review: { leaseSeconds: leaseMs / 1000, dueHours: 1 },
      outcome: { field: 'recommendation', favourable: ['approve'], unfavourable: ['decline'] },
      reasonCodes: ['INCOME'],
    }),
  });
}

async function openTasks(store: Store): Promise<Map<string, Rule>> {
  const planned = new Map<string, Rule>();
  const room = new ReviewRoom(store);
  const nowMs = Date.now();
  for (let from = 0; from < taskCount; from += 500) {
    const inserts = [];
    for (let i = from; i < Math.min(from + 500, taskCount); i++) {
      const rule = ruleOf(i);
      const overdue = chance('overdue', i) < 0.01;
      const task: NewTask = room.newTask({
        tenant: 'acme',
        decisionType: 'credit-application',
        quorum: rule.quorum,
        createdAtMs: nowMs,
        dueAtMs: nowMs + (overdue ? 2_000 : 3_600_000 + i),
      });
      planned.set(task.taskId, rule);
      inserts.push(
        room.entry(task.decisionId, 'outcome', { status: 'in_review' }, null),
        taskInsert('eu', task),
      );
    }
    await store.commit({ inserts });
  }
  return planned;
}

function ruleOf(i: number): Rule {
  let draw = chance('rule', i);
  for (const rule of rules) {
    if (draw < rule.share) return rule;
    draw -= rule.share;
  }
  return rules[0] as Rule;
}

/** Every reviewer, and the desk that escalates what nobody took in time. */
function everybody(rooms: readonly ReviewRoom[]): Promise<void>[] {
  const reviewers = Array.from({ length: reviewerCount }, (_, i) => {
    const room = rooms[i % rooms.length];
    return room ? work(room, `reviewer-${i}`) : Promise.resolve();
  });
  const all = Promise.all(reviewers).then(() => {
    until.finished = true;
  });
  const [desk] = rooms;
  return desk ? [all, escalate(desk)] : [all];
}

async function work(room: ReviewRoom, name: string): Promise<void> {
  const queue = queueOf(room);
  await sleep(chance(name) * thinkMs);
  for (let turn = 0; ; turn++) {
    try {
      const beganMs = performance.now();
      const task = await queue.claimNext(room.scope, name);
      claimMs.push(performance.now() - beganMs);
      if (task === null) {
        if (await isEmpty(room)) return;
        await sleep(200);
        continue;
      }
      await sleep(thinkMs * (0.5 + chance(name, turn)));
      await respond(room, queue, name, task, chance('fate', name, turn));
    } catch (error) {
      if (error instanceof CountersignError) counts.refused += 1;
      // A killed connection: whoever meets it tries again.
      else if (error instanceof StoreUnavailableError) counts.faults += 1;
      else throw error;
    }
  }
}

async function respond(
  room: ReviewRoom,
  queue: ReviewQueue,
  name: string,
  task: ReviewTask,
  fate: number,
): Promise<void> {
  // Everybody sees the same in most cases; where not, a third must look.
  const verdict = chance('verdict', task.taskId, name) < 0.9 ? 'approve' : 'decline';
  const given = { ...answer, verdict };
  if (fate < 0.02) {
    counts.walkedAway += 1;
  } else if (fate < 0.03) {
    // Dead between the record and the mark.
    const record = await room.openRecord(task);
    if (record.standing === 'reached' || record.answeredBy.has(name)) return;
    await record.append({ task, reviewer: name, answer: given, openMs: 1 }).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'ConflictError') throw error;
    });
    counts.diedUnmarked += 1;
  } else if (fate < 0.04) {
    await queue.release(room.scope, name, task.taskId);
  } else {
    await queue.answer(room.scope, name, task.taskId, given);
    counts.answers += 1;
  }
}

async function isEmpty(room: ReviewRoom): Promise<boolean> {
  const [row] = await room.store.query<{ open: boolean }>({
    text: `SELECT EXISTS (SELECT FROM review_tasks WHERE state <> 'answered') AS open`,
    values: [],
  });
  return row?.open === false;
}

async function escalate(room: ReviewRoom): Promise<void> {
  while (!until.finished) {
    try {
      for (const task of await overdueTasks(room.store, Date.now(), 100)) {
        const record = await room.openRecord(task);
        if (record.standing !== 'reached' && !record.isEscalated)
          await record.escalate('expired', 'desk', null);
        await markEscalated(room.store, task.taskId, Date.now());
        counts.expired += 1;
      }
    } catch (error) {
      if (!(error instanceof Error) || !['ConflictError', 'StoreUnavailableError'].includes(error.name))
        throw error;
    }
    await sleep(500);
  }
}

/** Every second the database kills one connection of the gateways, whatever it is doing. */
async function killer(): Promise<void> {
  const client = new pg.Client({ connectionString: address.ownerUrl });
  await client.connect();
  while (!until.finished) {
    await sleep(1_000);
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'countersign' AND pid <> pg_backend_pid() AND datname = current_database()
        ORDER BY random() LIMIT 1`,
    );
    counts.killed += rowCount ?? 0;
  }
  await client.end();
}

interface Findings {
  readonly tasks: number;
  readonly lost: number;
  readonly tooOften: number;
  readonly tooSeldom: number;
  readonly twiceByOne: number;
  readonly unmatchedRows: number;
  readonly byRule: Readonly<Record<string, { tasks: number; answers: number }>>;
}

/** Reads the record itself, not what this program believes. */
async function audit(store: Store, planned: ReadonlyMap<string, Rule>): Promise<Findings> {
  const rows = await store.query<{ header: Buffer }>({
    text: `SELECT header FROM entries WHERE type = 'review' ORDER BY committed_in, entry_id`,
    values: [],
    timeoutMs: 60_000,
  });
  const answers = new Map<string, { reviewer: string; verdict: string }[]>();
  for (const { header } of rows) {
    const facts = JSON.parse(header.toString()) as Record<string, string>;
    const { answers: task, reviewer = '', verdict = '' } = facts;
    if (task !== undefined) answers.set(task, [...(answers.get(task) ?? []), { reviewer, verdict }]);
  }
  const stored = await store.query<{ task_id: string; state: string; rows: number }>({
    text: `SELECT t.task_id, t.state, (SELECT count(*)::int FROM review_answers a WHERE a.task_id = t.task_id) AS rows
             FROM review_tasks t`,
    values: [],
    timeoutMs: 60_000,
  });
  const byRule: Record<string, { tasks: number; answers: number }> = {};
  const found = { tasks: stored.length, lost: 0, tooOften: 0, tooSeldom: 0, twiceByOne: 0, unmatchedRows: 0 };
  for (const { task_id: task, state, rows: rowCount } of stored) {
    const rule = planned.get(task);
    const given = answers.get(task) ?? [];
    if (rule === undefined || state !== 'answered') found.lost += 1;
    const line = (byRule[rule?.name ?? 'unknown'] ??= { tasks: 0, answers: 0 });
    line.tasks += 1;
    line.answers += given.length;
    if (new Set(given.map(({ reviewer }) => reviewer)).size < given.length) found.twiceByOne += 1;
    if (rowCount !== given.length) found.unmatchedRows += 1;
    // The last answer is the one that reached the quorum, and no earlier one was.
    const agree = rule?.quorum.agree ?? 1;
    if (!reached(given, agree)) found.tooSeldom += 1;
    if (reached(given.slice(0, -1), agree)) found.tooOften += 1;
  }
  found.lost += planned.size - stored.length;
  return { ...found, byRule };
}

function reached(given: readonly { verdict: string }[], agree: number): boolean {
  return ['approve', 'decline'].some(
    (verdict) => given.filter((each) => each.verdict === verdict).length >= agree,
  );
}

function report(found: Findings): boolean {
  claimMs.sort((a, b) => a - b);
  const quantile = (p: number) => Math.round((claimMs[Math.floor(p * (claimMs.length - 1))] ?? 0) * 10) / 10;
  const claims = { count: claimMs.length, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs: quantile(1) };
  const seconds = Math.round((performance.now() - startedAtMs) / 1000);
  const { lost, tooOften, tooSeldom, twiceByOne, unmatchedRows } = found;
  const holds = lost + tooOften + tooSeldom + twiceByOne + unmatchedRows === 0 && found.tasks === taskCount;
  const setting = { reviewers: reviewerCount, processes: processCount, thinkMs, seed: Number(values.seed) };
  const result = { holds, ...setting, ...found, claims, events: counts, seconds, run: uuidV7() };
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    process.stdout.write(
      `${found.tasks} tasks, ${reviewerCount} reviewers, ${processCount} processes, ${seconds} s\n` +
        `lost ${lost}, answered too often ${tooOften}, too seldom ${tooSeldom}, twice by one person ${twiceByOne}\n` +
        `by rule ${JSON.stringify(found.byRule)}\n` +
        `events ${JSON.stringify(counts)}\n` +
        `claim p50 ${claims.p50Ms} ms, p99 ${claims.p99Ms} ms (asked: under 50), max ${claims.maxMs} ms, of ${claims.count}\n` +
        `${holds ? 'holds' : 'DOES NOT HOLD'}\n`,
    );
  }
  return holds;
}
