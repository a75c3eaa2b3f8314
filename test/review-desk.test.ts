import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutcomeFacts, ReviewFacts } from '../src/decision/entry.ts';
import type { Grants } from '../src/gateway/caller.ts';
import { createReplayer } from '../src/gateway/replay/replayer.ts';
import { escalateOverdue } from '../src/gateway/review-desk.ts';
import { plantDrawn } from '../src/gateway/seeding.ts';
import { type TestGateway, startTestGateway } from './support/gateway.ts';

/*
 * The review desk over real HTTP: each rule with what it refuses, and that a record with several answers replays
 * byte-equal.
 */

const review = { leaseSeconds: 900, dueHours: 24 };
// Above every score: nothing of these types is decided by a model.
const bands = {
  id: 'all',
  basis: 'configured',
  tLow: 0,
  tHigh: 1,
  autoDecide: false,
  low: 'escalate',
} as const;
const typeOf = (name: string, policy: object) =>
  ({ name, like: 'chat-test', bands, review: { ...review, ...policy } }) as const;
const types = [
  typeOf('plain-desk', {}),
  typeOf('four-eyes', { fourEyes: true, queue: 'payments', skills: ['payments'], escalationSkill: 'senior' }),
  typeOf('blind-desk', { blindShare: 1 }),
  typeOf('overlap-desk', { overlapShare: 1 }),
  typeOf('two-of-three', { answers: 3, agree: 2 }),
  typeOf('seeded-desk', { seededShare: 1 }),
  typeOf('open-desk', {}),
] as const;
const names = [...types.map(({ name }) => name), 'chat-test'];

let gateway: TestGateway;
let replayer: ReturnType<typeof createReplayer>;
let sender: string;
beforeAll(async () => {
  gateway = await startTestGateway({ types });
  replayer = createReplayer();
  sender = await gateway.keyFor({ decisionTypes: names, person: 'sender' });
});
afterAll(() => gateway.stop());

interface Shown {
  readonly evidenceHash: string;
  readonly evidence: { readonly model: { readonly answer: unknown } | null; readonly request: unknown };
  readonly needsFirstAnswer: boolean;
}

/** A person at the desk, with a key of their own. */
async function person(name: string, grants: Partial<Grants> = {}) {
  const key = await gateway.keyFor({
    decisionTypes: names,
    roles: ['reviewer'],
    skills: ['payments'],
    person: name,
    ...grants,
  });
  const post = (path: string, body?: object) => gateway.post(`/v1/reviews/${path}`, body, { key });
  const read = (task: string) => gateway.get(`/v1/reviews/${task}?cell=eu`, { key });
  const show = async (task: string) => (await read(task)).body as unknown as Shown;
  return {
    key,
    post,
    read,
    show,
    claim: (task: string) => post(`${task}/claim?cell=eu`),
    async answer(task: string, verdict: string, hash?: string) {
      const evidenceHash = hash ?? (await show(task)).evidenceHash;
      return post(`${task}/answer?cell=eu`, {
        verdict,
        reasonCodes: ['T01'],
        note: `as ${name}`,
        evidenceHash,
      });
    },
    async give(task: string, verdict: string) {
      expect((await this.claim(task)).status).toBe(200);
      return this.answer(task, verdict);
    },
  };
}

async function ask(
  decisionType: string,
): Promise<{ decisionId: string; code: string | null; status: number }> {
  const body = { model: 'x', messages: [{ role: 'user', content: 'Good morning.' }] };
  return gateway.post('/v1/chat/completions', body, { decisionType, key: sender });
}

async function open(decisionType: string): Promise<{ decisionId: string; task: string }> {
  const { decisionId, code } = await ask(decisionType);
  expect(code).toBe('IN_REVIEW');
  return { decisionId, task: (await outcomeOf(decisionId)).reviewTask ?? '' };
}

async function entriesOf(decisionId: string) {
  return (await gateway.story(decisionId))?.entries ?? [];
}

async function outcomeOf(decisionId: string): Promise<OutcomeFacts> {
  const last = (await entriesOf(decisionId)).findLast(({ header }) => header.type === 'outcome');
  return last?.header.facts as OutcomeFacts;
}

