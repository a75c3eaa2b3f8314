import { continueRecord } from '../audit/continue.ts';
import { type DecisionStory, tellStory } from '../audit/story.ts';
import { type AcceptedAnswer, type ReviewQueue, createReviewQueue } from '../confidence/review.ts';
import type { OutcomeFacts } from '../decision/entry.ts';
import { CountersignError, InvariantError } from '../decision/errors.ts';
import { reviewedOutcome } from './outcome.ts';
import { standingOf } from './replies.ts';
import type { Cell, Rooms } from './rooms.ts';
import { webhookNotice } from './webhook-notice.ts';

/** The review queue of one cell, with answers written into the record. */
export function reviewQueueOf(rooms: Rooms, cell: Cell): ReviewQueue {
  return createReviewQueue({
    store: cell.store,
    nowMs: rooms.nowMs,
    policyOf(decisionType) {
      const type = rooms.types.get(decisionType);
      if (!type) throw new CountersignError('DECISION_TYPE_UNKNOWN');
      const { review, outcome } = type.config;
      return { review, outcome, reasonCodes: type.reasons.map((reason) => reason.code) };
    },
    async openRecord(decisionId, taskId) {
      const story = await tellStory(cell.store, cell.keys, decisionId);
      if (!story?.entries.length) throw new InvariantError('a task without a decision');
      return {
        answered: story.entries.some(({ header }) => isAnswer(header.facts as OutcomeFacts, taskId)),
        append: (accepted) => appendAnswer(rooms, cell, story, accepted),
      };
    },
  });
}

function isAnswer(facts: OutcomeFacts, taskId: string): boolean {
  return facts.kind === 'outcome' && facts.decidedBy === 'person' && facts.reviewTask === taskId;
}

/**
 * The reviewer's answer and the outcome it leads to. If the process dies between the two entries, the
 * outcome is missing, the task stays open, and the next answer appends both again: the record then
 * shows both reviews, and the outcome names the last.
 */
async function appendAnswer(
  rooms: Rooms,
  cell: Cell,
  story: DecisionStory,
  accepted: AcceptedAnswer,
): Promise<void> {
  const { task, answer, reviewer, openMs } = accepted;
  const before = standingOf(story);
  if (!before.facts) throw new InvariantError('a task whose decision has no outcome entry');
  const record = await continueRecord(cell.store, cell.keys, story, rooms.nowMs);
  const outcome = reviewedOutcome(
    { decisionId: task.decisionId, decisionType: task.decisionType, task: task.taskId },
    { facts: before.facts, payload: before.payload },
    answer,
  );
  const companions = webhookNotice(rooms, cell, {
    decisionId: task.decisionId,
    decisionType: task.decisionType,
    tenant: before.tenant,
  });
  await record.sealReviewed(
    {
      facts: {
        kind: 'review',
        openMs,
        override: outcome.override,
        reasonCodes: answer.reasonCodes,
        reviewer,
        task: task.taskId,
      },
      payload: { schema: 2, verdict: answer.verdict, note: answer.note ?? null },
    },
    { facts: outcome.facts, payload: outcome.payload },
    companions,
  );
  rooms.metrics.decision(task.decisionType, 'decided', before.facts.band);
}
