import { readBytes } from '../../audit/payload-content.ts';
import { digestOf } from '../../decision/canonical.ts';
import type { LawfulEndpoint } from '../../decision/passage.ts';
import type { ChatAnswer } from '../../models/openai/chat.ts';
import { intentFacts, lawfulRequest, readAnswer, upstreamBody } from '../call-model.ts';
import type { RecordedAttempt } from './recorded-decision.ts';
import { type Reenactment, verdictsBefore } from './reenactment.ts';

/** Does every attempt again, up to what the endpoint answered, and reads that. */
export function repeatAttempts(again: Reenactment): ChatAnswer | null {
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
  const replayed = intentFacts(question, { endpoint, lawfulAt, attempt }, body);
  trace.facts(`intent ${attempt}`, `${at}/header/facts`, facts, replayed);
}

/** The endpoint that was asked, out of the lawful set of that moment; null when it is not in there. */
function lawfulAgain(
  { gates, label, trace }: Reenactment,
  { header, facts, at }: RecordedAttempt['intent'],
  attempt: number,
): LawfulEndpoint | null {
  const nowMs = Date.parse(facts.endpoint.lawfulAt ?? header.time);
  const lawful = gates.lawfulFilter.lawful(lawfulRequest({ label, type: gates.type }, nowMs));
  const endpoints = lawful.kind === 'pass' ? lawful.endpoints : [];
  const endpoint = endpoints.find(({ id }) => id === facts.endpoint.id) ?? null;
  // Health and latency of the day chose among the lawful ones; that it was one of them is what counts.
  const found = endpoint === null ? endpoints.map(({ id }) => id) : endpoint.id;
  trace.facts(`lawful ${attempt}`, `${at}/header/facts/endpoint/id`, facts.endpoint.id, found);
  return endpoint;
}

function readCompletion(
  { trace }: Reenactment,
  { completion }: RecordedAttempt,
  attempt: number,
): ChatAnswer | null {
  const step = `completion ${attempt}`;
  if (!completion?.payload) {
    trace.notRepeated(step, `no answer came: ${completion?.facts.status ?? 'open'}`);
    return null;
  }
  const { facts, payload, at } = completion;
  const raw = readBytes(payload.raw);
  const answer = readAnswer(facts.httpStatus ?? 0, raw);
  const recorded = {
    modelReturned: facts.modelReturned,
    outputDigest: facts.outputDigest,
    usage: facts.usage,
  };
  trace.facts(step, `${at}/header/facts`, recorded, {
    modelReturned: answer?.model ?? null,
    outputDigest: digestOf(raw),
    usage: answer?.usage ?? null,
  });
  return answer;
}