async function reviewsOf(decisionId: string): Promise<ReviewFacts[]> {
  return (await entriesOf(decisionId)).flatMap(({ header: { facts } }) =>
    facts.kind === 'review' ? [facts] : [],
  );
}

async function expectReplayed(decisionId: string) {
  const story = await gateway.story(decisionId);
  if (!story) throw new Error('no record');
  const { result } = await replayer.replay(cellOf().store, story, { reveal: true });
  expect([result.result, result.firstDifference]).toEqual(['equal', null]);
}

function cellOf() {
  const cell = gateway.rooms.cells.get('eu');
  if (!cell) throw new Error('no cell');
  return cell;
}

function told({ status, code }: { status: number; code: string | null }) {
  return [status, code];
}

describe('an answer', () => {
  it('is about what was shown, and says so in the record', async () => {
    const { decisionId, task } = await open('plain-desk');
    const ana = await person('ana');
    expect(told(await ana.answer(task, 'release', `sha256:${'0'.repeat(64)}`))).toEqual([
      409,
      'TASK_NOT_CLAIMED',
    ]);
    await ana.claim(task);
    expect(
      told(await ana.post(`${task}/answer?cell=eu`, { verdict: 'release', reasonCodes: ['T01'] })),
    ).toEqual([400, 'REQUEST_INVALID']);
    expect(told(await ana.answer(task, 'release', `sha256:${'0'.repeat(64)}`))).toEqual([
      409,
      'EVIDENCE_CHANGED',
    ]);
    const { evidenceHash, evidence } = await ana.show(task);
    expect(evidence.model?.answer).not.toBeNull();
    expect(JSON.stringify(evidence)).not.toMatch(/"(score|band|status|decidedBy)"/);
    expect((await ana.answer(task, 'withhold', evidenceHash)).status).toBe(200);
    expect(await reviewsOf(decisionId)).toMatchObject([
      { evidenceHash, reviewer: 'person:ana', override: true },
    ]);
    await expectReplayed(decisionId);
  });

  it('may be renewed, released and escalated by its holder only', async () => {
    const { task } = await open('plain-desk');
    const [ana, ben] = [await person('ana'), await person('ben')];
    await ana.claim(task);
    for (const act of ['renew', 'release', 'escalate']) {
      const body = act === 'escalate' ? {} : undefined;
      expect(told(await ben.post(`${task}/${act}?cell=eu`, body))).toEqual([409, 'TASK_NOT_CLAIMED']);
    }
    expect((await ana.post(`${task}/renew?cell=eu`)).status).toBe(200);
    expect((await ana.post(`${task}/escalate?cell=eu`, { note: 'Beyond me.' })).status).toBe(200);
    expect((await ben.give(task, 'release')).status).toBe(200);
  });
});

describe('four eyes', () => {
  it('takes two persons, neither of them the sender, and nobody twice, whatever keys they hold', async () => {
    const { decisionId, task } = await open('four-eyes');
    const unskilled = await person('una', { skills: [] });
    expect(told(await unskilled.claim(task))).toEqual([404, 'TASK_UNKNOWN']);
    const own = await person('sender');
    expect(told(await own.claim(task))).toEqual([403, 'TASK_OF_ANOTHER_PERSON']);
    const [ana, anaAgain, ben] = [await person('ana'), await person('ana'), await person('ben')];
    expect((await ana.give(task, 'release')).status).toBe(200);
    expect((await outcomeOf(decisionId)).status).toBe('in_review');
    expect(told(await anaAgain.claim(task))).toEqual([403, 'TASK_OF_ANOTHER_PERSON']);
    expect((await ben.give(task, 'release')).status).toBe(200);
    expect(await outcomeOf(decisionId)).toMatchObject({ status: 'decided', decidedBy: 'person' });
    expect((await reviewsOf(decisionId)).map(({ step, quorum }) => [step, quorum])).toEqual([
      ['counted', { agree: 2, answers: 2 }],
      [undefined, { agree: 2, answers: 2 }],
    ]);
    expect(told(await ana.claim(task))).toEqual([409, 'TASK_CLOSED']);
    await expectReplayed(decisionId);
  });

  it('that see different things hand it to somebody senior, and the record replays', async () => {
    const { decisionId, task } = await open('four-eyes');
    await (await person('ana')).give(task, 'release');
    await (await person('ben')).give(task, 'withhold');
    expect(told(await (await person('cleo')).claim(task))).toEqual([404, 'TASK_UNKNOWN']);
    const senior = await person('dora', { skills: ['payments', 'senior'] });
    const listed = await gateway.get('/v1/reviews?cell=eu&state=escalated&queue=payments', {
      key: senior.key,
    });
    expect(listed.body['tasks']).toMatchObject([{ taskId: task, state: 'escalated', queue: 'payments' }]);
    expect((await senior.give(task, 'withhold')).status).toBe(200);
    const standing = await gateway.get(`/v1/decisions/${decisionId}`, { key: sender });
    expect(standing.body).toMatchObject({ status: 'decided', outcome: 'withhold' });
    expect((await reviewsOf(decisionId)).map(({ step }) => step)).toEqual([
      'counted',
      'counted',
      'split',
      undefined,
    ]);
    await expectReplayed(decisionId);
  });
});

