import { isKeyDestroyed } from '../audit/key-store.ts';
import { mintId } from '../audit/mint.ts';
import type { RecordedInput } from '../audit/payload-content.ts';
import { DecisionRecord } from '../audit/record.ts';
import { retentionTerms } from '../config/retention-terms.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { CountersignError } from '../decision/errors.ts';
import type { DecisionId } from '../decision/ids.ts';
import type { Label } from '../decision/label.ts';
import type { InspectedInput } from '../decision/passage.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { type StopVerdict, type Verdict, pass } from '../decision/verdict.ts';
import { ConflictError, StoreUnavailableError } from '../storage/errors.ts';
import { callModel } from './call-model.ts';
import { classifyRequest } from './classify-request.ts';
import { closedSurface, compose, newMarker } from './compose.ts';
import { mustServe } from './dialect.ts';
import { claimKey } from './idempotency.ts';
import { judge, judgeContext } from './judge.ts';
import { countLabelRefusal, labelled } from './label-refusal.ts';
import { refusalError } from './refusal.ts';
import { earlierReply } from './replies.ts';
import { requestLabel, resolveDecisionType } from './label-request.ts';
import type { Cell, Rooms } from './rooms.ts';
import { sealJudgement, sealRefusal, sealUnasked } from './seal.ts';
import type { Reply, RequestClaims, Submission } from './submission.ts';

/** A request on its way through the gates, once it has a label and a record. */
export interface Passage {
  readonly rooms: Rooms;
  readonly submission: Submission;
  readonly type: DecisionType;
  readonly label: Label;
  /** What the label rests on beside grants and claims: kinds and places that were detected. */
  readonly labelVerdict: Verdict;
  readonly cell: Cell;
  readonly record: DecisionRecord;
  readonly decisionId: DecisionId;
  readonly deadlineMs: number;
}

/**
 * One decision through all four gates, in the order of ARCHITECTURE.md, "One request's life".
 * @throws CountersignError for every refusal, after it has been recorded
 */
export async function decide(rooms: Rooms, submission: Submission): Promise<Reply> {
  const type = await labelled(rooms, submission.caller, () =>
    mustServe(resolveDecisionType(rooms.types, submission.caller, submission.claims), submission.dialect),
  );
  const label = await labelled(rooms, submission.caller, () => takeLabel(rooms, submission, type));
  const cell = rooms.cells.get(label.cell);
  if (!cell) throw new CountersignError('CELL_ELSEWHERE');
  try {
    const claim = await claimKey(cell, submission, mintId<DecisionId>());
    if (claim.earlier) return await earlierReply(cell, claim.decisionId);
    const known = { type, label, cell, decisionId: claim.decisionId };
    try {
      return await passGates(await begin(rooms, submission, known));
    } catch (error) {
      if (!isKeyDestroyed(error)) throw error;
      // The subject was erased while this was on its way. Nothing of it is recorded yet: it begins again.
      const { caller, claims } = submission;
      if (claims.subject !== null) cell.keys.forget({ tenant: caller.tenant, subject: claims.subject });
      return await passGates(await begin(rooms, submission, known));
    }
  } catch (cause) {
    if (cause instanceof StoreUnavailableError) throw new CountersignError('STORE_UNAVAILABLE', { cause });
    // Another request with the same idempotency key wrote its first entry before this one did.
    if (cause instanceof ConflictError) throw new CountersignError('IDEMPOTENCY_IN_PROGRESS', { cause });
    throw cause;
  }
}

async function passGates(passage: Passage): Promise<Reply> {
  const { rooms, submission, type } = passage;
  const request = { submission, type, marker: newMarker(submission) };
  const closed = closedSurface(submission, type);
  if (closed) return refuse(passage, closed, compose(request, submission.texts).input);
  const inspection = await rooms.validation.inspect({
    texts: submission.texts,
    documents: submission.documents,
  });
  rooms.metrics.verdict(inspection.verdict, type.config.name);
  const { input, messages, rest } = compose(request, inspection.texts);
  if (inspection.verdict.kind === 'refuse' || inspection.inspected === null) {
    return refuse(passage, inspection.verdict as StopVerdict, input);
  }
  const onward = raiseClass(passage, inspection.texts);
  if (onward.labelVerdict.kind !== 'pass') {
    const stopped = onward.labelVerdict;
    await sealRefusal(onward, [stopped, inspection.verdict], { input });
    const error = refusalError(stopped, passage.decisionId, {});
    countLabelRefusal(rooms, submission.caller, error.code);
    throw error;
  }
  // A suspicion is for a person to settle: it costs no call, and nothing suspicious reaches the model.
  if (inspection.verdict.kind === 'review')
    return sealUnasked(onward, inspection.verdict, input, inspection.texts);
  return ask(onward, {
    inspected: inspection.inspected,
    verdict: inspection.verdict,
    texts: inspection.texts,
    input,
    messages,
    rest,
  });
}

