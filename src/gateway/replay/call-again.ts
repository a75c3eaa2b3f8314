import type { AccessReason } from '../../audit/access.ts';
import { mintId } from '../../audit/mint.ts';
import { readBytes } from '../../audit/payload-content.ts';
import { DecisionRecord } from '../../audit/record.ts';
import type { SystemFacts } from '../../decision/entry.ts';
import { InvariantError } from '../../decision/errors.ts';
import type { CallId, DecisionId } from '../../decision/ids.ts';
import type { Label } from '../../decision/label.ts';
import type { InspectedInput, LawfulEndpoint } from '../../decision/passage.ts';
import type { Verdict } from '../../decision/verdict.ts';
import { mismatchesOf } from '../../residency/assurance/call-evidence.ts';
import { rank } from '../../residency/rank.ts';
import { intentFacts } from '../call-model.ts';
import { recordCompletion } from '../record-completion.ts';
import { classifyRequest } from '../classify-request.ts';
import { type ModelAnswer, comparableText, purposeOf, readAnswer, upstreamPath } from '../dialect.ts';
import { takeEvidence } from '../quarantining.ts';
import type { Cell, Rooms } from '../rooms.ts';
import { judgeAgain } from './outcome-again.ts';
import type { RecordedAttempt } from './recorded-decision.ts';
import type { Reenactment } from './reenactment.ts';
import { type Similarity, similarityOf } from './similarity.ts';

/** What came of asking a model again. A model need not repeat itself: likeness is no proof of anything. */
export type CalledAgain =
  | {
      readonly kind: 'answered';
      /** The record of this call, which is about the replayed decision. */
      readonly decisionId: DecisionId;
      readonly endpoint: string;
      readonly modelReturned: string;
      /** Whether the gates of the recorded day read the same outcome out of both answers. */
      readonly outcomeEqual: boolean;
      readonly textEqual: boolean;
      readonly similarity: Similarity;
    }
  | {
      readonly kind: 'no-answer';
      readonly decisionId: DecisionId;
      readonly endpoint: string;
      readonly detail: string;
    }
  | {
      readonly kind: 'not-called';
      /** `NOT_ANSWERED`: there was no answer that another could be compared with. */
      readonly code: 'NOT_ANSWERED' | 'INPUT_STOPPED' | 'NO_LAWFUL_ENDPOINT';
      readonly detail: string;
    };

/** Who wants it, and why, for the record. */
export interface Asker {
  readonly by: string;
  readonly reason: AccessReason;
  readonly caseReference: string | null;
}

interface NewCall {
  readonly endpoint: LawfulEndpoint;
  readonly lawfulAt: string;
  readonly exhausted: readonly string[];
  readonly label: Label;
  readonly labelVerdict: Verdict;
  readonly inspected: InspectedInput;
  readonly verdict: Verdict;
}

/**
 * Sends the recorded bytes again, under the rules of today: today's validation must pass the input, and only
 * an endpoint that is lawful today is asked (I3, I4). The call has a record of its own, sealed under the same
 * subject's key, so that erasing the subject erases it too.
 * @throws StoreUnavailableError before the call, CountersignError ANSWER_WITHHELD after it
 */
export async function callAgain(
  rooms: Rooms,
  cell: Cell,
  again: Reenactment,
  asker: Asker,
): Promise<CalledAgain> {
  const then = answeredAttempt(again);
  if (then === null)
    return { kind: 'not-called', code: 'NOT_ANSWERED', detail: 'no model answered on the day' };
  const call = await admit(rooms, cell, again, then.attempt);
  if ('code' in call) return call;
  const record = await openRecord(rooms, cell, again, call.label);
  const { endpoint } = call;
  const { answer, detail } = await send(rooms, record, again, { ...call, attempt: then.attempt, asker });
  const { decisionId } = record.subject;
  if (answer === null) {
    await close(record, asker, { answered: false });
    return { kind: 'no-answer', decisionId, endpoint: endpoint.id, detail };
  }
  const found = {
    outcomeEqual: judgeAgain(again, answer).outcome === judgeAgain(again, then.answer).outcome,
    textEqual: comparableText(answer) === comparableText(then.answer),
    similarity: similarityOf(comparableText(then.answer), comparableText(answer)),
  };
  await close(record, asker, { answered: true, ...found });
  return { kind: 'answered', decisionId, endpoint: endpoint.id, modelReturned: answer.model, ...found };
}

function answeredAttempt({
  recorded,
  gates,
}: Reenactment): { attempt: RecordedAttempt; answer: ModelAnswer } | null {
  for (const attempt of recorded.attempts) {
    const { payload, facts } = attempt.completion ?? {};
    const sent = Buffer.from(attempt.intent.payload.upstream);
    const answer = payload
      ? readAnswer(gates.type, sent, { httpStatus: facts?.httpStatus ?? 0, body: readBytes(payload.raw) })
      : null;
    if (answer !== null) return { attempt, answer };
  }
  return null;
}

