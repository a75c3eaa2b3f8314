import { isKeyDestroyed } from '../audit/key-store.ts';
import { mintId } from '../audit/mint.ts';
import type { RecordedInput, RecordedToolCall } from '../audit/payload-content.ts';
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
import { scoresToRecord } from '../validation/operator-model/recorded-scores.ts';
import type { ProfileBounds } from '../validation/output/anomaly/profile.ts';
import { type ModelResult, type Question, callModel } from './call-model.ts';
import { classifyRequest } from './classify-request.ts';
import { askTwice } from './ask-twice.ts';
import { closedSurface, compose, newSeals } from './compose.ts';
import { mustServe } from './dialect.ts';
import { claimKey } from './idempotency.ts';
import { judge, judgeContext } from './judge.ts';
import { countLabelRefusal, labelled } from './label-refusal.ts';
import { withoutSuspectSpans } from './masking-spans.ts';
import { usualOutput } from './output-profile.ts';
import { probingVerdict, type Watched, watchRequest } from './probing.ts';
import { refusalError } from './refusal.ts';
import { earlierReply } from './replies.ts';
import { requestLabel, resolveDecisionType } from './label-request.ts';
import type { Cell, Rooms } from './rooms.ts';
import { sealJudgement, sealRefusal, sealUnasked } from './seal.ts';
import type { Reply, RequestClaims, Submission } from './submission.ts';
import { askInRounds } from './tool-loop.ts';
import { closedTools } from './tool-round.ts';

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
  /** Key of its payloads. */
  readonly keyId: string;
  /** What monitors of probing see of it, once it is inspected; null where none watch. */
  readonly watched?: Watched | null;
  /** Calls of tools that no intent holds. */
  readonly toolCalls?: readonly RecordedToolCall[];
  /** What was usual when its answer was judged; left out or null where that is not known, or nothing was judged. */
  readonly profile?: ProfileBounds | null;
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
  const request = { submission, type, seals: newSeals(submission, type) };
  const closed = closedSurface(submission, type);
  if (closed) {
    const verdict = rooms.validation.underMode(closed, type.config.name) as StopVerdict;
    return refuse(passage, verdict, compose(request, submission.texts).input);
  }
  const inspection = await rooms.validation.inspect({
    texts: submission.texts,
    documents: submission.documents,
    decisionType: type.config.name,
    compareRendering: type.config.documents?.compareRendering,
  });
  rooms.metrics.verdict(inspection.verdict, type.config.name);
  rooms.metrics.validation.inspected(inspection, type.config.name);
  const { input: composed, messages, rest } = compose(request, inspection.texts);
  const { isolation } = inspection;
  const isolated = isolation === undefined ? composed : { ...composed, isolation };
  const input = { ...isolated, ...scoresToRecord(inspection.texts) };
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
  const { inspected, verdict, texts } = inspection;
  const seen: Seen = { inspected, verdict, texts, input, messages, rest };
  const closedTool = closedTools(submission, type);
  if (closedTool) {
    await sealRefusal(onward, [onward.labelVerdict, verdict, closedTool], { input });
    throw refusalError(closedTool, passage.decisionId, {});
  }
  const probed = probingVerdict(onward.watched?.facts ?? undefined);
  if (probed !== null) return stopProbe(onward, seen, probed);
  if (verdict.kind !== 'review') return ask(onward, seen);
  // Where asking without the suspect spans cannot settle it, a person does, before any call.
  const masked = withoutSuspectSpans(request, texts, verdict, rooms.validation.policy);
  if (masked === null) return sealUnasked(onward, verdict, input, texts);
  return askTwice(onward, seen, masked, (variant) => callWith(onward, seen, variant));
}

/** Throttles a probe, or gives it to a person; no model is asked. */
async function stopProbe(passage: Passage, seen: Seen, stopped: StopVerdict): Promise<Reply> {
  const { rooms, labelVerdict, decisionId, type } = passage;
  const { verdict, input, texts } = seen;
  rooms.metrics.verdict(stopped, type.config.name);
  if (stopped.kind === 'review') return sealUnasked(passage, verdict, input, texts, [stopped]);
  await sealRefusal(passage, [labelVerdict, verdict, stopped], { input });
  const retryAfterSeconds = Math.ceil(rooms.probing.settings.throttleMs / 1_000);
  throw refusalError(stopped, decisionId, { retryAfterSeconds });
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

/** An inspected request, composed for a model. */
export interface Seen {
  readonly inspected: InspectedInput;
  readonly verdict: Verdict;
  readonly texts: readonly SurfaceText[];
  readonly input: RecordedInput;
  readonly messages: readonly unknown[];
  readonly rest: Readonly<Record<string, unknown>>;
}

/** What differs where a decision is asked a second time. */
export type Variant = Pick<Question, 'messages' | 'rest' | 'variant' | 'firstIntent'>;

function callWith(passage: Passage, seen: Seen, variant: Variant): Promise<ModelResult> {
  return callModel(passage.rooms, passage.record, questionOf(passage, seen, variant));
}

function questionOf(passage: Passage, seen: Seen, variant: Variant): Question {
  const { submission, type, label, deadlineMs } = passage;
  return {
    type,
    label,
    caller: submission.caller.keyId,
    inspected: seen.inspected,
    verdicts: [passage.labelVerdict, seen.verdict],
    input: seen.input,
    subjects: namedSubjects(submission.claims, label),
    deadlineMs,
    ...variant,
  };
}

async function ask(before: Passage, seen: Seen): Promise<Reply> {
  const { rooms, type } = before;
  const { messages, rest } = seen;
  const rounds = await askInRounds(before, questionOf(before, seen, { messages, rest }), seen.texts);
  const { result } = rounds;
  const passage = { ...before, toolCalls: rounds.unrecorded };
  const verdicts = [passage.labelVerdict, seen.verdict, ...rounds.verdicts];
  rooms.metrics.verdict(result.verdict, type.config.name);
  if (result.kind === 'refuse') {
    const all = [...verdicts, result.verdict];
    const { asked, lawfulAt, exhausted, quarantined = [] } = result;
    await sealRefusal(passage, all, { input: asked ? null : seen.input, lawfulAt, exhausted, quarantined });
    throw refusalError(result.verdict, passage.decisionId, { nearestMisses: result.nearestMisses });
  }
  const profile = usualOutput(passage, result.endpoint);
  const context = { ...judgeContext(seen.texts, seen.input), toolStop: rounds.stop, profile };
  const judgement = judge(result.answer, type, rooms.outputFilter, context);
  for (const verdict of judgement.verdicts) rooms.metrics.verdict(verdict, type.config.name);
  return sealJudgement(
    { ...passage, profile },
    { judgement, answer: result.answer, before: [...verdicts, result.verdict], result },
  );
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
  const { keyId } = key.key;
  const passage = {
    rooms,
    submission,
    type,
    label,
    labelVerdict,
    cell,
    record,
    decisionId,
    deadlineMs,
    keyId,
  };
  return { ...passage, watched: watchRequest(passage) };
}
