import { continueRecord, recordAfter } from '../audit/continue.ts';
import type { ReviewPayload } from '../audit/payload-content.ts';
import { DecisionRecord } from '../audit/record.ts';
import { type DecisionStory, type ToldEntry, tellStory } from '../audit/story.ts';
import { answerInsert } from '../confidence/answer-repository.ts';
import { type AcceptedAnswer, type AnswerRecord, ReviewQueue } from '../confidence/review.ts';
import { type CountedAnswer, type Tally, tally } from '../confidence/review-quorum.ts';
import type { ReviewTask } from '../confidence/review-task.ts';
import type { OutcomeFacts, ReviewFacts, ReviewStep } from '../decision/entry.ts';
import { CountersignError, InvariantError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { Insert } from '../storage/table.ts';
import { isOverride, reviewedOutcome } from './outcome.ts';
import { standingOf } from './replies.ts';
import { evidenceOf } from './review-evidence.ts';
import type { Cell, Rooms } from './rooms.ts';
import { webhookNotice } from './webhook-notice.ts';

/** Who escalates what nobody answered, as entries name it. */
export const desk = 'desk';

/** The review queue of one cell, with answers written into the record. */
export function reviewQueueOf(rooms: Rooms, cell: Cell): ReviewQueue {
  return new ReviewQueue({
    store: cell.store,
    nowMs: rooms.nowMs,
    policyOf(decisionType) {
      const { config, reasons } = typeOf(rooms, decisionType);
      const { review, outcome } = config;
      return { review, outcome, reasonCodes: review.reasons ?? reasons.map(({ code }) => code) };
    },
    openRecord: (task, reviewer) => openReview(rooms, cell, task, reviewer),
  });
}

function typeOf(rooms: Rooms, decisionType: string) {
  const type = rooms.types.get(decisionType);
  if (!type) throw new CountersignError('DECISION_TYPE_UNKNOWN');
  return type;
}

/** What is recorded of a task, for one reviewer: see `AnswerRecord`. */
export async function openReview(rooms: Rooms, cell: Cell, task: ReviewTask, reviewer: string) {
  const story = await tellStory(cell.store, cell.keys, task.decisionId);
  if (!story?.entries.length) throw new InvariantError('a task without a decision');
  // Answers that decide nothing have a record of their own: the decision's chain stays as it was.
  const beside =
    task.aim === 'decide' ? null : await tellStory(cell.store, cell.keys, task.taskId as DecisionId);
  return new RecordedTask(rooms, cell, task, reviewer, { story, beside });
}

interface Said extends CountedAnswer {
  readonly reviewer: string;
}

class RecordedTask implements AnswerRecord {
  readonly standing: Tally['kind'];
  readonly isEscalated: boolean;
  readonly answeredBy: ReadonlySet<string>;
  readonly verdicts: readonly string[];
  readonly first: string | null;
  readonly evidence;
  readonly evidenceHash;
  readonly #rooms: Rooms;
  readonly #cell: Cell;
  readonly #task: ReviewTask;
  readonly #story: DecisionStory;
  readonly #beside: DecisionStory | null;
  readonly #answers: readonly Said[];

  constructor(
    rooms: Rooms,
    cell: Cell,
    task: ReviewTask,
    reviewer: string,
    read: { readonly story: DecisionStory; readonly beside: DecisionStory | null },
  ) {
    this.#rooms = rooms;
    this.#cell = cell;
    this.#task = task;
    this.#story = read.story;
    this.#beside = read.beside;
    this.#answers = this.#said((step) => step === undefined || step === 'counted' || step === 'beside');
    const first = this.#said((step) => step === 'first').findLast((said) => said.reviewer === reviewer);
    this.first = first?.verdict ?? null;
    this.answeredBy = new Set(this.#answers.map((said) => said.reviewer));
    this.verdicts = this.#answers.slice(0, task.quorum.answers).map(({ verdict }) => verdict);
    this.isEscalated = this.#reviews().some(({ step }) =>
      ['split', 'expired', 'escalated'].includes(step ?? ''),
    );
    this.standing = this.#hasOutcome() ? 'reached' : tally(this.#answers, task.quorum).kind;
    const type = typeOf(rooms, task.decisionType);
    const showsModel = !task.blind || this.first !== null;
    ({ evidence: this.evidence, evidenceHash: this.evidenceHash } = evidenceOf(read.story, type, {
      showsModel,
    }));
  }

  async append(accepted: AcceptedAnswer) {
    const { answer, reviewer } = accepted;
    const answers = [...this.#answers, { ...answer, reviewer }];
    const verdicts = answers.slice(0, this.#task.quorum.answers).map(({ verdict }) => verdict);
    const reached = tally(answers, this.#task.quorum);
    if (this.#task.aim !== 'decide') await this.#appendBeside(accepted);
    else if (reached.kind === 'reached') await this.#seal(accepted, reached);
    else await this.#count(accepted, reached.kind === 'split' && !this.isEscalated);
    return { kind: this.#task.aim === 'decide' ? reached.kind : 'reached', verdicts } as const;
  }

  async appendFirst({ answer, reviewer, openMs }: Parameters<AnswerRecord['appendFirst']>[0]) {
    const { evidenceHash } = this;
    const facts: ReviewFacts = {
      evidenceHash,
      kind: 'review',
      openMs,
      override: false,
      reasonCodes: [],
      reviewer,
      step: 'first',
      task: this.#task.taskId,
    };
    const record = await this.#record();
    await record.review([{ facts, payload: wordsOf(answer) }], []);
  }

  async escalate(step: 'escalated' | 'expired', by: string, note: string | null) {
    const payload: ReviewPayload | null = note === null ? null : { schema: 2, verdict: '', note };
    // Without words no key is needed: also what was erased meanwhile is escalated.
    const record = payload === null ? this.#bareRecord() : await this.#record();
    await record.review([{ facts: this.#escalation(step, by), payload }], []);
  }

  async #seal(accepted: AcceptedAnswer, reached: Extract<Tally, { kind: 'reached' }>): Promise<void> {
    const { decisionId, decisionType, taskId, tenant } = this.#task;
    const before = standingOf(this.#story);
    if (!before.facts) throw new InvariantError('a task whose decision has no outcome entry');
    const decision = { decisionId, decisionType, task: taskId };
    const outcome = reviewedOutcome(decision, { facts: before.facts, payload: before.payload }, reached);
    const notice = webhookNotice(this.#rooms, this.#cell, { decisionId, decisionType, tenant });
    const record = await this.#record();
    const review = { facts: this.#facts(accepted), payload: wordsOf(accepted.answer) };
    await record.sealReviewed(review, outcome, [this.#row(accepted), ...notice]);
    this.#rooms.metrics.decision(decisionType, 'decided', before.facts.band);
  }

  /** One answer of several; when everybody was asked and too few agree, somebody else must look. */
  async #count(accepted: AcceptedAnswer, isSplit: boolean): Promise<void> {
    const record = await this.#record();
    const counted = { facts: this.#facts(accepted, 'counted'), payload: wordsOf(accepted.answer) };
    const split = { facts: this.#escalation('split', desk), payload: null };
    await record.review(isSplit ? [counted, split] : [counted], [this.#row(accepted)]);
  }

  async #appendBeside(accepted: AcceptedAnswer): Promise<void> {
    const record = await this.#record();
    const review = { facts: this.#facts(accepted, 'beside'), payload: wordsOf(accepted.answer) };
    await record.review([review], [this.#row(accepted)]);
  }

  #facts({ answer, openMs, reviewer }: AcceptedAnswer, step?: ReviewStep): ReviewFacts {
    const { quorum, taskId } = this.#task;
    const { first } = this;
    return {
      ...(first === null ? {} : { changed: first !== answer.verdict }),
      evidenceHash: this.evidenceHash,
      kind: 'review',
      openMs,
      override: this.#isOverride(answer.verdict),
      ...(quorum.answers === 1 ? {} : { quorum }),
      reasonCodes: answer.reasonCodes,
      reviewer,
      ...(step === undefined ? {} : { step }),
      task: taskId,
    };
  }

  #escalation(step: ReviewStep, reviewer: string): ReviewFacts {
    const { taskId } = this.#task;
    return { kind: 'review', openMs: 0, override: false, reasonCodes: [], reviewer, step, task: taskId };
  }

  #row({ answer, openMs, reviewer }: AcceptedAnswer): Insert {
    const known = this.#said((step) => step === 'seeded')[0]?.verdict;
    return answerInsert(this.#cell.id, this.#task, {
      reviewer,
      answeredAtMs: this.#rooms.nowMs(),
      openMs,
      override: this.#isOverride(answer.verdict),
      changed: this.first === null ? null : this.first !== answer.verdict,
      // What counts is what somebody saw without the model's help, where there was such an answer.
      caught: known === undefined ? null : (this.first ?? answer.verdict) === known,
    });
  }

  #isOverride(verdict: string): boolean {
    const sealed = this.#story.entries.find(({ header }) => header.type === 'outcome');
    return isOverride(sealed?.payload as { outcome: string | null } | null, verdict);
  }

  async #record(): Promise<DecisionRecord> {
    const { store, keys } = this.#cell;
    const goesOn = this.#task.aim === 'decide' ? this.#story : this.#beside;
    const gone = [...this.#story.entries, ...(this.#beside?.entries ?? [])].find(
      ({ state }) => state === 'erased' || state === 'expired',
    );
    if (gone) throw new CountersignError('RECORD_GONE', { extra: { state: gone.state } });
    if (goesOn) return continueRecord(store, keys, goesOn, this.#rooms.nowMs);
    return recordBeside(this.#cell, this.#story, this.#task.taskId as DecisionId, this.#rooms.nowMs);
  }

  #bareRecord(): DecisionRecord {
    const { store } = this.#cell;
    const last = (this.#task.aim === 'decide' ? this.#story : this.#beside)?.entries.at(-1);
    if (last) {
      return recordAfter(store, { header: last.header, digest: last.headerDigest }, null, this.#rooms.nowMs);
    }
    const header = firstHeader(this.#story);
    const subject = { ...header, decisionId: this.#task.taskId as DecisionId, about: this.#task.decisionId };
    return new DecisionRecord({ store, subject, key: null, previous: null, nowMs: this.#rooms.nowMs });
  }

  #hasOutcome(): boolean {
    const { aim, taskId } = this.#task;
    if (aim !== 'decide') return this.#answers.length > 0;
    return this.#story.entries.some(({ header }) => {
      const facts = header.facts as OutcomeFacts;
      return facts.kind === 'outcome' && facts.decidedBy === 'person' && facts.reviewTask === taskId;
    });
  }

  #reviews(): ReviewFacts[] {
    return this.#entries().map(({ header }) => header.facts as ReviewFacts);
  }

  #said(isMeant: (step: ReviewStep | undefined) => boolean): Said[] {
    return this.#entries().flatMap(({ header, payload }) => {
      const { step, reviewer, reasonCodes } = header.facts as ReviewFacts;
      if (!isMeant(step)) return [];
      // What was erased still counts as an answer of that person; it agrees with nobody's.
      const verdict = (payload as ReviewPayload | null)?.verdict ?? `erased:${header.entryId}`;
      return [{ reviewer, verdict, reasonCodes }];
    });
  }

  #entries(): ToldEntry[] {
    const entries = [...this.#story.entries, ...(this.#beside?.entries ?? [])];
    return entries.filter(
      ({ header: { facts } }) => facts.kind === 'review' && facts['task'] === this.#task.taskId,
    );
  }
}

function wordsOf(answer: { readonly verdict: string; readonly note?: string }): ReviewPayload {
  return { schema: 2, verdict: answer.verdict, note: answer.note ?? null };
}

function firstHeader(story: DecisionStory) {
  const first = story.entries[0];
  if (!first) throw new InvariantError('a decision without an entry');
  return first.header;
}

/** A record of its own about a decision, under the same key: who erases the one erases the other. */
export async function recordBeside(
  { store, keys }: Cell,
  story: DecisionStory,
  id: DecisionId,
  nowMs: () => number,
): Promise<DecisionRecord> {
  const keyId = story.entries.find(({ header }) => header.payload !== null)?.header.payload?.keyId;
  const key = keyId === undefined ? null : await keys.keyOf(story.tenant, keyId);
  if (key === null) throw new CountersignError('RECORD_GONE', { extra: { state: 'erased' } });
  const subject = { ...firstHeader(story), decisionId: id, about: story.decisionId };
  return new DecisionRecord({ store, subject, key: { key, insert: null }, previous: null, nowMs });
}
