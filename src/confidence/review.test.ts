import { v4 as uuidV4 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestPostgres, startTestPostgres } from '../../test/support/postgres.ts';
import { ReviewRoom, answer, leaseMs } from '../../test/support/review-room.ts';
import { ConflictError } from '../storage/errors.ts';
import type { Store } from '../storage/store.ts';
import { taskInsert } from './repository.ts';
import type { ReviewQueue } from './review.ts';

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
    const { tenant: _, labels: __, ...shown } = task;
    expect(tasks).toEqual([{ ...shown, state: 'open', leaseHolder: null, leaseUntilMs: null }]);
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
      await expect(room.queue().holdForAnswer(room.scope, 'ana', taskId)).rejects.toEqual(
        code('TASK_UNKNOWN'),
      );
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
    await room.open({ dueAtMs: room.startMs + 2000 });
    const urgent = await room.open({ decisionType: 'claims', dueAtMs: room.startMs + 1000 });
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