/** The same passage under the class of what was found in it. Nothing of it is written or routed before. */
function raiseClass(passage: Passage, texts: readonly SurfaceText[]): Passage {
  const { rooms, submission, type, record } = passage;
  const { label, verdict } = classifyRequest(rooms, passage.label, submission, texts);
  rooms.metrics.verdict(verdict, type.config.name);
  const isRaised = label.dataClass !== passage.label.dataClass;
  const raised = isRaised ? { label, record: record.raisedTo(label.dataClass) } : { label };
  return { ...passage, ...raised, labelVerdict: verdict };
}

async function ask(
  passage: Passage,
  seen: {
    inspected: InspectedInput;
    verdict: Verdict;
    texts: readonly SurfaceText[];
    input: RecordedInput;
    messages: readonly unknown[];
    rest: Readonly<Record<string, unknown>>;
  },
): Promise<Reply> {
  const { rooms, submission, type, label, record, deadlineMs } = passage;
  const verdicts = [passage.labelVerdict, seen.verdict];
  const result = await callModel(rooms, record, {
    type,
    label,
    caller: submission.caller.keyId,
    inspected: seen.inspected,
    verdicts,
    messages: seen.messages,
    rest: seen.rest,
    input: seen.input,
    subjects: namedSubjects(submission.claims, label),
    deadlineMs,
  });
  rooms.metrics.verdict(result.verdict, type.config.name);
  if (result.kind === 'refuse') {
    const all = [...verdicts, result.verdict];
    const { asked, lawfulAt, exhausted, quarantined = [] } = result;
    await sealRefusal(passage, all, { input: asked ? null : seen.input, lawfulAt, exhausted, quarantined });
    throw refusalError(result.verdict, passage.decisionId, { nearestMisses: result.nearestMisses });
  }
  const context = judgeContext(seen.texts, seen.input.marker);
  const judgement = judge(result.answer, type, rooms.outputFilter, context);
  for (const verdict of judgement.verdicts) rooms.metrics.verdict(verdict, type.config.name);
  return sealJudgement(passage, {
    judgement,
    answer: result.answer,
    before: [...verdicts, result.verdict],
    result,
  });
}

/** References name their own jurisdictions; a header's subject is of the label's. */
function namedSubjects({ references, subject }: RequestClaims, { jurisdiction }: Label) {
  if (references.length > 0) return references;
  return subject === null ? [] : [{ jurisdiction, subject }];
}

async function refuse(passage: Passage, verdict: StopVerdict, input: RecordedInput): Promise<never> {
  await sealRefusal(passage, [passage.labelVerdict, verdict], { input });
  throw refusalError(verdict, passage.decisionId, {});
}

function takeLabel(rooms: Rooms, submission: Submission, type: DecisionType): Label {
  const result = requestLabel(rooms.labeller, submission, type);
  if (result.kind === 'pass') return result.label;
  const { verdict, cellAddress } = result;
  throw refusalError(verdict, null, cellAddress === null ? {} : { cellAddress });
}

async function begin(
  rooms: Rooms,
  submission: Submission,
  known: { type: DecisionType; label: Label; cell: Cell; decisionId: DecisionId },
): Promise<Passage> {
  const { type, label, cell, decisionId } = known;
  const { tenant } = submission.caller;
  const key = await cell.keys.keyFor(tenant, submission.claims.subject);
  const subject = {
    decisionId,
    about: null,
    tenant,
    jurisdiction: label.jurisdiction,
    others: label.others,
    dataClass: label.dataClass,
    decisionType: type.config.name,
    release: rooms.releases.get(type.config.name) ?? null,
    retention: retentionTerms(rooms.config.gateway.retentionRules, type.config, label.jurisdiction),
  };
  const record = new DecisionRecord({ store: cell.store, subject, key, previous: null, nowMs: rooms.nowMs });
  const deadlineMs = rooms.nowMs() + rooms.config.gateway.limits.requestTimeoutMs;
  const labelVerdict = pass('label');
  return { rooms, submission, type, label, labelVerdict, cell, record, decisionId, deadlineMs };
}
