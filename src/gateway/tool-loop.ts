import type { RecordedToolCall } from '../audit/payload-content.ts';
import { mintId } from '../audit/mint.ts';
import type { SurfaceText } from '../decision/surface.ts';
import type { StopVerdict, Verdict } from '../decision/verdict.ts';
import { type ModelResult, type Question, callModel } from './call-model.ts';
import type { Passage } from './decide.ts';
import { callHttpTool } from './tool-http.ts';
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
  withScores,
} from './tool-round.ts';

/** A model's answer, with what its tools came to on the way. */
export interface RoundsResult {
  readonly result: ModelResult;
  /** Of the rounds, after those on the request. */
  readonly verdicts: readonly Verdict[];
  /** Why the answer may not be released, where its tools say so. */
  readonly stop: StopVerdict | null;
  /** Calls that were made and that no intent holds: the seal does. */
  readonly unrecorded: readonly RecordedToolCall[];
}

/**
 * Asks a model, and again with the results of the tools it calls, until it answers or a gate stops it. Each
 * round is a call of its own with an intent of its own, and its results pass the same validation as a request.
 */
export async function askInRounds(
  passage: Passage,
  question: Question,
  texts: readonly SurfaceText[],
): Promise<RoundsResult> {
  const { rooms, type, record, submission } = passage;
  const { marker } = question.input;
  let round = firstRound(type, submission, texts);
  let inspected = question.inspected;
  let firstIntent: string | null = null;
  for (;;) {
    const request = roundRequest(round, type, { messages: question.messages, rest: question.rest, marker });
    const tools = toolFacts(round, type);
    const asked: Question = {
      ...question,
      ...request,
      ...(tools === null ? {} : { tools: { facts: tools, calls: round.calls } }),
      ...(firstIntent === null ? {} : { firstIntent }),
      inspected,
      verdicts: [...question.verdicts, ...round.verdicts],
    };
    const result = await callModel(rooms, record, asked);
    const { verdicts } = round;
    if (result.kind === 'refuse')
      return { result, verdicts, stop: null, unrecorded: result.tried.length > 0 ? [] : round.calls };
    const weighed = weighAnswer(round, type, result.answer);
    if (weighed.kind === 'final') return { result, verdicts, stop: weighed.stop, unrecorded: [] };
    ({ firstIntent } = result);
    const made = await makeCalls(passage, { ...asked, firstIntent }, weighed.calls);
    const next = await admitResults(passage, round, result, made);
    if (next.kind === 'stop') return { result, verdicts, stop: next.stop, unrecorded: next.made };
    ({ round, inspected } = next);
  }
}

/** The results through gate 3, like any other text from outside. */
async function admitResults(
  { rooms, type }: Passage,
  round: Round,
  { answer }: Extract<ModelResult, { kind: 'answer' }>,
  called: readonly RecordedToolCall[],
) {
  const failed = failedCall(called);
  if (failed !== null) return { kind: 'stop', stop: failed, made: called } as const;
  const inspection = await rooms.validation.inspect({
    texts: resultsAfter(round, called),
    documents: [],
    decisionType: type.config.name,
  });
  const { verdict, inspected } = inspection;
  const made = withScores(called, inspection.texts);
  rooms.metrics.verdict(verdict, type.config.name);
  if (verdict.kind !== 'pass') return { kind: 'stop', stop: verdict, made } as const;
  if (inspected === null || answer.kind !== 'chat')
    throw new TypeError('a round of an answer that calls no tool');
  return { kind: 'round', round: nextRound(round, type, answer, { made, verdict }), inspected } as const;
}

/** One after another: a record is one chain, and a failure ends the round. */
async function makeCalls(
  passage: Passage,
  question: Question,
  calls: readonly AdmittedCall[],
): Promise<RecordedToolCall[]> {
  const made: RecordedToolCall[] = [];
  for (const call of calls) {
    const one = await makeCall(passage, question, call);
    made.push(one);
    if (one.result === null) break;
  }
  return made;
}

async function makeCall(passage: Passage, question: Question, call: AdmittedCall): Promise<RecordedToolCall> {
  const { rooms, deadlineMs } = passage;
  const { tool, arguments: given } = call;
  const base = { tool: tool.config.id, arguments: given };
  const nowMs = rooms.nowMs();
  const none = { ...base, result: null, callId: null, durationMs: 0 };
  if (nowMs >= deadlineMs) return { ...none, status: 'DEADLINE' };
  if (tool.config.runs.kind === 'http') return { ...base, ...(await callHttpTool(passage, question, call)) };
  const startedMs = performance.now();
  const outcome = await rooms.tools.run(tool, given, { id: mintId(), nowMs });
  const durationMs = Math.round((performance.now() - startedMs) * 1000) / 1000;
  return outcome.kind === 'result'
    ? { ...none, durationMs, result: outcome.text, status: 'ok' }
    : { ...none, durationMs, status: outcome.fault };
}
