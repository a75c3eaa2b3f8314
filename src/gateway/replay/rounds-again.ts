import { type RecordedToolCall, readBytes } from '../../audit/payload-content.ts';
import type { ToolFacts } from '../../decision/entry.ts';
import type { InspectedInput } from '../../decision/passage.ts';
import type { StopVerdict, Verdict } from '../../decision/verdict.ts';
import type { Composition } from '../compose.ts';
import type { ModelAnswer } from '../dialect.ts';
import { readToolResult } from '../tool-http.ts';
import {
  type AdmittedCall,
  type Round,
  failedCall,
  firstRound,
  nextRound,
  resultsAfter,
  roundRequest,
  toolFacts,
  weighAnswer,
} from '../tool-round.ts';
import { isInterrupted } from './outcome-again.ts';
import type { RecordedAttempt } from './recorded-decision.ts';
import type { Reenactment } from './reenactment.ts';

/** One round of calls to endpoints, to be compared with the attempts that the record has of it. */
export interface RepeatedRound extends Pick<Composition, 'messages' | 'rest'> {
  readonly attempts: readonly RecordedAttempt[];
  readonly variant?: 'masked';
  /** What of tools it was made under. */
  readonly tools?: ToolFacts | null;
  /** After those on the request. */
  readonly verdicts?: readonly Verdict[];
  /** The passage of what this round added; that of the request where it added nothing. */
  readonly inspected?: InspectedInput | null;
}

/** What the rounds of a decision came to. */
export interface RepeatedRounds {
  readonly answer: ModelAnswer | null;
  readonly verdicts: readonly Verdict[];
  readonly stop: StopVerdict | null;
  /** Attempts of the last round. */
  readonly attempts: readonly RecordedAttempt[];
  /** Calls of tools that the outcome must hold. */
  readonly unrecorded: readonly RecordedToolCall[];
}

/**
 * Goes through the rounds of a decision again. No tool is run: what it gave is taken from the record, and whether
 * it was to be called, and what validation says of its result, is made again.
 */
export async function repeatRounds(
  again: Reenactment,
  repeat: (round: RepeatedRound) => ModelAnswer | null,
): Promise<RepeatedRounds> {
  const { gates, recorded, composition, submission, texts } = again;
  const { type } = gates;
  if (again.verdict.kind !== 'pass') {
    // Asked twice, or not at all: what is suspected gets no tools.
    const { attempts } = recorded;
    return {
      answer: repeat({ ...composition, attempts }),
      verdicts: [],
      stop: null,
      attempts,
      unrecorded: [],
    };
  }
  const composed = { ...composition, marker: composition.input.marker };
  let round = firstRound(type, submission, texts);
  let { inspected } = again;
  for (;;) {
    const { number, verdicts } = round;
    const attempts = attemptsOf(again, number);
    const tools = toolFacts(round, type);
    const answer = repeat({ ...roundRequest(round, type, composed), attempts, tools, verdicts, inspected });
    const end = { answer, verdicts, attempts };
    if (answer === null) return { ...end, stop: null, unrecorded: attempts.length === 0 ? round.calls : [] };
    const weighed = weighAnswer(round, type, answer);
    if (weighed.kind === 'final') return { ...end, stop: weighed.stop, unrecorded: [] };
    const later = attemptsOf(again, number + 1)[0]?.intent.payload.toolCalls;
    const made = later ?? recorded.outcome.payload?.toolCalls ?? [];
    if (made.length === 0 && isInterrupted(recorded.outcome.facts)) {
      again.trace.notRepeated(`tools ${number}`, 'the gateway stopped before their results were recorded');
      return { ...end, stop: null, unrecorded: [] };
    }
    compareCalls(again, number, weighed.calls, made);
    const unrecorded = later ? [] : made;
    const failed = failedCall(made);
    if (failed !== null || made.length === 0) return { ...end, stop: failed, unrecorded };
    const inspection = await gates.validation.inspect({
      texts: resultsAfter(round, made),
      documents: [],
      decisionType: type.config.name,
    });
    if (inspection.verdict.kind !== 'pass' || answer.kind !== 'chat')
      return { ...end, stop: inspection.verdict.kind === 'pass' ? null : inspection.verdict, unrecorded };
    round = nextRound(round, type, answer, { made, verdict: inspection.verdict });
    inspected = inspection.inspected;
  }
}

function attemptsOf({ recorded }: Reenactment, number: Round['number']): readonly RecordedAttempt[] {
  if (number === 1) return recorded.attempts;
  return recorded.laterAttempts.filter(({ intent }) => intent.facts.tools?.round === number);
}

/** What was called is what the answer asked for; a failure ended the round before the calls after it. */
function compareCalls(
  again: Reenactment,
  number: number,
  admitted: readonly AdmittedCall[],
  made: readonly RecordedToolCall[],
): void {
  const { trace, recorded } = again;
  const at = (attemptsOf(again, number + 1)[0]?.intent ?? recorded.outcome).at;
  const step = `tools ${number}`;
  const isCut = made.at(-1)?.result === null;
  const wanted = isCut ? admitted.slice(0, made.length) : admitted;
  const names = made.map(({ tool }) => tool);
  trace.facts(
    step,
    `${at}/payload/toolCalls`,
    names,
    wanted.map(({ tool }) => tool.config.id),
  );
  made.forEach((call, i) => {
    const place = `${at}/payload/toolCalls/${i}`;
    trace.content(step, `${place}/arguments`, call.arguments, wanted[i]?.arguments ?? null);
    if (call.callId !== null) compareHttp(again, step, { call, place, admitted: wanted[i] });
  });
}

/** A tool's endpoint was lawful at that moment, and its result is read again from the bytes of its completion. */
function compareHttp(
  { recorded, gates, label, trace }: Reenactment,
  step: string,
  { call, place, admitted }: { call: RecordedToolCall; place: string; admitted: AdmittedCall | undefined },
): void {
  const attempt = recorded.toolAttempts.find(({ intent }) => intent.header.callId === call.callId);
  const upstream = attempt?.intent.payload.upstream ?? null;
  trace.content(step, `${place}/arguments`, call.arguments, upstream);
  const runs = admitted?.tool.config.runs;
  if (attempt === undefined || runs?.kind !== 'http') return;
  const { intent, completion } = attempt;
  const { id, lawfulAt } = intent.facts.endpoint;
  const nowMs = Date.parse(lawfulAt ?? intent.header.time);
  const lawful = gates.lawfulFilter.lawful({ label, purpose: 'tool', nowMs, exhausted: [] });
  const endpoints = lawful.kind === 'pass' ? lawful.endpoints.map((endpoint) => endpoint.id) : [];
  trace.facts(
    step,
    `${intent.at}/header/facts/endpoint/id`,
    id,
    endpoints.find((one) => one === runs.endpoint),
  );
  if (!completion?.payload || call.status === 'RESIDENCY_EVIDENCE_MISMATCH') return;
  const body = readBytes(completion.payload.raw);
  const answer = { kind: 'answer', httpStatus: completion.facts.httpStatus ?? 0, body } as const;
  const read = readToolResult(answer, runs.limits.outputBytes);
  trace.content(step, `${place}/result`, call.result, read.result);
  trace.facts(step, `${place}/status`, call.status, read.status);
}
