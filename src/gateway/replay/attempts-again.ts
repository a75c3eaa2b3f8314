import { readBytes } from '../../audit/payload-content.ts';
import { digestOf } from '../../decision/canonical.ts';
import type { LawfulEndpoint } from '../../decision/passage.ts';
import { mismatchesOf, weighAgain } from '../../residency/assurance/call-evidence.ts';
import { intentFacts, lawfulRequest } from '../call-model.ts';
import { type ModelAnswer, readAnswer, upstreamBody } from '../dialect.ts';
import type { RecordedAttempt } from './recorded-decision.ts';
import { type Reenactment, verdictsBefore } from './reenactment.ts';

/** Does every attempt again, up to what the endpoint answered, and reads that. */
export function repeatAttempts(again: Reenactment): ModelAnswer | null {
  const { attempts } = again.recorded;
  const answers = attempts.map((attempt, i) => {
    compareRequest(again, attempt, i + 1);
    return readCompletion(again, attempt, i + 1);
  });
  const answered = answers.findIndex((answer) => answer !== null);
  const later = attempts[answered === -1 ? attempts.length : answered + 1];
  if (later) {
    const step = `completion ${answered + 1}`;
    again.trace.facts(step, later.intent.at, 'one more attempt', 'an answer was there');
  }
  return answers[answered] ?? null;
}

function compareRequest(again: Reenactment, { intent }: RecordedAttempt, attempt: number): void {
  const { trace, gates, composition, inspected } = again;
  const { facts, at } = intent;
  const { messages, rest, input } = composition;
  const body = upstreamBody({ type: gates.type, messages, rest }, facts.model.id);
  trace.content(
    `request ${attempt}`,
    `${at}/payload/upstream`,
    intent.payload.upstream,
    body.toString('utf8'),
  );
  trace.facts(`request ${attempt}`, `${at}/header/facts/requestDigest`, facts.requestDigest, digestOf(body));
  const endpoint = lawfulAgain(again, intent, attempt);
  // Without a passage through validation there would have been no intent: the verdict has told it.
  if (endpoint === null || inspected === null) return;
  const question = {
    type: gates.type,
    label: again.label,
    caller: facts.caller,
    inspected,
    verdicts: verdictsBefore(again),
    input,
  };
  const lawfulAt = facts.endpoint.lawfulAt ?? null;
  const exhausted = facts.endpoint.exhausted ?? [];
  const replayed = intentFacts(question, { endpoint, lawfulAt, attempt, exhausted }, body);
  trace.facts(`intent ${attempt}`, `${at}/header/facts`, facts, replayed);
}

/** The endpoint that was asked, out of the lawful set of that moment; null when it is not in there. */
function lawfulAgain(
  { gates, label, trace }: Reenactment,
  { header, facts, at }: RecordedAttempt['intent'],
  attempt: number,
): LawfulEndpoint | null {
  const nowMs = Date.parse(facts.endpoint.lawfulAt ?? header.time);
  const lawful = gates.lawfulFilter.lawful(
    lawfulRequest({ label, type: gates.type }, nowMs, facts.endpoint.exhausted ?? []),
  );
  const endpoints = lawful.kind === 'pass' ? lawful.endpoints : [];
  const endpoint = endpoints.find(({ id }) => id === facts.endpoint.id) ?? null;
  // Health and latency of the day chose among the lawful ones; that it was one of them is what counts.
  const found = endpoint === null ? endpoints.map(({ id }) => id) : endpoint.id;
  trace.facts(`lawful ${attempt}`, `${at}/header/facts/endpoint/id`, facts.endpoint.id, found);
  return endpoint;
}

function readCompletion(
  { trace, gates }: Reenactment,
  { intent, completion }: RecordedAttempt,
  attempt: number,
): ModelAnswer | null {
  const step = `completion ${attempt}`;
  if (!completion?.payload) {
    trace.notRepeated(step, `no answer came: ${completion?.facts.status ?? 'open'}`);
    return null;
  }
  const { facts, payload, at } = completion;
  const raw = readBytes(payload.raw);
  const sent = Buffer.from(intent.payload.upstream);
  const answer = readAnswer(gates.type, sent, { httpStatus: facts.httpStatus ?? 0, body: raw });
  const endpoint = gates.endpointOf(facts.endpoint);
  const evidence =
    facts.evidence && endpoint
      ? weighAgain(endpoint, facts.evidence, { httpStatus: facts.httpStatus ?? 0, body: raw })
      : undefined;
  const recorded = {
    ...(facts.evidence && { evidence: facts.evidence }),
    modelReturned: facts.modelReturned,
    outputDigest: facts.outputDigest,
    usage: facts.usage,
  };
  trace.facts(step, `${at}/header/facts`, recorded, {
    ...(evidence && { evidence }),
    modelReturned: answer?.model ?? null,
    outputDigest: digestOf(raw),
    usage: answer?.usage ?? null,
  });
  // An answer from a place that is not what was declared was withheld, whatever it says.
  return evidence && mismatchesOf(evidence).length > 0 ? null : answer;
}
