import { readBytes } from '../../audit/payload-content.ts';
import { digestOf } from '../../decision/canonical.ts';
import type { LawfulEndpoint } from '../../decision/passage.ts';
import { mismatchesOf, weighAgain } from '../../residency/assurance/call-evidence.ts';
import { intentFacts, lawfulRequest } from '../call-model.ts';
import { type ModelAnswer, readAnswer, upstreamBody } from '../dialect.ts';
import type { RecordedAttempt } from './recorded-decision.ts';
import { type Reenactment, verdictsBefore } from './reenactment.ts';
import { type RepeatedRound, type RepeatedRounds, repeatRounds } from './rounds-again.ts';

/** What endpoints answered: to the request as it is, and to the request without its suspect spans. */
export interface RepeatedAnswers {
  readonly asIs: ModelAnswer | null;
  readonly masked: ModelAnswer | null;
  /** How the answer to the request as it is came about, tools and all. */
  readonly rounds: RepeatedRounds;
}

/** Does every attempt again, up to what the endpoint answered, and reads that. */
export async function repeatAttempts(again: Reenactment): Promise<RepeatedAnswers> {
  const { recorded, masked, trace } = again;
  const rounds = await repeatRounds(again, (round) => repeatRound(again, round));
  const { answer: asIs } = rounds;
  const [first] = recorded.maskedAttempts;
  if (masked === null) {
    if (first) trace.facts('masked request 1', first.intent.at, 'a masked call', 'none was to be made');
    return { asIs, masked: null, rounds };
  }
  const { messages, rest } = masked;
  const round = { messages, rest, attempts: recorded.maskedAttempts, variant: 'masked' } as const;
  return { asIs, masked: repeatRound(again, round), rounds };
}

function repeatRound(again: Reenactment, round: RepeatedRound): ModelAnswer | null {
  const { attempts } = round;
  const answers = attempts.map((attempt, i) => {
    compareRequest(again, round, attempt, i + 1);
    return readCompletion(again, attempt, `${nameOf(round)}completion ${i + 1}`);
  });
  const answered = answers.findIndex((answer) => answer !== null);
  const later = attempts[answered === -1 ? attempts.length : answered + 1];
  if (later) {
    const step = `${nameOf(round)}completion ${answered + 1}`;
    again.trace.facts(step, later.intent.at, 'one more attempt', 'an answer was there');
  }
  return answers[answered] ?? null;
}

/** Before the names of its steps. */
function nameOf({ variant, tools }: RepeatedRound): string {
  if (variant !== undefined) return 'masked ';
  const { round = 1 } = tools ?? {};
  return round === 1 ? '' : `round ${round} `;
}

function compareRequest(
  again: Reenactment,
  round: RepeatedRound,
  { intent }: RecordedAttempt,
  attempt: number,
): void {
  const { trace, gates, composition } = again;
  const { facts, at } = intent;
  const { messages, rest, variant, tools = null, verdicts = [], inspected = again.inspected } = round;
  const step = (what: string) => `${nameOf(round)}${what} ${attempt}`;
  const body = upstreamBody({ type: gates.type, messages, rest }, facts.model.id);
  trace.content(step('request'), `${at}/payload/upstream`, intent.payload.upstream, body.toString('utf8'));
  trace.facts(step('request'), `${at}/header/facts/requestDigest`, facts.requestDigest, digestOf(body));
  const endpoint = lawfulAgain(again, intent, step('lawful'));
  // Without a passage through validation there would have been no intent: the verdict has told it.
  if (endpoint === null || inspected === null) return;
  const question = {
    type: gates.type,
    label: again.label,
    caller: facts.caller,
    inspected,
    verdicts: [...verdictsBefore(again), ...verdicts],
    input: composition.input,
    // Calls stand in the payload of a first attempt; facts are all that is compared here.
    ...(tools === null ? {} : { tools: { facts: tools, calls: [] } }),
    ...(variant === undefined ? {} : { variant }),
  };
  const lawfulAt = facts.endpoint.lawfulAt ?? null;
  const exhausted = facts.endpoint.exhausted ?? [];
  const replayed = intentFacts(question, { endpoint, lawfulAt, attempt, exhausted }, body);
  trace.facts(step('intent'), `${at}/header/facts`, facts, replayed);
}

/** The endpoint that was asked, out of the lawful set of that moment; null when it is not in there. */
function lawfulAgain(
  { gates, label, trace }: Reenactment,
  { header, facts, at }: RecordedAttempt['intent'],
  step: string,
): LawfulEndpoint | null {
  const nowMs = Date.parse(facts.endpoint.lawfulAt ?? header.time);
  const lawful = gates.lawfulFilter.lawful(
    lawfulRequest({ label, type: gates.type }, nowMs, facts.endpoint.exhausted ?? []),
  );
  const endpoints = lawful.kind === 'pass' ? lawful.endpoints : [];
  const endpoint = endpoints.find(({ id }) => id === facts.endpoint.id) ?? null;
  // Health and latency of the day chose among the lawful ones; that it was one of them is what counts.
  const found = endpoint === null ? endpoints.map(({ id }) => id) : endpoint.id;
  trace.facts(step, `${at}/header/facts/endpoint/id`, facts.endpoint.id, found);
  return endpoint;
}

function readCompletion(
  { trace, gates }: Reenactment,
  { intent, completion }: RecordedAttempt,
  step: string,
): ModelAnswer | null {
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
