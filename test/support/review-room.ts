import { createHash } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';
import { answerInsert } from '../../src/confidence/answer-repository.ts';
import { taskInsert } from '../../src/confidence/repository.ts';
import {
  type AcceptedAnswer,
  type AnswerRecord,
  type ReviewPorts,
  ReviewQueue,
} from '../../src/confidence/review.ts';
import { tally } from '../../src/confidence/review-quorum.ts';
import type { NewTask, ReviewScope, ReviewTask } from '../../src/confidence/review-task.ts';
import { type DecisionId, type Digest, parseDecisionId, parseDigest } from '../../src/decision/ids.ts';
import type { Store } from '../../src/storage/store.ts';
import type { Insert, TableSpec } from '../../src/storage/table.ts';

/** Seconds of lease by decision type, as a review room configures them. */
export const leaseMs = { 'credit-application': 900_000, claims: 60_000 };
const evidenceHash = `sha256:${'cd'.repeat(32)}` as Digest;
export const answer = { verdict: 'approve', reasonCodes: ['INCOME'], evidenceHash };

/** The real entries table with its chain, written by as little as it takes. */
const entries: TableSpec = {
  name: 'entries',
  columns: [
    { name: 'entry_id', type: 'uuid' },
    { name: 'decision_id', type: 'uuid' },
    { name: 'type', type: 'text' },
    { name: 'tenant', type: 'text' },
    { name: 'cell', type: 'text' },
    { name: 'header', type: 'bytea' },
    { name: 'header_digest', type: 'bytea' },
    { name: 'previous', type: 'bytea' },
  ],
};

interface EntryRow {
  header: Buffer;
  header_digest: Buffer;
}

/** A review queue of a tenant of its own on a real store, with a clock that the test moves. */
export class ReviewRoom {
  readonly store: Store;
  readonly startMs = Date.UTC(2026, 10, 22, 9);
  clockMs = this.startMs;
  readonly scope: ReviewScope = {
    tenant: uuidV7(),
    labels: ['EU/personal'],
    decisionTypes: ['credit-application', 'claims'],
  };

  constructor(store: Store) {
    this.store = store;
  }

  queue(ports: Partial<ReviewPorts> = {}): ReviewQueue {
    return new ReviewQueue({
      store: this.store,
      nowMs: () => this.clockMs,
      policyOf: (type) => ({
        review: {
          leaseSeconds: leaseMs[type === 'claims' ? 'claims' : 'credit-application'] / 1000,
          dueHours: 48,
        },
        outcome: { field: 'recommendation', favourable: ['approve'], unfavourable: ['decline'] },
        reasonCodes: ['INCOME', 'HISTORY', 'EMPLOYMENT', 'PURPOSE', 'AMOUNT'],
      }),
      openRecord: (task) => this.openRecord(task),
      ...ports,
    });
  }

  newTask(overrides: Partial<NewTask> = {}): NewTask {
    const decisionId = parseDecisionId(uuidV7());
    const evidenceDigest = parseDigest(`sha256:${'ab'.repeat(32)}`);
    if (decisionId === null || evidenceDigest === null) throw new Error('not an id');
    return {
      taskId: uuidV7(),
      decisionId,
      tenant: this.scope.tenant,
      jurisdiction: 'EU',
      labels: ['EU/personal'],
      decisionType: 'credit-application',
      origin: 'middle',
      evidenceDigest,
      createdAtMs: this.startMs,
      dueAtMs: this.startMs + 48 * 3_600_000,
      ...overrides,
    };
  }

  /** Commits the outcome entry and the task in one unit, as the gateway does. */
  async open(overrides: Partial<NewTask> = {}, cell = this.store.cell): Promise<NewTask> {
    const task = this.newTask(overrides);
    const outcome = this.entry(task.decisionId, 'outcome', { status: 'in_review' }, null);
    await this.store.commit({ inserts: [outcome, taskInsert(cell, task)] });
    return task;
  }

  /** Entries as the gateway writes them, by as little as it takes. */
  async openRecord(task: ReviewTask): Promise<AnswerRecord> {
    const { taskId, decisionId, quorum } = task;
    const chain = await this.chain(decisionId);
    const facts = chain.map(({ header }) => JSON.parse(header.toString()) as Record<string, string>);
    const answers = facts
      .filter((each) => each['answers'] === taskId)
      .map((each) => ({ verdict: each['verdict'] ?? '', reasonCodes: [], reviewer: each['reviewer'] ?? '' }));
    const first = facts.find((each) => each['first'] === taskId)?.['verdict'] ?? null;
    const write = async (what: object, companions: Insert[] = []) => {
      const entry = this.entry(decisionId, 'review', what, chain.at(-1)?.header_digest ?? null);
      await this.store.commit({ inserts: [entry, ...companions] });
    };
    return {
      standing: tally(answers, quorum).kind,
      isEscalated: facts.some((each) => each['escalates'] === taskId),
      answeredBy: new Set(answers.map(({ reviewer }) => reviewer)),
      verdicts: answers.map(({ verdict }) => verdict),
      first,
      evidenceHash,
      append: async ({ reviewer, answer: given, openMs }: AcceptedAnswer) => {
        const all = [...answers, { ...given, reviewer }];
        const reached = tally(all, quorum);
        const row = {
          reviewer,
          answeredAtMs: this.clockMs,
          openMs,
          override: false,
          changed: null,
          caught: null,
        };
        const escalates = reached.kind === 'split' ? { escalates: taskId } : {};
        const what = { answers: taskId, reviewer, verdict: given.verdict, ...escalates };
        await write(what, [answerInsert(this.store.cell, task, row)]);
        return { kind: reached.kind, verdicts: all.map(({ verdict }) => verdict) };
      },
      appendFirst: ({ answer: given }) => write({ first: taskId, verdict: given.verdict }),
      escalate: () => write({ escalates: taskId }),
    };
  }

  chain(decisionId: DecisionId): Promise<EntryRow[]> {
    return this.store.query<EntryRow>({
      text: 'SELECT header, header_digest FROM entries WHERE decision_id = $1 ORDER BY committed_in, entry_id',
      values: [decisionId],
    });
  }

  entry(decisionId: DecisionId, type: string, facts: object, previous: Buffer | null) {
    const header = Buffer.from(JSON.stringify({ ...facts, entryId: uuidV7() }));
    const digest = createHash('sha256').update(header).digest();
    const row = [uuidV7(), decisionId, type, this.scope.tenant, this.store.cell, header, digest, previous];
    return { table: entries, row };
  }

  async answersOf(decisionId: DecisionId): Promise<string[]> {
    const headers = (await this.chain(decisionId)).map(({ header }) => header.toString());
    return headers.filter((header) => header.includes('"answers"'));
  }
}