async function admit(
  rooms: Rooms,
  cell: Cell,
  again: Reenactment,
  { intent }: RecordedAttempt,
): Promise<NewCall | Extract<CalledAgain, { kind: 'not-called' }>> {
  const { submission } = again;
  const { verdict, inspected, texts } = await rooms.validation.inspect({
    ...submission,
    decisionType: again.gates.type.config.name,
    compareRendering: again.gates.type.config.documents?.compareRendering,
  });
  if (inspected === null || verdict.kind !== 'pass') {
    const detail = verdict.kind === 'pass' ? '' : verdict.reasons.join(', ');
    return { kind: 'not-called', code: 'INPUT_STOPPED', detail };
  }
  const { jurisdictions } = rooms.config.gateway;
  const countries = jurisdictions.find(({ id }) => id === again.label.jurisdiction)?.countries ?? [];
  const classified = classifyRequest(rooms, { ...again.label, cell: cell.id, countries }, submission, texts);
  if (classified.verdict.kind !== 'pass')
    return { kind: 'not-called', code: 'INPUT_STOPPED', detail: classified.verdict.reasons.join(', ') };
  const { label, verdict: labelVerdict } = classified;
  const passed = { label, labelVerdict, inspected, verdict };
  const asked = { purpose: purposeOf(again.gates.type), modelId: intent.facts.model.id };
  const exhausted: string[] = [];
  for (;;) {
    const nowMs = rooms.nowMs();
    const lawful = rooms.lawfulFilter.lawful({ label, ...asked, nowMs, exhausted: [...exhausted] });
    if (lawful.kind === 'refuse') {
      const detail = lawful
        .nearestMisses()
        .map(({ endpoint, why }) => `${endpoint}: ${why}`)
        .join('; ');
      return { kind: 'not-called', code: lawful.reason, detail };
    }
    const same = lawful.endpoints.find(({ id }) => id === intent.facts.endpoint.id);
    const endpoint = same ?? rank(lawful.endpoints, rooms.health)[0];
    const full = await countAgain(cell, again, endpoint, nowMs);
    if (full.length === 0) return { endpoint, lawfulAt: new Date(nowMs).toISOString(), exhausted, ...passed };
    exhausted.push(...full);
  }
}

/** The record keeps no name of its subject outside the payload, so the person counts as somebody new. */
async function countAgain(
  { subjects }: Cell,
  { recorded: { decisionId } }: Reenactment,
  { counted }: LawfulEndpoint,
  nowMs: number,
): Promise<readonly string[]> {
  return counted.length === 0 ? [] : subjects.count({ named: [], decisionId }, counted, nowMs);
}

async function openRecord(
  rooms: Rooms,
  { store, keys }: Cell,
  { recorded }: Reenactment,
  { jurisdiction, others, dataClass }: Label,
): Promise<DecisionRecord> {
  const { tenant, decisionType, release, retention, payload } = recorded.first;
  const key = payload && (await keys.keyOf(tenant, payload.keyId));
  if (!key) throw new InvariantError('a record that was read has lost its key');
  const subject = {
    decisionId: mintId<DecisionId>(),
    about: recorded.decisionId,
    tenant,
    jurisdiction,
    others,
    dataClass,
    decisionType,
    release,
    retention,
  };
  return new DecisionRecord({
    store,
    subject,
    key: { key, insert: null },
    previous: null,
    nowMs: rooms.nowMs,
  });
}

async function send(
  rooms: Rooms,
  record: DecisionRecord,
  { gates, composition, recorded }: Reenactment,
  call: NewCall & { attempt: RecordedAttempt; asker: Asker },
): Promise<{ answer: ModelAnswer | null; detail: string }> {
  const { endpoint, lawfulAt, label, inspected, verdict, attempt, asker } = call;
  const { upstream } = attempt.intent.payload;
  const body = Buffer.from(upstream);
  const callId = mintId<CallId>();
  const verdicts = [call.labelVerdict, verdict];
  const question = {
    type: gates.type,
    label,
    caller: asker.by,
    inspected,
    verdicts,
    input: composition.input,
  };
  const intent = await record.intend(
    callId,
    intentFacts(question, { endpoint, lawfulAt, attempt: 1, exhausted: call.exhausted }, body),
    {
      schema: 2,
      request: null,
      // The request stands in the replayed decision.
      firstIntent: recorded.first.entryId,
      upstream,
    },
  );
  const result = await rooms.egress.send({
    endpoint,
    intent,
    path: upstreamPath(gates.type),
    body,
    headers: {
      'content-type': 'application/json',
      'countersign-decision-id': intent.decisionId,
      'countersign-call-id': callId,
    },
    deadlineMs: rooms.nowMs() + rooms.config.gateway.limits.requestTimeoutMs,
  });
  const answer = result.kind === 'answer' ? readAnswer(gates.type, body, result) : null;
  const evidence = takeEvidence(rooms, intent, result);
  await recordCompletion(record, intent, result, { answer, evidence });
  if (result.kind === 'answer' && mismatchesOf(evidence).length > 0)
    return { answer: null, detail: 'RESIDENCY_EVIDENCE_MISMATCH' };
  return { answer, detail: result.kind === 'answer' ? `HTTP ${result.httpStatus}` : result.fault };
}

/** The last entry says what the call was for; an intent or completion at the end would be swept as open. */
async function close(
  record: DecisionRecord,
  { by, reason, caseReference }: Asker,
  found: Readonly<Record<string, unknown>>,
): Promise<void> {
  const facts: SystemFacts = {
    action: 'call-model-again',
    by,
    caseReference,
    kind: 'access',
    reason,
    ...found,
  };
  await record.system('access', facts, []);
}
