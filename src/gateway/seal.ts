import { mintId } from '../audit/mint.ts';
import type { RecordedInput } from '../audit/payload-content.ts';
import type { CommittedEntry } from '../audit/record.ts';
import { refusedOutcome } from '../audit/refused-outcome.ts';
import { type TaskOrigin, taskInsert } from '../confidence/repository.ts';
import { taskLabels } from '../confidence/task-label.ts';
import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { DecisionStatus } from '../decision/entry.ts';
import { CountersignError } from '../decision/errors.ts';
import type { SurfaceText } from '../decision/surface.ts';
import type { StopVerdict, Verdict } from '../decision/verdict.ts';
import type { Insert } from '../storage/table.ts';
import type { Passage } from './decide.ts';
import type { ModelAnswer } from './dialect.ts';
import type { Judgement } from './judge.ts';
import { outcomeFacts, releasedBody, unaskedJudgement } from './outcome.ts';
import { refusalError } from './refusal.ts';
import { inReviewBody } from './replies.ts';
import type { Reply } from './submission.ts';
import { webhookNotice } from './webhook-notice.ts';

/** Seals what the gates made of an answer, and only then hands the answer out (I2). */
export async function sealJudgement(
  passage: Passage,
  done: {
    judgement: Judgement;
    answer: ModelAnswer;
    before: readonly Verdict[];
    result: { endpoint: string; upstreamMs: number };
  },
): Promise<Reply> {
  const { judgement, result } = done;
  const verdicts = [...done.before, ...judgement.verdicts];
  if (judgement.status === 'refused') {
    await sealRefusal(passage, verdicts, { answer: judgement.answer });
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
  const { decisionId, submission, type } = passage;
  const decision = { decisionId, decisionType: type.config.name, dialect: submission.dialect };
  const body = releasedBody(decision, judgement, done.answer);
  const promise = await seal(passage, {
    facts: outcomeFacts(type.config, judgement, {
      decidedBy: 'model',
      releasedDigest: digestOf(body),
      reviewTask: null,
      status: 'decided',
      verdicts,
    }),
    payload: {
      schema: 2,
      request: null,
      outcome: judgement.outcome,
      answer: judgement.answer,
      released: body,
    },
    companions: webhook(passage),
  });
  return reply(passage, 'decided', body, { ...result, promise });
}

/** Seals a decision that a person must make before any model is asked. */
export async function sealUnasked(
  passage: Passage,
  verdict: StopVerdict,
  input: RecordedInput,
  texts: readonly SurfaceText[],
): Promise<Reply> {
  const judgement = unaskedJudgement(texts);
  const verdicts = [passage.labelVerdict, verdict];
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
  kept: {
    /** The request, when no intent of this decision holds it. */
    input?: RecordedInput | null;
    answer?: unknown;
    lawfulAt?: string | null;
    exhausted?: readonly string[];
    quarantined?: readonly string[];
  },
): Promise<void> {
  const { input = null, answer = null, lawfulAt = null, exhausted = [], quarantined = [] } = kept;
  await seal(passage, {
    facts: refusedOutcome(verdicts),
    payload: {
      schema: 2,
      request: input,
      outcome: null,
      answer,
      released: null,
      ...(lawfulAt === null ? {} : { lawfulAt }),
      ...(lawfulAt === null || exhausted.length === 0 ? {} : { exhausted }),
      ...(lawfulAt === null || quarantined.length === 0 ? {} : { quarantined }),
    },
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
    schema: 2 as const,
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
    labels: taskLabels(passage.label),
    decisionType: passage.type.config.name,
    origin: found.origin,
    evidenceDigest: digestOf(canonicalJson(payload)),
    createdAtMs: nowMs,
    dueAtMs: nowMs + passage.type.config.review.dueHours * 3_600_000,
  });
  const promise = await seal(passage, {
    facts: outcomeFacts(passage.type.config, judgement, {
      decidedBy: 'gate',
      releasedDigest: null,
      reviewTask: taskId,
      status: 'in_review',
      verdicts: found.verdicts,
    }),
    payload,
    companions: [task, ...webhook(passage)],
  });
  return reply(passage, 'in_review', body, { ...found.result, promise });
}

/** @returns the signed promise that the entry will be in the ledger */
async function seal(
  passage: Passage,
  sealed: {
    facts: Parameters<Passage['record']['seal']>[0];
    payload: Parameters<Passage['record']['seal']>[1];
    companions: readonly Insert[];
  },
): Promise<string> {
  const { cell, decisionId, record, rooms } = passage;
  let entry: CommittedEntry;
  try {
    entry = await record.seal(sealed.facts, sealed.payload, sealed.companions);
  } catch (cause) {
    throw new CountersignError('ANSWER_WITHHELD', { cause, extra: { decisionId } });
  }
  rooms.metrics.decision(passage.type.config.name, sealed.facts.status, sealed.facts.band);
  return cell.ledger.promise({ ...entry, decisionId, atMs: rooms.nowMs() });
}

function webhook(passage: Passage): Insert[] {
  const { decisionId, cell, submission, rooms, type } = passage;
  const { tenant } = submission.caller;
  return webhookNotice(rooms, cell, { decisionId, decisionType: type.config.name, tenant });
}

function reply(
  passage: Passage,
  status: Exclude<DecisionStatus, 'refused'>,
  body: string,
  result: { endpoint: string | null; upstreamMs: number; promise: string },
): Reply {
  return {
    httpStatus: status === 'decided' ? 200 : 202,
    body,
    decisionId: passage.decisionId,
    verdict: status,
    endpoint: result.endpoint,
    upstreamMs: result.upstreamMs,
    promise: result.promise,
  };
}
