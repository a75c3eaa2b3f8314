import { mintId } from '../audit/mint.ts';
import type { RecordedInput, RecordedToolCall } from '../audit/payload-content.ts';
import type { DecisionRecord } from '../audit/record.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { digestOf } from '../decision/canonical.ts';
import type { IntentFacts, ToolFacts } from '../decision/entry.ts';
import { InvariantError } from '../decision/errors.ts';
import type { CallId } from '../decision/ids.ts';
import type { Label } from '../decision/label.ts';
import type { InspectedInput, LawfulEndpoint } from '../decision/passage.ts';
import { type StopVerdict, type Verdict, detectOnlySurfaces, pass, stop } from '../decision/verdict.ts';
import { mismatchesOf } from '../residency/assurance/call-evidence.ts';
import { route } from '../residency/route.ts';
import { type ModelAnswer, purposeOf, readAnswer, upstreamBody, upstreamPath } from './dialect.ts';
import { evidenceMismatch, takeEvidence } from './quarantining.ts';
import { recordCompletion } from './record-completion.ts';
import type { Rooms } from './rooms.ts';

/** A decision that has passed its gates and may ask a model. */
export interface Question {
  readonly type: DecisionType;
  readonly label: Label;
  readonly caller: string;
  readonly inspected: InspectedInput;
  readonly verdicts: readonly Verdict[];
  /** The conversation, or the texts to embed. */
  readonly messages: readonly unknown[];
  readonly rest: Readonly<Record<string, unknown>>;
  readonly input: RecordedInput;
  /** The suspect spans are withheld from this call. */
  readonly variant?: 'masked';
  /** Entry that holds the request, where the decision has called before. */
  readonly firstIntent?: string;
  /** What of tools it is made under; left out for types that have none. */
  readonly tools?: { readonly facts: ToolFacts; readonly calls: readonly RecordedToolCall[] };
  /** The data subjects that are named, by the caller or by references. */
  readonly subjects: readonly { readonly jurisdiction: string; readonly subject: string }[];
  readonly deadlineMs: number;
}

export type ModelResult =
  | {
      readonly kind: 'answer';
      readonly answer: ModelAnswer;
      readonly endpoint: string;
      readonly upstreamMs: number;
      readonly verdict: Verdict;
      readonly firstIntent: string;
    }
  | {
      readonly kind: 'refuse';
      readonly verdict: StopVerdict;
      readonly nearestMisses: readonly unknown[];
      /** Whether an intent holds the request. */
      readonly asked: boolean;
      /** Endpoints that were tried by this very call. */
      readonly tried: readonly string[];
      /** The moment for which no endpoint was lawful; null when those that were did not answer. */
      readonly lawfulAt: string | null;
      /** Rules that had no room for the person by then. */
      readonly exhausted: readonly string[];
      /** Endpoints in quarantine at that moment; only where no endpoint was lawful. */
      readonly quarantined?: readonly string[];
    };

/**
 * Asks the endpoints of its route, one after another, until one answers. The lawful set is computed anew
 * for every attempt (I3), and every attempt has an intent of its own (I1).
 */
export async function callModel(
  rooms: Rooms,
  record: DecisionRecord,
  question: Question,
): Promise<ModelResult> {
  const tried: string[] = [];
  const exhausted: string[] = [];
  let firstIntent: string | null = question.firstIntent ?? null;
  let upstreamMs = 0;
  for (const hop of routeOf(rooms, question, exhausted)) {
    const lawfulAt = new Date(hop.nowMs).toISOString();
    if (hop.kind === 'refuse') {
      const verdict = stop('refuse', 'residency', hop.reason);
      const nearestMisses = hop.nearestMisses();
      const quarantined = [...rooms.quarantines.endpoints()].sort();
      const asked = firstIntent !== null;
      return { kind: 'refuse', verdict, tried, nearestMisses, asked, lawfulAt, exhausted, quarantined };
    }
    const { endpoint, attempt } = hop;
    if (rooms.nowMs() >= question.deadlineMs) break;
    const full = await countPersons(rooms, record, question, endpoint);
    if (full.length > 0) {
      exhausted.push(...full);
      hop.decline();
      continue;
    }
    tried.push(endpoint.id);
    const turn = { endpoint, lawfulAt, attempt, firstIntent, exhausted };
    const call = await attemptCall(rooms, record, question, turn);
    firstIntent ??= call.intent.entryId;
    upstreamMs += call.upstreamMs;
    if (call.fault === counterFault) {
      // Every other endpoint's call would have to go into the same file.
      const verdict = counterFailed();
      return { kind: 'refuse', verdict, tried, nearestMisses: [], asked: true, lawfulAt: null, exhausted };
    }
    if (call.withheld) {
      // Its bytes have been seen by a place that may be unlawful: no other is tried.
      const verdict = evidenceMismatch(endpoint.id, call.evidence);
      return { kind: 'refuse', verdict, tried, nearestMisses: [], asked: true, lawfulAt: null, exhausted };
    }
    if (call.answer) {
      return {
        kind: 'answer',
        answer: call.answer,
        endpoint: endpoint.id,
        upstreamMs,
        firstIntent,
        verdict: pass('residency'),
      };
    }
  }
  const verdict = endpointsFailed(tried);
  const asked = firstIntent !== null;
  return { kind: 'refuse', verdict, tried, nearestMisses: [], asked, lawfulAt: null, exhausted };
}

