import { mintId } from '../audit/mint.ts';
import { type RecordedInput, recordBytes } from '../audit/payload-content.ts';
import type { DecisionRecord } from '../audit/record.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { digestOf } from '../decision/canonical.ts';
import type { CompletionFacts, CompletionStatus, IntentFacts } from '../decision/entry.ts';
import { CountersignError } from '../decision/errors.ts';
import type { CallId } from '../decision/ids.ts';
import type { Label } from '../decision/label.ts';
import type { CommittedIntent, InspectedInput, LawfulEndpoint } from '../decision/passage.ts';
import { type StopVerdict, type Verdict, pass, stop } from '../decision/verdict.ts';
import { type ChatAnswer, chatPath, chatRequest, readChatAnswer } from '../models/openai/chat.ts';
import type { EgressResult } from '../residency/exchange.ts';
import { rank } from '../residency/rank.ts';
import type { Rooms } from './rooms.ts';

/** A decision that has passed its gates and may ask a model. */
export interface Question {
  readonly type: DecisionType;
  readonly label: Label;
  readonly caller: string;
  readonly inspected: InspectedInput;
  readonly verdicts: readonly Verdict[];
  readonly messages: readonly unknown[];
  readonly rest: Readonly<Record<string, unknown>>;
  readonly input: RecordedInput;
  readonly deadlineMs: number;
}

export type ModelResult =
  | {
      readonly kind: 'answer';
      readonly answer: ChatAnswer;
      readonly endpoint: string;
      readonly upstreamMs: number;
      readonly verdict: Verdict;
    }
  | {
      readonly kind: 'refuse';
      readonly verdict: StopVerdict;
      readonly nearestMisses: readonly unknown[];
      /** Whether an intent holds the request. */
      readonly asked: boolean;
      /** The moment for which no endpoint was lawful; null when those that were did not answer. */
      readonly lawfulAt: string | null;
    };

/**
 * Asks lawful endpoints, one after another, until one answers. The lawful set is computed anew for
 * every attempt, so an outage or an expiry in between can only make it smaller (I3), and every
 * attempt has an intent of its own (I1).
 */
export async function callModel(
  rooms: Rooms,
  record: DecisionRecord,
  question: Question,
): Promise<ModelResult> {
  const tried: string[] = [];
  let firstIntent: string | null = null;
  let upstreamMs = 0;
  for (let attempt = 1; attempt <= rooms.config.gateway.limits.attempts; attempt++) {
    const nowMs = rooms.nowMs();
    const lawfulAt = new Date(nowMs).toISOString();
    const lawful = rooms.lawfulFilter.lawful(lawfulRequest(question, nowMs));
    if (lawful.kind === 'refuse') {
      const verdict = stop('refuse', 'residency', lawful.reason);
      const { nearestMisses } = lawful;
      return { kind: 'refuse', verdict, nearestMisses, asked: firstIntent !== null, lawfulAt };
    }
    const endpoint = nextEndpoint(rank(lawful.endpoints, rooms.health), tried);
    if (rooms.nowMs() >= question.deadlineMs) break;
    tried.push(endpoint.id);
    const call = await attemptCall(rooms, record, question, { endpoint, lawfulAt, attempt, firstIntent });
    firstIntent ??= call.intent.entryId;
    upstreamMs += call.upstreamMs;
    if (call.fault === counterFault) {
      // Every other endpoint's call would have to go into the same file.
      return { kind: 'refuse', verdict: counterFailed(), nearestMisses: [], asked: true, lawfulAt: null };
    }
    if (call.answer) {
      return {
        kind: 'answer',
        answer: call.answer,
        endpoint: endpoint.id,
        upstreamMs,
        verdict: pass('residency'),
      };
    }
  }
  const verdict = endpointsFailed(tried);
  return { kind: 'refuse', verdict, nearestMisses: [], asked: firstIntent !== null, lawfulAt: null };
}

/** What is asked of the lawful filter for one attempt. */
export function lawfulRequest({ label, type }: Pick<Question, 'label' | 'type'>, nowMs: number) {
  return { label, purpose: 'inference', modelId: type.config.model, nowMs } as const;
}

/** The verdict when every endpoint in turn gave no answer. */
export function endpointsFailed(tried: readonly string[]): StopVerdict {
  return stop('refuse', 'residency', 'LAWFUL_ENDPOINTS_FAILED', { detail: `tried ${tried.join(', ')}` });
}

/** The fault of a completion whose call was not counted, hence not sent. */
export const counterFault = 'COUNTER_FAILED';

/** The verdict when a call could not be counted. */
export function counterFailed(): StopVerdict {
  return stop('refuse', 'audit', 'COUNTER_FAILED');
}

/** The best endpoint that was tried least often: each lawful one gets a turn before any gets a second. */
function nextEndpoint(
  ranked: readonly [LawfulEndpoint, ...LawfulEndpoint[]],
  tried: readonly string[],
): LawfulEndpoint {
  const turns = (endpoint: LawfulEndpoint) => tried.filter((id) => id === endpoint.id).length;
  return ranked.reduce((best, endpoint) => (turns(endpoint) < turns(best) ? endpoint : best));
}

