import { applicationIn, askForCredit, brief, decisionIdOf } from '../cases.ts';
import type { Act, Scene } from '../scene.ts';
import { recorded } from '../recorded.ts';
import type { Stage } from '../stage.ts';

export const highConfidence: Scene = {
  name: 'A high-confidence application is processed',
  expected: 'decided by the model, in the high band',
  async play(stage, memory): Promise<Act> {
    const reply = await askForCredit(stage, applicationIn('high'), 'EU');
    const decisionId = decisionIdOf(reply);
    memory.first = { decisionId, received: reply.bytes };
    const { status, decidedBy, band, outcome, confidence } = reply.body;
    return {
      decisionId,
      facts: [
        { text: brief(reply), holds: reply.status === 200 && status === 'decided' },
        {
          text: `${String(outcome)} by the ${String(decidedBy)}`,
          holds: decidedBy === 'model' && outcome === 'approve',
        },
        { text: `${String(band)} band, confidence ${String(confidence)}`, holds: band === 'high' },
      ],
    };
  },
};

export const middleConfidence: Scene = {
  name: 'A middling application waits for a person',
  expected: 'nothing released; a reviewer claims and answers it; then decided by a person',
  async play(stage): Promise<Act> {
    const reply = await askForCredit(stage, applicationIn('middle'), 'EU');
    const decisionId = decisionIdOf(reply);
    const answered = await review(stage, decisionId);
    const standing = await stage.api.get(`/v1/decisions/${decisionId}`, { key: stage.keys.caller });
    const { status, decidedBy, outcome } = standing.body;
    return {
      decisionId,
      facts: [
        waits(reply.status, reply.body, 'BAND_MIDDLE'),
        {
          text: `the reviewer’s claim and answer got ${answered.join(' and ')}`,
          holds: answered.every((code) => code === 200),
        },
        {
          text: `then ${String(status)}: ${String(outcome)} by a ${String(decidedBy)}`,
          holds: status === 'decided' && decidedBy === 'person' && outcome === 'approve',
        },
      ],
    };
  },
};

export const lowConfidence: Scene = {
  name: 'A low-confidence application is escalated',
  expected: 'in review, low band; no machine declines it',
  async play(stage): Promise<Act> {
    const reply = await askForCredit(stage, applicationIn('low'), 'EU');
    const decisionId = decisionIdOf(reply);
    const story = await stage.api.record(decisionId, stage.keys.auditor);
    const { band, status, reviewTask } = recorded(story, 'outcome').facts;
    return {
      decisionId,
      facts: [
        waits(reply.status, reply.body, 'BAND_LOW'),
        {
          text: `recorded as ${status} in the ${String(band)} band`,
          holds: status === 'in_review' && band === 'low',
        },
        {
          text: reviewTask === null ? 'nobody was asked' : 'a review task is open',
          holds: reviewTask !== null,
        },
      ],
    };
  },
};

function waits(httpStatus: number, body: Readonly<Record<string, unknown>>, reason: string) {
  const reasons = Array.isArray(body['reasons']) ? body['reasons'] : [];
  const isSilent = body['answer'] === undefined && body['outcome'] === undefined;
  return {
    text: `${httpStatus} ${String(body['status'])} (${reasons.join(', ')})${isSilent ? '' : ' with an answer'}`,
    holds: httpStatus === 202 && body['status'] === 'in_review' && reasons.includes(reason) && isSilent,
  };
}

/** What a reviewer does at the console: claim the task, answer it. The HTTP statuses of both. */
async function review(stage: Stage, decisionId: string): Promise<number[]> {
  const story = await stage.api.record(decisionId, stage.keys.auditor);
  const task = `/v1/reviews/${recorded(story, 'outcome').facts.reviewTask}`;
  const key = stage.keys.reviewer;
  const claim = await stage.api.post(`${task}/claim`, { key });
  const { evidenceHash } = (await stage.api.get(task, { key })).body;
  const note = 'The facts of the case were looked at.';
  const body = { verdict: 'approve', reasonCodes: ['R23'], note, evidenceHash };
  const answer = await stage.api.post(`${task}/answer`, { key, body });
  return [claim.status, answer.status];
}
