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
    const lawful = rooms.lawfulFilter.lawful({
      label: question.label,
      purpose: 'inference',
      modelId: question.type.config.model,
      nowMs: rooms.nowMs(),
    });
    if (lawful.kind === 'refuse') {
      const verdict = stop('refuse', 'residency', lawful.reason);
      return { kind: 'refuse', verdict, nearestMisses: lawful.nearestMisses, asked: firstIntent !== null };
    }
    const endpoint = nextEndpoint(rank(lawful.endpoints, rooms.health), tried);
    if (rooms.nowMs() >= question.deadlineMs) break;
    tried.push(endpoint.id);
    const call = await attemptCall(rooms, record, question, { endpoint, attempt, firstIntent });
    firstIntent ??= call.intent.entryId;
    upstreamMs += call.upstreamMs;
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
  const verdict = stop('refuse', 'residency', 'LAWFUL_ENDPOINTS_FAILED', {
    detail: `tried ${tried.join(', ')}`,
  });
  return { kind: 'refuse', verdict, nearestMisses: [], asked: firstIntent !== null };
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
  turn: { endpoint: LawfulEndpoint; attempt: number; firstIntent: string | null },
) {
  const { endpoint } = turn;
  const callId = mintId<CallId>();
  const body = chatRequest({
    model: endpoint.modelId,
    messages: question.messages,
    parameters: question.type.config.parameters,
    rest: question.rest,
    logprobs: question.type.config.score.source === 'logprobs',
  });
  const intent = await record.intend(callId, intentFacts(question, turn, body), {
    schema: 1,
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
  const answer =
    result.kind === 'answer' && isSuccess(result.httpStatus) ? readChatAnswer(result.body) : null;
  rooms.health.observe(endpoint.id, result);
  rooms.metrics.upstream(endpoint.id, answer === null ? 'failed' : 'answered', result.upstreamMs);
  await recordCompletion(record, intent, result, answer);
  return { intent, answer, upstreamMs: result.upstreamMs };
}

/** Keys stand in the order of canonical JSON, here and below: then nothing has to be sorted. */
function intentFacts(
  question: Question,
  turn: { endpoint: LawfulEndpoint; attempt: number },
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
async function recordCompletion(
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
  const payload = result.kind === 'answer' ? { schema: 1 as const, raw: recordBytes(result.body) } : null;
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

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}
