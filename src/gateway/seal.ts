import { mintId } from '../audit/mint.ts';
import type { OutcomePayload, RecordedInput } from '../audit/payload-content.ts';
import type { CommittedEntry } from '../audit/record.ts';
import { refusedOutcome } from '../audit/refused-outcome.ts';
import { taskInsert } from '../confidence/repository.ts';
import { dueAfterMs } from '../confidence/review-policy.ts';
import type { TaskOrigin } from '../confidence/review-task.ts';
import { taskLabels } from '../confidence/task-label.ts';
import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { DecisionStatus } from '../decision/entry.ts';
import { CountersignError } from '../decision/errors.ts';
import type { SurfaceText } from '../decision/surface.ts';
import type { StopVerdict, Verdict } from '../decision/verdict.ts';
import type { Insert } from '../storage/table.ts';
import type { ModelResult } from './call-model.ts';
import { personOf } from './caller.ts';
import type { Counterfactual } from './counterfactual.ts';
import type { Passage } from './decide.ts';
import type { ModelAnswer } from './dialect.ts';
import type { Judgement } from './judge.ts';
import { outcomeFacts, releasedBody, unaskedJudgement } from './outcome.ts';
import { learnOutput, profilePayload } from './output-profile.ts';
import { refusalError } from './refusal.ts';
import { inReviewBody } from './replies.ts';
import { demandsOf } from './review-demands.ts';
import type { Reply } from './submission.ts';
import { unlessSuspended } from './suspensions.ts';
import { coarser, observeOutcome } from './probing.ts';
import { madeFacts, madePayload } from './tool-round.ts';
import { webhookNotice } from './webhook-notice.ts';

/** Seals what the gates made of an answer, and only then hands the answer out (I2). */
export async function sealJudgement(
  passage: Passage,
  done: {
    judgement: Judgement;
    answer: ModelAnswer;
    before: readonly Verdict[];
    /** Where the decision was asked twice. */
    counterfactual?: Counterfactual;
    result: { endpoint: string; upstreamMs: number };
  },
): Promise<Reply> {
  const { result } = done;
  const judgement = await unlessSuspended(passage, done.judgement);
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
      ...(done.counterfactual === undefined ? {} : { counterfactual: done.counterfactual }),
      result,
    });
  }
  const { decisionId, submission, type } = passage;
  const decision = { decisionId, decisionType: type.config.name, dialect: submission.dialect };
  const shown = coarser(judgement, passage.watched?.facts ?? undefined, type.config.score.field);
  const body = releasedBody(decision, shown, done.answer);
  const promise = await seal(passage, {
    facts: outcomeFacts(type.config, judgement, {
      ...comparedFacts(done.counterfactual),
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
      ...profilePayload(passage),
      ...comparedPayload(done.counterfactual),
    },
    companions: webhook(passage),
  });
  learnOutput(passage, judgement, result.endpoint);
  return reply(passage, 'decided', body, { ...result, promise });
}

/** Seals a decision that was to be asked twice, where not even the first call gave an answer. */
export async function sealUncompared(
  passage: Passage,
  found: {
    before: readonly Verdict[];
    counterfactual: Counterfactual;
    input: RecordedInput;
    failed: Extract<ModelResult, { kind: 'refuse' }>;
  },
): Promise<Reply> {
  const { counterfactual, failed } = found;
  const { judgement } = counterfactual;
  return sealForReview(passage, {
    verdicts: [...found.before, ...judgement.verdicts],
    judgement,
    origin: 'validation',
    input: failed.asked ? null : found.input,
    counterfactual,
    unlawful: unlawfulAt(failed),
    result: { endpoint: null, upstreamMs: 0 },
  });
}

/** Seals a decision that a person must make before any model is asked. */
export async function sealUnasked(
  passage: Passage,
  verdict: Verdict,
  input: RecordedInput,
  texts: readonly SurfaceText[],
  more: readonly Verdict[] = [],
): Promise<Reply> {
  const judgement = unaskedJudgement(texts);
  const verdicts = [passage.labelVerdict, verdict, ...more];
  return sealForReview(passage, {
    verdicts,
    judgement,
    origin: 'validation',
    input,
    result: { endpoint: null, upstreamMs: 0 },
  });
}

/** The moment for which no endpoint was lawful, and what stood in the way then, where that is why nobody answered. */
interface Unlawful {
  lawfulAt?: string | null;
  exhausted?: readonly string[];
  quarantined?: readonly string[];
}

type UnlawfulPayload = Pick<OutcomePayload, 'lawfulAt' | 'exhausted' | 'quarantined'>;

function unlawfulAt({ lawfulAt = null, exhausted = [], quarantined = [] }: Unlawful): UnlawfulPayload {
  if (lawfulAt === null) return {};
  return {
    lawfulAt,
    ...(exhausted.length === 0 ? {} : { exhausted }),
    ...(quarantined.length === 0 ? {} : { quarantined }),
  };
}

function comparedFacts(compared: Counterfactual | undefined) {
  return compared === undefined ? {} : { counterfactual: compared.result };
}

function comparedPayload(compared: Counterfactual | undefined) {
  return compared === undefined ? {} : { counterfactual: compared.recorded };
}

export async function sealRefusal(
  passage: Passage,
  verdicts: readonly Verdict[],
  kept: {
    /** The request, when no intent of this decision holds it. */
    input?: RecordedInput | null;
    answer?: unknown;
  } & Unlawful,
): Promise<void> {
  const { input = null, answer = null } = kept;
  await seal(passage, {
    facts: refusedOutcome(verdicts),
    payload: {
      schema: 2,
      request: input,
      outcome: null,
      answer,
      released: null,
      ...unlawfulAt(kept),
      ...madePayload(passage),
      ...profilePayload(passage),
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
    counterfactual?: Counterfactual;
    unlawful?: UnlawfulPayload;
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
    ...found.unlawful,
    ...madePayload(passage),
    ...profilePayload(passage),
    ...comparedPayload(found.counterfactual),
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
    dueAtMs: nowMs + dueAfterMs(passage.type.config.review),
    ...demandsOf(passage.cell, passage.type.config.review, taskId, personOf(passage.submission.caller)),
  });
  const promise = await seal(passage, {
    facts: outcomeFacts(passage.type.config, judgement, {
      ...comparedFacts(found.counterfactual),
      decidedBy: 'gate',
      releasedDigest: null,
      reviewTask: taskId,
      status: 'in_review',
      verdicts: found.verdicts,
    }),
    payload,
    companions: [task, ...webhook(passage)],
  });
  if (found.result.endpoint !== null) learnOutput(passage, judgement, found.result.endpoint);
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
    entry = await record.seal(
      { ...sealed.facts, ...probingFacts(passage), ...madeFacts(passage) },
      sealed.payload,
      sealed.companions,
    );
  } catch (cause) {
    throw new CountersignError('ANSWER_WITHHELD', { cause, extra: { decisionId } });
  }
  rooms.metrics.decision(passage.type.config.name, sealed.facts.status, sealed.facts.band);
  observeOutcome(passage, sealed.facts.status, sealed.payload?.outcome ?? null);
  return cell.ledger.promise({ ...entry, decisionId, atMs: rooms.nowMs() });
}

function probingFacts({ watched }: Passage) {
  return watched?.facts ? { probing: watched.facts } : {};
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
