import { v4 as uuidV4 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestPostgres, startTestPostgres } from '../../test/support/postgres.ts';
import { ReviewRoom, answer, leaseMs } from '../../test/support/review-room.ts';
import { ConflictError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import { taskInsert } from './repository.ts';
import type { ReviewQueue } from './review.ts';
import { markEscalated, overdueTasks } from './task-claim.ts';

let postgres: TestPostgres;
let store: Store;
let room: ReviewRoom;

beforeAll(async () => {
  postgres = await startTestPostgres();
  store = await postgres.freshStore('eu', { timeoutMs: 10_000 });
});
afterAll(() => postgres.stop());
beforeEach(() => {
  room = new ReviewRoom(store);
});

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('opening and listing', () => {
  it('opens a task in the unit of its outcome entry, or neither', async () => {
    const task = await room.open();
    const again = room.newTask({ decisionId: task.decisionId });
    const unit = [room.entry(task.decisionId, 'outcome', {}, null), taskInsert('eu', again)];
    await expect(room.store.commit({ inserts: unit })).rejects.toThrow(ConflictError);
    const { tasks, nextCursor } = await room
      .queue()
      .list(room.scope, { state: null, limit: 10, cursor: null });
    expect(tasks).toMatchObject([{ ...task, state: 'open', leaseHolder: null, leaseUntilMs: null }]);
    expect(nextCursor).toBeNull();
  });

  it('shows nothing of another tenant, cell, jurisdiction or decision type, and gives nothing of it', async () => {
    const foreign = [
      await room.open({ tenant: 'globex' }),
      await room.open({}, 'us'),
      await room.open({ jurisdiction: 'US', labels: ['US/personal'] }),
      await room.open({ labels: ['EU/special-category'] }),
      await room.open({ labels: ['EU/personal', 'US/personal'] }),
      await room.open({ decisionType: 'wire-release' }),
    ];
    expect((await room.queue().list(room.scope, { state: null, limit: 10, cursor: null })).tasks).toEqual([]);
    expect(await room.queue().claimNext(room.scope, 'ana')).toBeNull();
    for (const { taskId } of foreign) {
      await expect(room.queue().claim(room.scope, 'ana', taskId)).rejects.toEqual(code('TASK_UNKNOWN'));
      await expect(room.queue().hold(room.scope, 'ana', taskId)).rejects.toEqual(code('TASK_UNKNOWN'));
      await expect(room.queue().release(room.scope, 'ana', taskId)).rejects.toEqual(code('TASK_UNKNOWN'));
    }
  });

  it('pages through every task once, the most urgent first, also where they are due together', async () => {
    const dueAtMs = [3, 1, 1, 1, 2, 1, 3].map((hours) => room.startMs + hours * 3_600_000);
    const opened = await Promise.all(dueAtMs.map((each) => room.open({ dueAtMs: each })));
    // Somebody else's clock has microseconds.
    await room.store.query({
      text: `UPDATE review_tasks SET due_at = due_at + interval '7 microseconds' WHERE task_id = $1`,
      values: [opened[1]?.taskId],
    });
    const seen: { taskId: string; dueAtMs: number }[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<ReviewQueue['list']>> = await room.queue().list(room.scope, {
        state: 'open',
        limit: 2,
        cursor,
      });
      expect(page.tasks.length).toBeGreaterThan(0);
      seen.push(...page.tasks);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.map((task) => task.taskId).sort()).toEqual(opened.map((task) => task.taskId).sort());
    expect(seen.map((task) => task.dueAtMs)).toEqual([...dueAtMs].sort((a, b) => a - b));
  });

  it('lists by state, and calls a task open again when its lease has ended', async () => {
    const task = await room.open();
    await room.open();
    await room.queue().claim(room.scope, 'ana', task.taskId);
    const ids = async (state: 'open' | 'claimed') =>
      (await room.queue().list(room.scope, { state, limit: 10, cursor: null })).tasks.map(
        ({ taskId }) => taskId,
      );
    expect(await ids('claimed')).toEqual([task.taskId]);
    expect(await ids('open')).toHaveLength(1);
    room.clockMs += leaseMs['credit-application'];
    expect(await ids('claimed')).toEqual([]);
    expect(await ids('open')).toHaveLength(2);
  });

  it.each([
    '',
    'abc',
    Buffer.from('1 2').toString('base64url'),
    Buffer.from(`9999999999999999999 ${uuidV4()}`).toString('base64url'),
  ])('refuses the cursor "%s"', async (cursor) => {
    await expect(room.queue().list(room.scope, { state: null, limit: 10, cursor })).rejects.toEqual(
      code('REQUEST_INVALID'),
    );
  });
});

describe('claiming', () => {
  it('gives the most urgent task, for the lease of its type', async () => {
    await room.open({ dueAtMs: room.startMs + 200_000 });
    const urgent = await room.open({ decisionType: 'claims', dueAtMs: room.startMs + 120_000 });
    const task = await room.queue().claimNext(room.scope, 'ana');
    expect(task).toMatchObject({
      taskId: urgent.taskId,
      state: 'claimed',
      leaseHolder: 'ana',
      leaseUntilMs: room.startMs + leaseMs.claims,
    });
  });

  it('by name: refuses a second reviewer until the lease ends, and lets the first begin it anew', async () => {
    const { taskId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    await expect(room.queue().claim(room.scope, 'ben', taskId)).rejects.toEqual(code('TASK_NOT_CLAIMED'));
    room.clockMs += 1000;
    expect(await room.queue().claim(room.scope, 'ana', taskId)).toHaveProperty(
      'leaseUntilMs',
      room.clockMs + leaseMs['credit-application'],
    );
    room.clockMs += leaseMs['credit-application'];
    expect(await room.queue().claim(room.scope, 'ben', taskId)).toHaveProperty('leaseHolder', 'ben');
    await expect(room.queue().answer(room.scope, 'ana', taskId, answer)).rejects.toEqual(
      code('TASK_NOT_CLAIMED'),
    );
  });

  it('does not hand the next claimer what somebody holds', async () => {
    await room.open();
    expect(await room.queue().claimNext(room.scope, 'ana')).not.toBeNull();
    expect(await room.queue().claimNext(room.scope, 'ana')).toBeNull();
    room.clockMs += leaseMs['credit-application'];
    expect(await room.queue().claimNext(room.scope, 'ben')).toHaveProperty('leaseHolder', 'ben');
  });

  it('does not wait for a task that somebody is just taking: it gives the one after it', async () => {
    const first = await room.open({ dueAtMs: room.startMs + 1000 });
    const second = await room.open({ dueAtMs: room.startMs + 2000 });
    await store.transaction(async (query) => {
      await query({ text: 'SELECT FROM review_tasks WHERE task_id = $1 FOR UPDATE', values: [first.taskId] });
      expect(await room.queue().claimNext(room.scope, 'ana')).toHaveProperty('taskId', second.taskId);
    });
  });

  it('gives 200 tasks to 20 reviewers at once, each task once', async () => {
    const inserts = Array.from({ length: 200 }, () => taskInsert('eu', room.newTask()));
    await room.store.commit({ inserts });
    const given: string[] = [];
    const reviewer = async (name: string) => {
      // A claimer may find every free row locked in passing: the queue is empty when the list says so.
      for (;;) {
        const task = await room.queue().claimNext(room.scope, name);
        if (task) given.push(task.taskId);
        else if (
          (await room.queue().list(room.scope, { state: 'open', limit: 1, cursor: null })).tasks.length === 0
        )
          return;
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => reviewer(`reviewer-${index}`)));
    expect(given).toHaveLength(200);
    expect(new Set(given).size).toBe(200);
  });

  it('does not know a task by a text that is no id', async () => {
    await expect(room.queue().claim(room.scope, 'ana', "'; --")).rejects.toEqual(code('TASK_UNKNOWN'));
    await expect(room.queue().answer(room.scope, 'ana', 'x', answer)).rejects.toEqual(code('TASK_UNKNOWN'));
    await expect(room.queue().release(room.scope, 'ana', '')).rejects.toEqual(code('TASK_UNKNOWN'));
  });
});

describe('releasing', () => {
  it('gives a task back, but only by who holds it', async () => {
    const { taskId } = await room.open();
    await expect(room.queue().release(room.scope, 'ana', taskId)).rejects.toEqual(code('TASK_NOT_CLAIMED'));
    await room.queue().claim(room.scope, 'ana', taskId);
    await expect(room.queue().release(room.scope, 'ben', taskId)).rejects.toEqual(code('TASK_NOT_CLAIMED'));
    await room.queue().release(room.scope, 'ana', taskId);
    expect(await room.queue().claimNext(room.scope, 'ben')).toHaveProperty('taskId', taskId);
  });
});

describe('several persons', () => {
  const demands = { quorum: { agree: 2, answers: 2 } };

  it('answers of one person count once, and the task is passed on', async () => {
    const { taskId, decisionId } = await room.open(demands);
    await room.queue().claim(room.scope, 'ana', taskId);
    await room.queue().answer(room.scope, 'ana', taskId, answer);
    await expect(room.queue().claim(room.scope, 'ana', taskId)).rejects.toEqual(
      code('TASK_OF_ANOTHER_PERSON'),
    );
    expect(await room.queue().claimNext(room.scope, 'ana')).toBeNull();
    expect(await room.queue().claimNext(room.scope, 'ben')).toHaveProperty('taskId', taskId);
    await room.queue().answer(room.scope, 'ben', taskId, answer);
    await expect(room.queue().claim(room.scope, 'cleo', taskId)).rejects.toEqual(code('TASK_CLOSED'));
    expect(await room.answersOf(decisionId)).toHaveLength(2);
    const counts = await store.query({
      text: 'SELECT verdicts, tasks::int FROM review_agreement WHERE tenant = $1',
      values: [room.scope.tenant],
    });
    expect(counts).toEqual([{ verdicts: ['approve', 'approve'], tasks: 1 }]);
  });

  it('who disagree hand it to a third, whose answer joins theirs', async () => {
    const { taskId } = await room.open({ ...demands, escalationSkill: 'senior' });
    for (const [reviewer, verdict] of [
      ['ana', 'approve'],
      ['ben', 'decline'],
    ] as const) {
      await room.queue().claim(room.scope, reviewer, taskId);
      await room.queue().answer(room.scope, reviewer, taskId, { ...answer, verdict });
    }
    expect(await room.queue().claimNext(room.scope, 'cleo')).toBeNull();
    await expect(room.queue().claim(room.scope, 'cleo', taskId)).rejects.toEqual(code('TASK_UNKNOWN'));
    const senior = { ...room.scope, skills: ['senior'] };
    expect(await room.queue().claimNext(senior, 'ana')).toBeNull();
    const { tasks } = await room.queue().list(senior, { state: 'escalated', limit: 2, cursor: null });
    expect(tasks).toMatchObject([{ taskId, isEscalated: true }]);
    expect(await room.queue().claimNext(senior, 'cleo')).toHaveProperty('taskId', taskId);
    await room.queue().answer(senior, 'cleo', taskId, { ...answer, verdict: 'decline' });
    await expect(room.queue().claim(senior, 'dan', taskId)).rejects.toEqual(code('TASK_CLOSED'));
  });

  it('four eyes: never those of who submitted it', async () => {
    const { taskId } = await room.open({ ...demands, fourEyes: true, submittedBy: 'ana' });
    await expect(room.queue().claim(room.scope, 'ana', taskId)).rejects.toEqual(
      code('TASK_OF_ANOTHER_PERSON'),
    );
    expect(await room.queue().claimNext(room.scope, 'ana')).toBeNull();
    expect(await room.queue().claimNext(room.scope, 'ben')).toHaveProperty('taskId', taskId);
  });

  it('the database takes one answer of a person, whatever the code believes', async () => {
    const { taskId } = await room.open(demands);
    const task = await room.queue().claim(room.scope, 'ana', taskId);
    const twice = { task, reviewer: 'ana', answer, openMs: 0 };
    await (await room.openRecord(task)).append(twice);
    await expect((await room.openRecord(task)).append(twice)).rejects.toThrow(ConflictError);
  });
});

describe('a task', () => {
  it('is for those with every skill it asks, and in the queue that is asked for', async () => {
    const { taskId } = await room.open({ skills: ['credit', 'german'], queue: 'loans' });
    expect(await room.queue().claimNext({ ...room.scope, skills: ['credit'] }, 'ana')).toBeNull();
    const skilled = { ...room.scope, skills: ['german', 'credit', 'fraud'] };
    expect(await room.queue().claimNext(skilled, 'ana', 'default')).toBeNull();
    expect(await room.queue().claimNext(skilled, 'ana', 'loans')).toHaveProperty('taskId', taskId);
  });

  it('whose time is over is free for nobody until it is escalated, and no lease outlives it', async () => {
    const { taskId } = await room.open({ dueAtMs: room.startMs + 60_000 });
    const claimed = await room.queue().claim(room.scope, 'ana', taskId);
    expect(claimed.leaseUntilMs).toBe(room.startMs + 60_000);
    room.clockMs += 60_000;
    await expect(room.queue().answer(room.scope, 'ana', taskId, answer)).rejects.toEqual(
      code('TASK_EXPIRED'),
    );
    expect(await room.queue().claimNext(room.scope, 'ben')).toBeNull();
    expect(await overdueTasks(store, room.clockMs, 10_000)).toContainEqual(
      expect.objectContaining({ taskId }),
    );
    await markEscalated(store, taskId, room.clockMs);
    expect(await room.queue().claimNext(room.scope, 'ben')).toHaveProperty('taskId', taskId);
  });

  it('is renewed by its holder without losing the time it was open', async () => {
    const { taskId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    room.clockMs += 600_000;
    await expect(room.queue().renew(room.scope, 'ben', taskId)).rejects.toEqual(code('TASK_NOT_CLAIMED'));
    const renewed = await room.queue().renew(room.scope, 'ana', taskId);
    expect(renewed).toMatchObject({
      claimedAtMs: room.startMs,
      leaseUntilMs: room.clockMs + leaseMs['credit-application'],
    });
  });

  it('is handed on by its holder, once', async () => {
    const { taskId, decisionId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    await room.queue().escalate(room.scope, 'ana', taskId, null);
    await expect(room.queue().escalate(room.scope, 'ana', taskId, null)).rejects.toEqual(
      code('TASK_NOT_CLAIMED'),
    );
    await room.queue().claim(room.scope, 'ana', taskId);
    await room.queue().escalate(room.scope, 'ana', taskId, null);
    const entries = (await room.chain(decisionId)).map(({ header }) => header.toString());
    expect(entries.filter((header) => header.includes('"escalates"'))).toHaveLength(1);
  });

  it('that is blind is answered twice by its reviewer, and about what was shown', async () => {
    const { taskId } = await room.open({ blind: true });
    await room.queue().claim(room.scope, 'ana', taskId);
    const give = (given = answer) => room.queue().answer(room.scope, 'ana', taskId, given);
    const first = (hash: string) =>
      room.queue().first(room.scope, 'ana', taskId, { verdict: 'decline', evidenceHash: hash });
    await expect(give()).rejects.toEqual(code('FIRST_ANSWER_MISSING'));
    await expect(first(`sha256:${'0'.repeat(64)}`)).rejects.toEqual(code('EVIDENCE_CHANGED'));
    await first(answer.evidenceHash);
    await expect(first(answer.evidenceHash)).rejects.toEqual(code('FIRST_ANSWER_GIVEN'));
    const stale = { ...answer, evidenceHash: `sha256:${'0'.repeat(64)}` as typeof answer.evidenceHash };
    await expect(give(stale)).rejects.toEqual(code('EVIDENCE_CHANGED'));
    expect(await give()).toHaveProperty('state', 'answered');
  });
});
