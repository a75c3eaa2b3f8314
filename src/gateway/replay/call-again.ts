import type { AccessReason } from '../../audit/access.ts';
import { mintId } from '../../audit/mint.ts';
import { readBytes } from '../../audit/payload-content.ts';
import { DecisionRecord } from '../../audit/record.ts';
import type { SystemFacts } from '../../decision/entry.ts';
import { InvariantError } from '../../decision/errors.ts';
import type { CallId, DecisionId } from '../../decision/ids.ts';
import type { Label } from '../../decision/label.ts';
import type { InspectedInput, LawfulEndpoint } from '../../decision/passage.ts';
import { type Verdict, pass } from '../../decision/verdict.ts';
import { type ChatAnswer, chatPath } from '../../models/openai/chat.ts';
import { rank } from '../../residency/rank.ts';
import { intentFacts, readAnswer, recordCompletion } from '../call-model.ts';
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
  readonly label: Label;
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
  const record = await openRecord(rooms, cell, again);
  const { endpoint } = call;
  const { answer, detail } = await send(rooms, record, again, { ...call, attempt: then.attempt, asker });
  const { decisionId } = record.subject;
  if (answer === null) {
    await close(record, asker, { answered: false });
    return { kind: 'no-answer', decisionId, endpoint: endpoint.id, detail };
  }
  const found = {
    outcomeEqual: judgeAgain(again, answer).outcome === judgeAgain(again, then.answer).outcome,
    textEqual: answer.text === then.answer.text,
    similarity: similarityOf(then.answer.text, answer.text),
  };
  await close(record, asker, { answered: true, ...found });
  return { kind: 'answered', decisionId, endpoint: endpoint.id, modelReturned: answer.model, ...found };
}

function answeredAttempt({ recorded }: Reenactment): { attempt: RecordedAttempt; answer: ChatAnswer } | null {
  for (const attempt of recorded.attempts) {
    const { payload, facts } = attempt.completion ?? {};
    const answer = payload ? readAnswer(facts?.httpStatus ?? 0, readBytes(payload.raw)) : null;
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
  const { texts, documents } = again.submission;
  const { verdict, inspected } = await rooms.validation.inspect({ texts, documents });
  if (inspected === null || verdict.kind !== 'pass') {
    const detail = verdict.kind === 'pass' ? '' : verdict.reasons.join(', ');
    return { kind: 'not-called', code: 'INPUT_STOPPED', detail };
  }
  const { jurisdictions } = rooms.config.gateway;
  const countries = jurisdictions.find(({ id }) => id === again.label.jurisdiction)?.countries ?? [];
  const label = { ...again.label, cell: cell.id, countries };
  const nowMs = rooms.nowMs();
  const modelId = intent.facts.model.id;
  const lawful = rooms.lawfulFilter.lawful({ label, purpose: 'inference', modelId, nowMs });
  if (lawful.kind === 'refuse') {
    const detail = lawful.nearestMisses.map(({ endpoint, why }) => `${endpoint}: ${why}`).join('; ');
    return { kind: 'not-called', code: lawful.reason, detail };
  }
  const same = lawful.endpoints.find(({ id }) => id === intent.facts.endpoint.id);
  const endpoint = same ?? rank(lawful.endpoints, rooms.health)[0];
  return { endpoint, lawfulAt: new Date(nowMs).toISOString(), label, inspected, verdict };
}

async function openRecord(
  rooms: Rooms,
  { store, keys }: Cell,
  { recorded }: Reenactment,
): Promise<DecisionRecord> {
  const { tenant, jurisdiction, dataClass, decisionType, release, retention, payload } = recorded.first;
  const key = payload && (await keys.keyOf(tenant, payload.keyId));
  if (!key) throw new InvariantError('a record that was read has lost its key');
  const subject = {
    decisionId: mintId<DecisionId>(),
    about: recorded.decisionId,
    tenant,
    jurisdiction,
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
): Promise<{ answer: ChatAnswer | null; detail: string }> {
  const { endpoint, lawfulAt, label, inspected, verdict, attempt, asker } = call;
  const { upstream } = attempt.intent.payload;
  const body = Buffer.from(upstream);
  const callId = mintId<CallId>();
  const verdicts = [pass('label'), verdict];
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
    intentFacts(question, { endpoint, lawfulAt, attempt: 1 }, body),
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
    path: chatPath,
    body,
    headers: {
      'content-type': 'application/json',
      'countersign-decision-id': intent.decisionId,
      'countersign-call-id': callId,
    },
    deadlineMs: rooms.nowMs() + rooms.config.gateway.limits.requestTimeoutMs,
  });
  const answer = result.kind === 'answer' ? readAnswer(result.httpStatus, result.body) : null;
  await recordCompletion(record, intent, result, answer);
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
