import { createHash } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';
import { type NewTask, type ReviewScope, taskInsert } from '../../src/confidence/repository.ts';
import {
  type AcceptedAnswer,
  type AnswerRecord,
  type ReviewPorts,
  type ReviewQueue,
  createReviewQueue,
} from '../../src/confidence/review.ts';
import { type DecisionId, parseDecisionId, parseDigest } from '../../src/decision/ids.ts';
import type { Store } from '../../src/storage/store.ts';
import type { TableSpec } from '../../src/storage/table.ts';

/** Seconds of lease by decision type, as a review room configures them. */
export const leaseMs = { 'credit-application': 900_000, claims: 60_000 };
export const answer = { verdict: 'approve', reasonCodes: ['INCOME'] };

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
    return createReviewQueue({
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
      openRecord: (decisionId, taskId) => this.openRecord(decisionId, taskId),
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

  async openRecord(decisionId: DecisionId, taskId: string): Promise<AnswerRecord> {
    const chain = await this.chain(decisionId);
    return {
      answered: chain.some(({ header }) => header.toString().includes(`"answers":"${taskId}"`)),
      append: async ({ reviewer, answer: given }: AcceptedAnswer) => {
        const facts = { answers: taskId, reviewer, verdict: given.verdict };
        const outcome = this.entry(decisionId, 'outcome', facts, chain.at(-1)?.header_digest ?? null);
        await this.store.commit({ inserts: [outcome] });
      },
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