describe('two of three', () => {
  it('decide as soon as they agree; one who differs neither fills nor voids it', async () => {
    const { decisionId, task } = await open('two-of-three');
    await (await person('ana')).give(task, 'release');
    await (await person('ben')).give(task, 'withhold');
    expect((await outcomeOf(decisionId)).status).toBe('in_review');
    await (await person('cleo')).give(task, 'release');
    const standing = await gateway.get(`/v1/decisions/${decisionId}`, { key: sender });
    expect(standing.body).toMatchObject({ outcome: 'release', decidedBy: 'person' });
    await expectReplayed(decisionId);
  });
});

describe('a blind task', () => {
  it('shows the model’s answer after the reviewer’s own, and records both', async () => {
    const { decisionId, task } = await open('blind-desk');
    const ana = await person('ana');
    await ana.claim(task);
    const before = await ana.show(task);
    expect(before).toMatchObject({ needsFirstAnswer: true, evidence: { model: null } });
    const sealed = (await entriesOf(decisionId)).find(({ header }) => header.type === 'outcome');
    const modelText = (sealed?.payload as { answer: string } | undefined)?.answer;
    expect((await ana.read(task)).text).not.toContain(JSON.stringify(modelText));
    expect(told(await ana.answer(task, 'release'))).toEqual([409, 'FIRST_ANSWER_MISSING']);
    const first = (hash: string) =>
      ana.post(`${task}/first-answer?cell=eu`, { verdict: 'withhold', evidenceHash: hash });
    expect(told(await first(`sha256:${'0'.repeat(64)}`))).toEqual([409, 'EVIDENCE_CHANGED']);
    expect((await first(before.evidenceHash)).status).toBe(200);
    expect(told(await first(before.evidenceHash))).toEqual([409, 'FIRST_ANSWER_GIVEN']);
    // What was shown is more now: the hash of before is of something else.
    expect(told(await ana.answer(task, 'release', before.evidenceHash))).toEqual([409, 'EVIDENCE_CHANGED']);
    expect((await ana.show(task)).evidence.model?.answer).toEqual(modelText);
    expect((await ana.answer(task, 'release')).status).toBe(200);
    expect(await reviewsOf(decisionId)).toMatchObject([{ step: 'first' }, { changed: true }]);
    await expectReplayed(decisionId);
  });
});

describe('an overlap', () => {
  it('waits for a second answer, which changes nothing where it agrees', async () => {
    const { decisionId, task } = await open('overlap-desk');
    await (await person('ana')).give(task, 'release');
    expect((await outcomeOf(decisionId)).status).toBe('in_review');
    await (await person('ben')).give(task, 'release');
    expect((await outcomeOf(decisionId)).status).toBe('decided');
    await expectReplayed(decisionId);
  });
});

describe('a task whose time is over', () => {
  it('is escalated with an entry, and approves nothing', async () => {
    const { decisionId, task } = await open('plain-desk');
    const ana = await person('ana');
    await ana.claim(task);
    const { evidenceHash } = await ana.show(task);
    await cellOf().store.query({
      text: `UPDATE review_tasks SET due_at = now() - interval '1 second', lease_until = now() - interval '1 second'
              WHERE task_id = $1`,
      values: [task],
    });
    expect((await ana.answer(task, 'release', evidenceHash)).status).toBe(409);
    // The desk of this gateway may have been first.
    await escalateOverdue(gateway.rooms, cellOf());
    await escalateOverdue(gateway.rooms, cellOf());
    const steps = (await reviewsOf(decisionId)).map(({ step, reviewer }) => [step, reviewer]);
    expect(steps).toEqual([['expired', 'desk']]);
    expect((await outcomeOf(decisionId)).status).toBe('in_review');
    expect((await (await person('ben')).give(task, 'withhold')).status).toBe(200);
    await expectReplayed(decisionId);
  });
});

