import { refusedOutcome } from '../../audit/refused-outcome.ts';
import { digestOf } from '../../decision/canonical.ts';
import type { OutcomeFacts } from '../../decision/entry.ts';
import { type StopVerdict, type Verdict, pass, stop } from '../../decision/verdict.ts';
import { mismatchesOf } from '../../residency/assurance/call-evidence.ts';
import { counterFailed, counterFault, endpointsFailed, lawfulRequest } from '../call-model.ts';
import type { ModelAnswer } from '../dialect.ts';
import { type Judgement, judge, judgeContext } from '../judge.ts';
import { evidenceMismatch } from '../quarantining.ts';
import { outcomeFacts, releasedBody, reviewedOutcome, unaskedJudgement } from '../outcome.ts';
import type { RecordedOutcome, RecordedReview } from './recorded-decision.ts';
import { type Reenactment, verdictsBefore } from './reenactment.ts';
import type { Trace } from './trace.ts';

/** What a seal says, as made again. */
interface Sealed {
  readonly facts: OutcomeFacts;
  readonly outcome: string | null;
  readonly answer: unknown;
  readonly released: string | null;
}

/** Seals the decision again and compares; then does the same with what reviewers made of it. */
export function repeatOutcome(again: Reenactment, answer: ModelAnswer | null): void {
  const { recorded, trace } = again;
  if (isInterrupted(recorded.outcome.facts)) {
    trace.notRepeated('judgement', 'the gateway stopped before the answer was judged, or before one came');
    const facts = refusedOutcome([stop('refuse', 'audit', 'INTERRUPTED')]);
    compare(trace, 'outcome', recorded.outcome, { facts, outcome: null, answer: null, released: null });
  } else {
    compare(trace, 'outcome', recorded.outcome, sealAgain(again, answer));
  }
  recorded.reviews.forEach((review) => repeatReview(again, review));
  // An outcome that no review led to would be somebody's own invention.
  const { outcomes, reviews } = recorded;
  if (outcomes.length > 1 || reviews.length > 0)
    trace.facts('review', '/entries', `${outcomes.length} outcomes`, `${reviews.length + 1} outcomes`);
}

/** The model's answer through the gates that follow it. */
export function judgeAgain({ gates, texts, composition }: Reenactment, answer: ModelAnswer): Judgement {
  return judge(answer, gates.type, gates.outputFilter, judgeContext(texts, composition.input.marker));
}

function sealAgain(again: Reenactment, answer: ModelAnswer | null): Sealed {
  const before = verdictsBefore(again);
  const { labelVerdict, verdict, texts } = again;
  if (verdict.kind === 'refuse' || labelVerdict.kind === 'refuse') return refused(before, null);
  if (verdict.kind === 'review') return inReview(again, before, unaskedJudgement(texts));
  if (answer === null) return refused([...before, routeVerdict(again)], null);
  const judgement = judgeAgain(again, answer);
  const verdicts = [...before, pass('residency'), ...judgement.verdicts];
  if (judgement.status === 'refused') return refused(verdicts, judgement.answer);
  if (judgement.status === 'in_review') return inReview(again, verdicts, judgement);
  const { gates, recorded, submission } = again;
  const { config } = gates.type;
  const decision = {
    decisionId: recorded.decisionId,
    decisionType: config.name,
    dialect: submission.dialect,
  };
  const released = releasedBody(decision, judgement, answer);
  const facts = outcomeFacts(config, judgement, {
    decidedBy: 'model',
    releasedDigest: digestOf(released),
    reviewTask: null,
    status: 'decided',
    verdicts,
  });
  return { facts, outcome: judgement.outcome, answer: judgement.answer, released };
}

function refused(verdicts: readonly Verdict[], answer: unknown): Sealed {
  return { facts: refusedOutcome(verdicts), outcome: null, answer, released: null };
}

function inReview(
  { gates, recorded }: Reenactment,
  verdicts: readonly Verdict[],
  judgement: Judgement,
): Sealed {
  const facts = outcomeFacts(gates.type.config, judgement, {
    decidedBy: 'gate',
    releasedDigest: null,
    // Minted on the day: it names the task, and decides nothing.
    reviewTask: recorded.outcome.facts.reviewTask,
    status: 'in_review',
    verdicts,
  });
  return { facts, outcome: judgement.outcome, answer: judgement.answer, released: null };
}

/** Why nobody answered: no endpoint was lawful (any more), or none of those that were did. */
function routeVerdict({ recorded, gates, label, trace }: Reenactment): StopVerdict {
  const { outcome, attempts } = recorded;
  const last = attempts.at(-1)?.completion;
  if (last?.facts.fault === counterFault) return counterFailed();
  const { evidence } = last?.facts ?? {};
  if (last?.payload && evidence && mismatchesOf(evidence).length > 0)
    return evidenceMismatch(last.facts.endpoint, evidence);
  const lawfulAt = outcome.payload?.lawfulAt ?? (claimsUnlawful(outcome.facts) ? outcome.header.time : null);
  if (lawfulAt !== null) {
    const { exhausted = [], quarantined = [] } = outcome.payload ?? {};
    const asked = lawfulRequest({ label, type: gates.type }, Date.parse(lawfulAt), exhausted);
    const lawful = gates.lawfulFilter.lawful({ ...asked, quarantined });
    if (lawful.kind === 'refuse') return stop('refuse', 'residency', lawful.reason);
  }
  if (attempts.length < gates.attemptsMax)
    trace.notRepeated('deadline', 'time was up before every attempt was made, as recorded');
  return endpointsFailed(attempts.map(({ intent }) => intent.facts.endpoint.id));
}

function claimsUnlawful({ verdicts }: OutcomeFacts): boolean {
  return verdicts.some((verdict) => verdict.kind !== 'pass' && verdict.reasons[0] === 'NO_LAWFUL_ENDPOINT');
}

function isInterrupted({ verdicts, decidedBy }: OutcomeFacts): boolean {
  const [only, ...others] = verdicts;
  const isOnly = only?.kind === 'refuse' && only.reasons[0] === 'INTERRUPTED' && others.length === 0;
  return decidedBy === 'gate' && isOnly;
}

/** A person's answer is taken from the record; what follows from it is made again. */
function repeatReview(
  { recorded, gates, trace }: Reenactment,
  { review, before, after }: RecordedReview,
): void {
  const { facts, payload, at } = review;
  if (before === null || after === null) {
    trace.facts('review', at, 'a review', 'a review between two outcomes');
    return;
  }
  const decision = {
    decisionId: recorded.decisionId,
    decisionType: gates.type.config.name,
    task: facts.task,
  };
  const given = { verdict: payload.verdict, reasonCodes: facts.reasonCodes };
  const again = reviewedOutcome(decision, before, given);
  trace.facts('review', `${at}/header/facts/override`, facts.override, again.override);
  const { outcome, answer, released } = again.payload;
  compare(trace, 'review', after, { facts: again.facts, outcome, answer, released });
}

function compare(trace: Trace, step: string, { at, facts, payload }: RecordedOutcome, sealed: Sealed): void {
  trace.facts(step, `${at}/header/facts`, facts, sealed.facts);
  const place = `${at}/payload`;
  const text = (value: unknown) => JSON.stringify(value ?? null);
  trace.content(step, `${place}/outcome`, payload?.outcome ?? null, sealed.outcome);
  trace.content(step, `${place}/answer`, text(payload?.answer), text(sealed.answer));
  trace.content(
    step === 'outcome' ? 'released' : step,
    `${place}/released`,
    payload?.released ?? null,
    sealed.released,
  );
}