/** Makes it durable that these persons' data leaves, where a rule counts that; returns the rules that are full. */
export async function countPersons(
  rooms: Rooms,
  record: DecisionRecord,
  { label, subjects }: Question,
  endpoint: LawfulEndpoint,
): Promise<readonly string[]> {
  if (endpoint.counted.length === 0) return [];
  const cell = rooms.cells.get(label.cell);
  if (cell === undefined) throw new InvariantError('a call of a cell that is not hosted here');
  const { decisionId, tenant } = record.subject;
  const named = subjects.map(({ jurisdiction, subject }) => {
    return { jurisdiction, mac: cell.keys.subjectMac(tenant, subject) };
  });
  return cell.subjects.count({ named, decisionId }, endpoint.counted, rooms.nowMs());
}

/** What is asked of the lawful filter for one attempt. */
export function lawfulRequest(
  { label, type }: Pick<Question, 'label' | 'type'>,
  nowMs: number,
  exhausted: readonly string[],
) {
  return { label, purpose: purposeOf(type), modelId: type.config.model, nowMs, exhausted } as const;
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

function routeOf(rooms: Rooms, question: Question, exhausted: readonly string[]) {
  return route({
    filter: rooms.lawfulFilter,
    health: rooms.health,
    attempts: rooms.config.gateway.limits.attempts,
    nowMs: rooms.nowMs,
    ask: (nowMs) => lawfulRequest(question, nowMs, [...exhausted]),
  });
}

/** One call from its intent to its completion. */
export async function attemptCall(
  rooms: Rooms,
  record: DecisionRecord,
  question: Question,
  turn: {
    endpoint: LawfulEndpoint;
    lawfulAt: string;
    attempt: number;
    firstIntent: string | null;
    exhausted: readonly string[];
  },
) {
  const { endpoint } = turn;
  const callId = mintId<CallId>();
  const body = upstreamBody(question, endpoint.modelId);
  const intent = await record.intend(callId, intentFacts(question, turn, body), {
    schema: 2,
    request: turn.firstIntent === null ? question.input : null,
    firstIntent: turn.firstIntent,
    upstream: body.toString('utf8'),
    ...(turn.attempt === 1 && question.tools?.calls.length ? { toolCalls: question.tools.calls } : {}),
  });
  const result = await rooms.egress.send({
    endpoint,
    intent,
    path: upstreamPath(question.type),
    body,
    headers: {
      'content-type': 'application/json',
      'countersign-decision-id': intent.decisionId,
      'countersign-call-id': callId,
    },
    deadlineMs: question.deadlineMs,
  });
  const answer = result.kind === 'answer' ? readAnswer(question.type, body, result) : null;
  rooms.health.observe(endpoint.id, result);
  rooms.metrics.upstream(endpoint.id, answer === null ? 'failed' : 'answered', result.upstreamMs);
  const evidence = takeEvidence(rooms, intent, result);
  await recordCompletion(record, intent, result, { answer, evidence });
  const withheld = result.kind === 'answer' && mismatchesOf(evidence).length > 0;
  const fault = result.kind === 'fault' ? result.fault : null;
  return { intent, answer, evidence, withheld, fault, upstreamMs: result.upstreamMs };
}

/**
 * What the intent of one attempt says. Keys stand in the order of canonical JSON, here and below: then
 * nothing has to be sorted.
 */
export function intentFacts(
  question: Omit<Question, 'messages' | 'rest' | 'subjects' | 'deadlineMs' | 'firstIntent'>,
  /** `lawfulAt` is null for records of schema 1, which did not keep it. */
  turn: {
    endpoint: LawfulEndpoint;
    lawfulAt: string | null;
    attempt: number;
    exhausted?: readonly string[];
  },
  body: Buffer,
): IntentFacts {
  const { endpoint } = turn;
  const { prompt, parameters } = question.type.config;
  const text = question.type.promptText;
  const detectOnly = detectOnlySurfaces(question.verdicts);
  return {
    attempt: turn.attempt,
    caller: question.caller,
    context: question.input.context.map((passage) => ({
      digest: digestOf(passage.text),
      id: passage.id,
      version: passage.version,
    })),
    ...(detectOnly === null ? {} : { detectOnly }),
    endpoint: {
      basis: endpoint.basis,
      ...(endpoint.counted.length === 0 ? {} : { counted: endpoint.counted }),
      // With several subjects a country stands in the basis once for each of them.
      countries: [...new Set(endpoint.basis.map((part) => part.country))],
      evidence: 'contract',
      ...(turn.exhausted?.length ? { exhausted: [...turn.exhausted] } : {}),
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
    ...(question.tools === undefined ? {} : { tools: question.tools.facts }),
    ...(question.variant === undefined ? {} : { variant: question.variant }),
    verdicts: question.verdicts,
  };
}
