import { mintId } from '../audit/mint.ts';
import type { RecordedToolCall } from '../audit/payload-content.ts';
import type { CallId } from '../decision/ids.ts';
import type { LawfulEndpoint } from '../decision/passage.ts';
import { mismatchesOf } from '../residency/assurance/call-evidence.ts';
import type { EgressResult } from '../residency/exchange.ts';
import { type Question, countPersons, intentFacts } from './call-model.ts';
import type { Passage } from './decide.ts';
import { isSuccess } from './dialect.ts';
import { takeEvidence } from './quarantining.ts';
import { recordCompletion } from './record-completion.ts';
import type { AdmittedCall } from './tool-round.ts';

type HttpOutcome = Pick<RecordedToolCall, 'result' | 'status' | 'callId' | 'durationMs'>;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A tool behind an endpoint: the lawful filter must return it for this label at this moment (I3), an intent
 * holds the exact bytes before they leave (I1), a completion what came back. Nothing is retried: a tool that
 * writes may have written.
 */
export async function callHttpTool(
  passage: Passage,
  question: Question,
  { tool, arguments: given }: AdmittedCall,
): Promise<HttpOutcome> {
  const { rooms, record, label } = passage;
  const { runs, id } = tool.config;
  const failed = (status: string, callId: CallId | null = null, durationMs = 0): HttpOutcome => {
    return { result: null, status, callId, durationMs };
  };
  if (runs.kind !== 'http') return failed('UNAVAILABLE');
  const nowMs = rooms.nowMs();
  const endpoint = lawfulTarget(passage, runs.endpoint, nowMs);
  if (endpoint === null) return failed('NO_LAWFUL_ENDPOINT');
  if ((await countPersons(rooms, record, question, endpoint)).length > 0) return failed('NO_LAWFUL_ENDPOINT');
  const callId = mintId<CallId>();
  const body = Buffer.from(given);
  const asked = { type: passage.type, label, caller: question.caller, inspected: question.inspected };
  const turn = { endpoint, lawfulAt: new Date(nowMs).toISOString(), attempt: 1 };
  const facts = intentFacts({ ...asked, verdicts: question.verdicts, input: question.input }, turn, body);
  const intent = await record.intend(
    callId,
    { ...facts, context: [], parameters: {}, prompt: null, tool: id },
    { schema: 2, request: null, firstIntent: question.firstIntent ?? null, upstream: given },
  );
  const result = await rooms.egress.send({
    endpoint,
    intent,
    path: runs.path,
    body,
    headers: {
      'content-type': 'application/json',
      'countersign-decision-id': intent.decisionId,
      'countersign-call-id': callId,
    },
    deadlineMs: Math.min(question.deadlineMs, rooms.nowMs() + runs.limits.timeoutMs),
  });
  rooms.health.observe(endpoint.id, result);
  const evidence = takeEvidence(rooms, intent, result);
  await recordCompletion(record, intent, result, { answer: null, evidence });
  if (result.kind === 'answer' && mismatchesOf(evidence).length > 0)
    return failed('RESIDENCY_EVIDENCE_MISMATCH', callId, result.upstreamMs);
  const read = readToolResult(result, runs.limits.outputBytes);
  return { ...read, callId, durationMs: result.upstreamMs };
}

/** The tool's own endpoint, where it is lawful for this label as a tool; there is no other to fall back on. */
function lawfulTarget({ rooms, label }: Passage, id: string, nowMs: number): LawfulEndpoint | null {
  const lawful = rooms.lawfulFilter.lawful({ label, purpose: 'tool', nowMs, exhausted: [] });
  if (lawful.kind === 'refuse') return null;
  return lawful.endpoints.find((endpoint) => endpoint.id === id) ?? null;
}

/** The result of a call, or the status it failed with. Pure, so that a replay reads the recorded bytes again. */
export function readToolResult(
  answer: EgressResult | { readonly kind: 'answer'; readonly httpStatus: number; readonly body: Buffer },
  outputBytesMax: number,
): Pick<RecordedToolCall, 'result' | 'status'> {
  if (answer.kind === 'fault') return { result: null, status: answer.fault };
  if (!isSuccess(answer.httpStatus)) return { result: null, status: `HTTP_${answer.httpStatus}` };
  if (answer.body.length > outputBytesMax) return { result: null, status: 'OUTPUT_TOO_LARGE' };
  try {
    return { result: strictUtf8.decode(answer.body), status: 'ok' };
  } catch (error) {
    if (error instanceof TypeError) return { result: null, status: 'NO_TEXT' };
    throw error;
  }
}