async function attemptCall(
  rooms: Rooms,
  record: DecisionRecord,
  question: Question,
  turn: { endpoint: LawfulEndpoint; lawfulAt: string; attempt: number; firstIntent: string | null },
) {
  const { endpoint } = turn;
  const callId = mintId<CallId>();
  const body = upstreamBody(question, endpoint.modelId);
  const intent = await record.intend(callId, intentFacts(question, turn, body), {
    schema: 2,
    request: turn.firstIntent === null ? question.input : null,
    firstIntent: turn.firstIntent,
    upstream: body.toString('utf8'),
  });
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
    deadlineMs: question.deadlineMs,
  });
  const answer = result.kind === 'answer' ? readAnswer(result.httpStatus, result.body) : null;
  rooms.health.observe(endpoint.id, result);
  rooms.metrics.upstream(endpoint.id, answer === null ? 'failed' : 'answered', result.upstreamMs);
  await recordCompletion(record, intent, result, answer);
  const fault = result.kind === 'fault' ? result.fault : null;
  return { intent, answer, fault, upstreamMs: result.upstreamMs };
}

/** The exact bytes that leave for a model. */
export function upstreamBody(
  { type, messages, rest }: Pick<Question, 'type' | 'messages' | 'rest'>,
  modelId: string,
): Buffer {
  return chatRequest({
    model: modelId,
    messages,
    parameters: type.config.parameters,
    rest,
    logprobs: type.config.score.source === 'logprobs',
  });
}

/**
 * What the intent of one attempt says. Keys stand in the order of canonical JSON, here and below: then
 * nothing has to be sorted.
 */
export function intentFacts(
  question: Omit<Question, 'messages' | 'rest' | 'deadlineMs'>,
  /** `lawfulAt` is null for records of schema 1, which did not keep it. */
  turn: { endpoint: LawfulEndpoint; lawfulAt: string | null; attempt: number },
  body: Buffer,
): IntentFacts {
  const { endpoint } = turn;
  const { prompt, parameters } = question.type.config;
  const text = question.type.promptText;
  return {
    attempt: turn.attempt,
    caller: question.caller,
    context: question.input.context.map((passage) => ({
      digest: digestOf(passage.text),
      id: passage.id,
      version: passage.version,
    })),
    endpoint: {
      basis: endpoint.basis,
      countries: endpoint.basis.map((part) => part.country),
      evidence: 'contract',
      id: endpoint.id,
      ...(turn.lawfulAt === null ? {} : { lawfulAt: turn.lawfulAt }),
      policy: endpoint.policyDigest,
    },
    kind: 'intent',
    label: { dataClass: question.label.dataClassSource, jurisdiction: question.label.jurisdictionSource },
    model: { id: endpoint.modelId, version: endpoint.modelVersion },
    parameters,
    prompt:
      prompt === 'none' || text === null
        ? null
        : { digest: digestOf(text), id: prompt.id, version: prompt.version },
    purpose: endpoint.purpose,
    requestDigest: digestOf(body),
    surfacesDigest: question.inspected.surfacesDigest,
    verdicts: question.verdicts,
  };
}

/** The raw bytes become durable before anything reads them for the answer (I2). */
export async function recordCompletion(
  record: DecisionRecord,
  intent: CommittedIntent,
  result: EgressResult,
  answer: ChatAnswer | null,
): Promise<void> {
  const facts: CompletionFacts = {
    endpoint: intent.endpointId,
    fault: result.kind === 'fault' ? result.fault : null,
    httpStatus: result.kind === 'answer' ? result.httpStatus : null,
    kind: 'completion',
    modelReturned: answer?.model ?? null,
    outputDigest: result.kind === 'answer' ? digestOf(result.body) : null,
    providerRequestId: result.kind === 'answer' ? result.providerRequestId : null,
    status: completionStatus(result),
    upstreamMs: result.upstreamMs,
    usage: answer?.usage ?? null,
  };
  const payload = result.kind === 'answer' ? { schema: 2 as const, raw: recordBytes(result.body) } : null;
  try {
    await record.complete(intent, facts, payload);
  } catch (cause) {
    throw new CountersignError('ANSWER_WITHHELD', { cause, extra: { decisionId: intent.decisionId } });
  }
}

function completionStatus(result: EgressResult): CompletionStatus {
  if (result.kind === 'answer') return isSuccess(result.httpStatus) ? 'ok' : 'error';
  if (!result.sent) return 'not_sent';
  return result.fault === 'TIMEOUT' ? 'timeout' : 'error';
}

/** What the gates may look at of an answer; null where the endpoint gave none that can be read. */
export function readAnswer(httpStatus: number, body: Buffer): ChatAnswer | null {
  return isSuccess(httpStatus) ? readChatAnswer(body) : null;
}

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}
