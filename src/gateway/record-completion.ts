import { recordBytes } from '../audit/payload-content.ts';
import type { DecisionRecord } from '../audit/record.ts';
import { digestOf } from '../decision/canonical.ts';
import type { CallEvidence, CompletionFacts, CompletionStatus } from '../decision/entry.ts';
import { CountersignError } from '../decision/errors.ts';
import type { CommittedIntent } from '../decision/passage.ts';
import type { EgressResult } from '../residency/exchange.ts';
import { type ModelAnswer, isSuccess } from './dialect.ts';

/** The raw bytes become durable before anything reads them for the answer (I2). */
export async function recordCompletion(
  record: DecisionRecord,
  intent: CommittedIntent,
  result: EgressResult,
  read: { readonly answer: ModelAnswer | null; readonly evidence: CallEvidence },
): Promise<void> {
  const { answer, evidence } = read;
  const facts: CompletionFacts = {
    endpoint: intent.endpointId,
    evidence,
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
