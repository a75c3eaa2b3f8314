import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestPostgres, startTestPostgres } from '../../test/support/postgres.ts';
import { ReviewRoom, answer, leaseMs } from '../../test/support/review-room.ts';
import type { Store } from '../storage/store.ts';
import type { NewTask } from './review-task.ts';
import type { AcceptedAnswer } from './review.ts';

let postgres: TestPostgres;
let store: Store;
let room: ReviewRoom;

beforeAll(async () => {
  postgres = await startTestPostgres();
  store = await postgres.freshStore('eu', { timeoutMs: 20_000 });
});
afterAll(() => postgres.stop());
beforeEach(() => {
  room = new ReviewRoom(store);
});

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('answering', () => {
  it('records the answer, then closes the task', async () => {
    const { taskId, decisionId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    room.clockMs += 42_000;
    const accepted: AcceptedAnswer[] = [];
    const watched = room.queue({
      async openRecord(task) {
        const record = await room.openRecord(task);
        return {
          ...record,
          async append(given) {
            accepted.push(given);
            // Not before the entries are durable: until then it is still the reviewer's.
            expect(await room.queue().hold(room.scope, 'ana', taskId)).toHaveProperty('state', 'claimed');
            return record.append(given);
          },
        };
      },
    });
    const given = { ...answer, note: 'Seen the payslips.' };
    expect(await watched.answer(room.scope, 'ana', taskId, given)).toMatchObject({
      taskId,
      state: 'answered',
    });
    expect(accepted).toMatchObject([
      { reviewer: 'ana', answer: given, openMs: 42_000, task: { taskId, decisionId } },
    ]);
    expect(await room.answersOf(decisionId)).toHaveLength(1);
    await expect(room.queue().answer(room.scope, 'ana', taskId, answer)).rejects.toEqual(code('TASK_CLOSED'));
    await expect(room.queue().claim(room.scope, 'ben', taskId)).rejects.toEqual(code('TASK_CLOSED'));
    await expect(room.queue().release(room.scope, 'ana', taskId)).rejects.toEqual(code('TASK_CLOSED'));
    expect(await room.queue().claimNext(room.scope, 'ben')).toBeNull();
  });

  it('needs a lease that runs', async () => {
    const { taskId, decisionId } = await room.open();
    await expect(room.queue().answer(room.scope, 'ana', taskId, answer)).rejects.toEqual(
      code('TASK_NOT_CLAIMED'),
    );
    await room.queue().claim(room.scope, 'ana', taskId);
    await expect(room.queue().answer(room.scope, 'ben', taskId, answer)).rejects.toEqual(
      code('TASK_NOT_CLAIMED'),
    );
    room.clockMs += leaseMs['credit-application'];
    await expect(room.queue().answer(room.scope, 'ana', taskId, answer)).rejects.toEqual(
      code('TASK_NOT_CLAIMED'),
    );
    expect(await room.answersOf(decisionId)).toEqual([]);
  });

  it.each([
    ['a verdict of another type', { ...answer, verdict: 'release' }, 'REQUEST_INVALID'],
    ['no reason', { ...answer, reasonCodes: [] }, 'REASON_CODE_UNKNOWN'],
    ['an unknown reason', { ...answer, reasonCodes: ['INCOME', 'MOOD'] }, 'REASON_CODE_UNKNOWN'],
    ['a reason twice', { ...answer, reasonCodes: ['INCOME', 'INCOME'] }, 'REASON_CODE_UNKNOWN'],
    [
      'five reasons',
      { ...answer, reasonCodes: ['INCOME', 'HISTORY', 'EMPLOYMENT', 'PURPOSE', 'AMOUNT'] },
      'REASON_CODE_UNKNOWN',
    ],
  ])('refuses %s and records nothing', async (_case, given, expected) => {
    const { taskId, decisionId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    await expect(room.queue().answer(room.scope, 'ana', taskId, given)).rejects.toEqual(code(expected));
    expect(await room.answersOf(decisionId)).toEqual([]);
    expect(await room.queue().hold(room.scope, 'ana', taskId)).toHaveProperty('state', 'claimed');
  });

  it('takes four reasons', async () => {
    const { taskId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    const given = { ...answer, reasonCodes: ['INCOME', 'HISTORY', 'EMPLOYMENT', 'PURPOSE'] };
    expect(await room.queue().answer(room.scope, 'ana', taskId, given)).toHaveProperty('state', 'answered');
  });

  it('keeps the task for its reviewer when the record fails', async () => {
    const { taskId, decisionId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    const failing = room.queue({
      openRecord: async (task) => ({
        ...(await room.openRecord(task)),
        append: () => Promise.reject(new Error('the disk is full')),
      }),
    });
    await expect(failing.answer(room.scope, 'ana', taskId, answer)).rejects.toThrow('the disk is full');
    expect(await room.answersOf(decisionId)).toEqual([]);
    expect(await room.queue().answer(room.scope, 'ana', taskId, answer)).toHaveProperty('state', 'answered');
  });

  it('is given by one of two reviewers when the first lost the lease while recording', async () => {
    const { taskId, decisionId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    const overtaken = room.queue({
      async openRecord(task) {
        const record = await room.openRecord(task);
        if (record.standing === 'reached') return record;
        room.clockMs += leaseMs['credit-application'];
        await room.queue().claim(room.scope, 'ben', taskId);
        await room.queue().answer(room.scope, 'ben', taskId, { ...answer, verdict: 'decline' });
        return record;
      },
    });
    await expect(overtaken.answer(room.scope, 'ana', taskId, answer)).rejects.toEqual(code('TASK_CLOSED'));
    expect(await room.answersOf(decisionId)).toEqual([expect.stringContaining('"reviewer":"ben"')]);
  });

  it('is taken once however often it is sent at once', async () => {
    const { taskId, decisionId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    const sent = Array.from({ length: 8 }, () => room.queue().answer(room.scope, 'ana', taskId, answer));
    const results = await Promise.allSettled(sent);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(7);
    for (const { reason } of refused) expect(reason).toEqual(code('TASK_CLOSED'));
    expect(await room.answersOf(decisionId)).toHaveLength(1);
  });

  it('says so when the chain was continued by something that is no answer', async () => {
    const { taskId, decisionId } = await room.open();
    await room.queue().claim(room.scope, 'ana', taskId);
    const disturbed = room.queue({
      async openRecord(task) {
        const record = await room.openRecord(task);
        if (record.standing === 'reached') return record;
        const end = (await room.chain(decisionId)).at(-1)?.header_digest ?? null;
        if ((await room.chain(decisionId)).length === 1) {
          await room.store.commit({ inserts: [room.entry(decisionId, 'access', { by: 'auditor' }, end)] });
        }
        return record;
      },
    });
    await expect(disturbed.answer(room.scope, 'ana', taskId, answer)).rejects.toEqual(
      code('TASK_NOT_CLAIMED'),
    );
    await room.queue().claim(room.scope, 'ana', taskId);
    expect(await room.queue().answer(room.scope, 'ana', taskId, answer)).toHaveProperty('state', 'answered');
  });
});

describe('after a crash between the entries and the mark', () => {
  it.each<[string, (taskId: string) => Promise<unknown>, string]>([
    [
      'the same reviewer answers again',
      (taskId) => room.queue().answer(room.scope, 'ana', taskId, answer),
      'TASK_CLOSED',
    ],
    [
      'the same reviewer claims again',
      (taskId) => room.queue().claim(room.scope, 'ana', taskId),
      'TASK_CLOSED',
    ],
  ])('%s: the task is closed', async (_case, attempt, expected) => {
    const { taskId, decisionId } = await crashed();
    await expect(attempt(taskId)).rejects.toEqual(code(expected));
    expect(await room.answersOf(decisionId)).toHaveLength(1);
    expect(
      (await room.queue().list(room.scope, { state: 'answered', limit: 1, cursor: null })).tasks,
    ).toMatchObject([{ taskId }]);
  });

  it('another reviewer asks for the next task: the answered one is closed and the one after it given', async () => {
    const { taskId } = await crashed();
    room.clockMs += leaseMs['credit-application'];
    const other = await room.open({ dueAtMs: room.startMs + 72 * 3_600_000 });
    expect(await room.queue().claimNext(room.scope, 'ben')).toHaveProperty('taskId', other.taskId);
    await expect(room.queue().claim(room.scope, 'ben', taskId)).rejects.toEqual(code('TASK_CLOSED'));
  });

  it('and a release: whoever answers next finds it answered', async () => {
    const { taskId, decisionId } = await crashed();
    await room.queue().release(room.scope, 'ana', taskId);
    await room.queue().claim(room.scope, 'ben', taskId);
    await expect(room.queue().answer(room.scope, 'ben', taskId, answer)).rejects.toEqual(code('TASK_CLOSED'));
    expect(await room.answersOf(decisionId)).toHaveLength(1);
  });
});

/** What a process leaves that died after the entries were durable and before it marked the task. */
async function crashed(): Promise<NewTask> {
  const task = await room.open();
  const claimed = await room.queue().claim(room.scope, 'ana', task.taskId);
  const record = await room.openRecord(claimed);
  await record.append({ task: claimed, reviewer: 'ana', answer, openMs: 0 });
  return task;
}