describe('a case with a known answer', () => {
  it('looks like any other, is recorded beside the decision, and reaches neither outcome nor webhook', async () => {
    const { decisionId, task } = await open('open-desk');
    await (await person('first')).give(task, 'release');
    const before = await entriesOf(decisionId);
    const operator = await gateway.keyFor({ decisionTypes: names, person: 'olga', skills: [] });
    const plant = (body: object) => gateway.post('/v1/reviews/seeded', body, { key: operator });
    expect(told(await plant({ decisionId, verdict: 'maybe' }))).toEqual([409, 'SEED_UNFIT']);
    const planted = await plant({ decisionId, verdict: 'withhold' });
    expect(planted.status, planted.text).toBe(200);
    const seed = String(planted.body['task']);
    // Who planted it, or has answered about the decision, is no test.
    expect(told(await (await person('olga')).claim(seed))).toEqual([403, 'TASK_OF_ANOTHER_PERSON']);
    expect(told(await (await person('first')).claim(seed))).toEqual([403, 'TASK_OF_ANOTHER_PERSON']);
    const ordinary = await open('open-desk');
    const ana = await person('ana');
    const [a, b] = [await ana.claim(seed), await ana.claim(ordinary.task)];
    const shapeOf = ({ body }: typeof a) => {
      const {
        taskId: _,
        decisionId: __,
        createdAtMs: ___,
        dueAtMs: ____,
        leaseUntilMs: _____,
        ...rest
      } = body['task'] as Record<string, unknown>;
      return rest;
    };
    expect(shapeOf(a)).toEqual(shapeOf(b));
    expect(JSON.stringify(a.body)).not.toContain(decisionId);
    expect((await ana.read(seed)).text).not.toContain(decisionId);
    expect((await ana.answer(seed, 'withhold')).status).toBe(200);
    expect((await entriesOf(decisionId)).length).toBe(before.length);
    expect((await reviewsOf(seed)).map(({ step }) => step)).toEqual(['seeded', 'beside']);
    expect(told(await ana.claim(seed))).toEqual([409, 'TASK_CLOSED']);
    await expectReplayed(decisionId);
  });

  it('is planted again for tasks that draw one', async () => {
    const { decisionId, task } = await open('seeded-desk');
    await (await person('first')).give(task, 'release');
    const operator = await gateway.keyFor({ decisionTypes: names, person: 'olga' });
    await gateway.post('/v1/reviews/seeded', { decisionId, verdict: 'release' }, { key: operator });
    await open('seeded-desk');
    await plantDrawn(gateway.rooms, cellOf());
    expect(await plantDrawn(gateway.rooms, cellOf())).toBe(0);
    const rows = await cellOf().store.query<{ aim: string; planted: boolean }>({
      text: `SELECT aim, planted_for IS NOT NULL AS planted FROM review_tasks WHERE decision_type = 'seeded-desk'`,
      values: [],
    });
    expect(rows.filter(({ planted }) => planted)).toHaveLength(2);
    expect(rows.filter(({ aim }) => aim === 'seeded')).toHaveLength(3);
  });
});

