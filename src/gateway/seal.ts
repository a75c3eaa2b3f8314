import { mintId } from '../audit/mint.ts';
import type { RecordedInput } from '../audit/payload-content.ts';
import { refusedOutcome } from '../audit/refused-outcome.ts';
import { type TaskOrigin, taskInsert } from '../confidence/repository.ts';
import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { DecisionStatus, OutcomeFacts } from '../decision/entry.ts';
import { CountersignError } from '../decision/errors.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { type StopVerdict, type Verdict, pass } from '../decision/verdict.ts';
import { type ChatAnswer, writeChatAnswer } from '../models/openai/chat.ts';
import type { Insert } from '../storage/table.ts';
import type { Passage } from './decide.ts';
import type { Judgement } from './judge.ts';
import { refusalError } from './refusal.ts';
import { decidedBody, inReviewBody } from './replies.ts';
import type { Reply } from './submission.ts';
import { webhookNotice } from './webhook-notice.ts';

/** Seals what the gates made of an answer, and only then hands the answer out (I2). */
export async function sealJudgement(
  passage: Passage,
  done: {
    judgement: Judgement;
    answer: ChatAnswer;
    before: readonly Verdict[];
    result: { endpoint: string; upstreamMs: number };
  },
): Promise<Reply> {
  const { judgement, result } = done;
  const verdicts = [...done.before, ...judgement.verdicts];
  if (judgement.status === 'refused') {
    await sealRefusal(passage, verdicts, null, judgement.answer);
    const stopped = judgement.verdicts.find((verdict): verdict is StopVerdict => verdict.kind === 'refuse');
    if (!stopped) throw new CountersignError('INTERNAL');
    throw refusalError(stopped, passage.decisionId, {});
  }
  if (judgement.status === 'in_review') {
    return sealForReview(passage, {
      verdicts,
      judgement,
      origin: judgement.reviewOrigin ?? 'no_band',
      input: null,
      result,
    });
  }
  const body = releasedBody(passage, judgement, done.answer);
  await seal(passage, {
    facts: outcomeFacts(passage, judgement, {
      decidedBy: 'model',
      releasedDigest: digestOf(body),
      reviewTask: null,
      status: 'decided',
      verdicts,
    }),
    payload: {
      schema: 1,
      request: null,
      outcome: judgement.outcome,
      answer: judgement.answer,
      released: body,
    },
    companions: webhook(passage),
  });
  return reply(passage, 'decided', body, result);
}

/** Seals a decision that a person must make before any model is asked. */
export async function sealUnasked(
  passage: Passage,
  verdict: StopVerdict,
  input: RecordedInput,
  texts: readonly SurfaceText[],
): Promise<Reply> {
  const judgement: Judgement = {
    status: 'in_review',
    verdicts: [],
    outcome: null,
    answer: {
      unasked: true,
      texts: texts.map(({ surface, origin, hidden }) => ({ surface, origin, hidden: hidden === true })),
    },
    text: '',
    toolCalls: [],
    score: null,
    band: null,
    reviewOrigin: 'validation',
  };
  const verdicts = [pass('label'), verdict];
  return sealForReview(passage, {
    verdicts,
    judgement,
    origin: 'validation',
    input,
    result: { endpoint: null, upstreamMs: 0 },
  });
}

export async function sealRefusal(
  passage: Passage,
  verdicts: readonly Verdict[],
  /** The request, when no intent of this decision holds it. */
  input: RecordedInput | null,
  answer: unknown = null,
): Promise<void> {
  await seal(passage, {
    facts: refusedOutcome(verdicts),
    payload: { schema: 1, request: input, outcome: null, answer, released: null },
    companions: webhook(passage),
  });
}

async function sealForReview(
  passage: Passage,
  found: {
    verdicts: readonly Verdict[];
    judgement: Judgement;
    origin: TaskOrigin;
    input: RecordedInput | null;
    result: { endpoint: string | null; upstreamMs: number };
  },
): Promise<Reply> {
  const { judgement } = found;
  const taskId = mintId();
  const body = inReviewBody(passage.decisionId, passage.type.config.name, found.verdicts);
  const payload = {
    schema: 1 as const,
    request: found.input,
    outcome: judgement.outcome,
    answer: judgement.answer,
    released: null,
  };
  const nowMs = passage.rooms.nowMs();
  const task = taskInsert(passage.cell.id, {
    taskId,
    decisionId: passage.decisionId,
    tenant: passage.submission.caller.tenant,
    jurisdiction: passage.label.jurisdiction,
    decisionType: passage.type.config.name,
    origin: found.origin,
    evidenceDigest: digestOf(canonicalJson(payload)),
    createdAtMs: nowMs,
    dueAtMs: nowMs + passage.type.config.review.dueHours * 3_600_000,
  });
  await seal(passage, {
    facts: outcomeFacts(passage, judgement, {
      decidedBy: 'gate',
      releasedDigest: null,
      reviewTask: taskId,
      status: 'in_review',
      verdicts: found.verdicts,
    }),
    payload,
    companions: [task, ...webhook(passage)],
  });
  return reply(passage, 'in_review', body, found.result);
}

/** Keys stand in the order of canonical JSON: then nothing has to be sorted. */
function outcomeFacts(
  passage: Passage,
  judgement: Judgement,
  end: Pick<OutcomeFacts, 'decidedBy' | 'releasedDigest' | 'reviewTask' | 'status' | 'verdicts'>,
): OutcomeFacts {
  const { basis, id, tHigh, tLow } = passage.type.config.bands;
  return {
    band: judgement.band,
    bandSet: { basis, id, tHigh, tLow },
    decidedBy: end.decidedBy,
    kind: 'outcome',
    releasedDigest: end.releasedDigest,
    reviewTask: end.reviewTask,
    score: judgement.score && { source: judgement.score.source, value: judgement.score.value },
    status: end.status,
    verdicts: end.verdicts,
  };
}

async function seal(
  passage: Passage,
  sealed: {
    facts: Parameters<Passage['record']['seal']>[0];
    payload: Parameters<Passage['record']['seal']>[1];
    companions: readonly Insert[];
  },
): Promise<void> {
  try {
    await passage.record.seal(sealed.facts, sealed.payload, sealed.companions);
  } catch (cause) {
    throw new CountersignError('ANSWER_WITHHELD', { cause, extra: { decisionId: passage.decisionId } });
  }
  passage.rooms.metrics.decision(passage.type.config.name, sealed.facts.status, sealed.facts.band);
}

function webhook(passage: Passage): Insert[] {
  const { decisionId, cell, submission, rooms, type } = passage;
  const { tenant } = submission.caller;
  return webhookNotice(rooms, cell, { decisionId, decisionType: type.config.name, tenant });
}

function releasedBody(passage: Passage, judgement: Judgement, answer: ChatAnswer): string {
  if (passage.submission.dialect === 'openai-chat') {
    return JSON.stringify(writeChatAnswer(`chatcmpl-${passage.decisionId}`, answer, judgement));
  }
  return decidedBody(passage.decisionId, passage.type.config.name, judgement);
}

function reply(
  passage: Passage,
  status: Exclude<DecisionStatus, 'refused'>,
  body: string,
  result: { endpoint: string | null; upstreamMs: number },
): Reply {
  return {
    httpStatus: status === 'decided' ? 200 : 202,
    body,
    decisionId: passage.decisionId,
    verdict: status,
    endpoint: result.endpoint,
    upstreamMs: result.upstreamMs,
  };
}