describe('the reports', () => {
  it('count by reviewer and queue, with agreement, for operators only', async () => {
    const reviewer = await person('ana');
    expect(told(await gateway.get('/v1/reviews/reports', { key: reviewer.key }))).toEqual([
      403,
      'ROLE_MISSING',
    ]);
    const key = await gateway.keyFor({ decisionTypes: names });
    expect((await gateway.get('/v1/reviews/reports?since=2026-13-40', { key })).code).toBe('REQUEST_INVALID');
    const { body, text } = await gateway.get('/v1/reviews/reports?cell=eu', { key });
    const [eu] = body['cells'] as {
      reviewers: { reviewer: string; decisionType: string; seeded: number; caught: number; blind: number }[];
      queues: { queue: string; opened: number; escalated: number }[];
      agreement: { decisionType: string; counts: unknown; cohen: { items: number; observed: number } }[];
    }[];
    const line = (decisionType: string) =>
      eu?.reviewers.find((each) => each.reviewer === 'person:ana' && each.decisionType === decisionType);
    expect(line('open-desk')).toMatchObject({ seeded: 1, caught: 1 });
    expect(line('blind-desk')).toMatchObject({ blind: 1, changed: 1, answers: 1 });
    expect(eu?.queues.find(({ queue }) => queue === 'payments')).toMatchObject({
      opened: 2,
      escalated: 1,
      waiting: 0,
    });
    expect(eu?.agreement.find(({ decisionType }) => decisionType === 'four-eyes')).toMatchObject({
      counts: [
        { verdicts: ['release', 'release'], tasks: 1 },
        { verdicts: ['release', 'withhold'], tasks: 1 },
      ],
      cohen: { items: 2, observed: 0.5 },
    });
    expect(text).not.toContain('as ana');
  });
});

describe('the kill switch', () => {
  const act = { reason: 'incident', case: 'K-1' };
  const path = (what: string, type = 'chat-test') => `/v1/decision-types/${type}/${what}`;

  it('sends everything of a type to review at once, until a second person lifts it', async () => {
    const [olga, otto] = [
      await gateway.keyFor({ decisionTypes: names, person: 'olga' }),
      await gateway.keyFor({ decisionTypes: names, person: 'otto' }),
    ];
    expect((await ask('chat-test')).status).toBe(200);
    expect(told(await gateway.post(path('lift'), act, { key: otto }))).toEqual([404, 'SUSPENSION_UNKNOWN']);
    const suspended = await gateway.post(path('suspend'), act, { key: olga });
    expect(suspended.status, suspended.text).toBe(200);
    const again = await gateway.post(path('suspend'), act, { key: otto });
    expect(again.body['suspensions']).toMatchObject(suspended.body['suspensions'] as object[]);
    const { decisionId } = await open('chat-test');
    expect(await outcomeOf(decisionId)).toMatchObject({ status: 'in_review', band: 'high' });
    expect(JSON.stringify((await outcomeOf(decisionId)).verdicts)).toContain('TYPE_SUSPENDED');
    await expectReplayed(decisionId);
    expect(told(await gateway.post(path('lift'), act, { key: olga }))).toEqual([403, 'SECOND_PERSON_NEEDED']);
    expect((await gateway.post(path('lift'), { ...act, reason: 'resolved' }, { key: otto })).status).toBe(
      200,
    );
    expect((await ask('chat-test')).status).toBe(200);
    const [{ suspensionId } = { suspensionId: '' }] = suspended.body['suspensions'] as {
      suspensionId: string;
    }[];
    const [entry] = await entriesOf(suspensionId);
    expect(entry?.header).toMatchObject({
      type: 'configuration',
      facts: { action: 'type-suspended', by: 'person:olga', caseReference: 'K-1', reason: 'incident' },
    });
  });

  it('holds in a process that another one never told of it', async () => {
    const { store } = cellOf();
    await store.query({
      text: `INSERT INTO type_suspensions (suspension_id, cell, decision_type, suspended_by)
             VALUES ('01890000-0000-7000-8000-000000000001', 'eu', 'chat-test', 'elsewhere')`,
      values: [],
    });
    await open('chat-test');
    const key = await gateway.keyFor({ decisionTypes: names });
    expect((await gateway.post(path('lift'), act, { key })).status).toBe(200);
  });

  it('is closed to reviewers, to other types and to names that are none', async () => {
    const { key } = await person('ana');
    expect(told(await gateway.post(path('suspend'), act, { key }))).toEqual([403, 'ROLE_MISSING']);
    const narrow = await gateway.keyFor({ decisionTypes: ['plain-desk'] });
    expect(told(await gateway.post(path('suspend'), act, { key: narrow }))).toEqual([403, 'LABEL_UNGRANTED']);
    expect(told(await gateway.post(path('suspend', 'nothing'), act, { key: narrow }))).toEqual([
      404,
      'DECISION_TYPE_UNKNOWN',
    ]);
  });
});
