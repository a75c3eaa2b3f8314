import type { RecordedCounterfactual } from '../../audit/payload-content.ts';
import { refusedOutcome } from '../../audit/refused-outcome.ts';
import { type CountedAnswer, tally } from '../../confidence/review-quorum.ts';
import { digestOf } from '../../decision/canonical.ts';
import type { OutcomeFacts } from '../../decision/entry.ts';
import { type StopVerdict, type Verdict, pass, stop } from '../../decision/verdict.ts';
import { mismatchesOf } from '../../residency/assurance/call-evidence.ts';
import { counterFailed, counterFault, endpointsFailed, lawfulRequest } from '../call-model.ts';
import { type Counterfactual, compareAnswers } from '../counterfactual.ts';
import type { ModelAnswer } from '../dialect.ts';
import { type Judgement, judge, judgeContext } from '../judge.ts';
import type { MaskedRequest } from '../masking-spans.ts';
import { suspendedAsRecorded } from '../suspensions.ts';
import { closedTools, madeFacts } from '../tool-round.ts';
import { evidenceMismatch } from '../quarantining.ts';
import { coarser, probingVerdict } from '../probing.ts';
import { isOverride, outcomeFacts, releasedBody, reviewedOutcome, unaskedJudgement } from '../outcome.ts';
import type { RepeatedAnswers } from './attempts-again.ts';
import type {
  RecordedAnswerOf,
  RecordedAttempt,
  RecordedOutcome,
  RecordedReview,
} from './recorded-decision.ts';
import { type Reenactment, verdictsBefore } from './reenactment.ts';
import type { RepeatedRounds } from './rounds-again.ts';
import type { Trace } from './trace.ts';

/** What a seal says, as made again. */
interface Sealed {
  readonly facts: OutcomeFacts;
  readonly outcome: string | null;
  readonly answer: unknown;
  readonly released: string | null;
  readonly counterfactual?: RecordedCounterfactual;
}

/** Seals the decision again and compares; then does the same with what reviewers made of it. */
export function repeatOutcome(again: Reenactment, answers: RepeatedAnswers): void {
  const { recorded, trace } = again;
  if (isInterrupted(recorded.outcome.facts)) {
    trace.notRepeated('judgement', 'the gateway stopped before the answer was judged, or before one came');
    const facts = refusedOutcome([stop('refuse', 'audit', 'INTERRUPTED')]);
    compare(trace, 'outcome', recorded.outcome, { facts, outcome: null, answer: null, released: null });
  } else {
    const { unrecorded } = answers.rounds;
    const sealed = sealAgain(again, answers);
    // Where its sender stood is taken from the record; what follows from it was made again.
    const { probing } = recorded.outcome.facts;
    const stood = probing === undefined ? {} : { probing };
    const facts = { ...sealed.facts, ...stood, ...madeFacts({ toolCalls: unrecorded }) };
    compare(trace, 'outcome', recorded.outcome, { ...sealed, facts });
  }
  recorded.reviews.forEach((review) => repeatReview(again, review));
  // An outcome that no review led to would be somebody's own invention.
  const { outcomes, reviews } = recorded;
  if (outcomes.length > 1 || reviews.length > 0)
    trace.facts('review', '/entries', `${outcomes.length} outcomes`, `${reviews.length + 1} outcomes`);
}

/** The model's answer through the gates that follow it. */
export function judgeAgain(
  { gates, texts, composition, recorded }: Reenactment,
  answer: ModelAnswer,
  /** Left out where its tool calls were not checked: none may be made then. */
  rounds?: Pick<RepeatedRounds, 'stop'>,
): Judgement {
  const stopped = rounds === undefined ? {} : { toolStop: rounds.stop };
  const profile = recorded.outcome.payload?.outputProfile ?? null;
  const context = { ...judgeContext(texts, composition.input), ...stopped, profile };
  return judge(answer, gates.type, gates.outputFilter, context);
}

function sealAgain(again: Reenactment, answers: RepeatedAnswers): Sealed {
  const before = verdictsBefore(again);
  const { labelVerdict, verdict, texts, masked } = again;
  if (verdict.kind === 'refuse' || labelVerdict.kind === 'refuse') return refused(before, null);
  const closed = closedTools(again.submission, again.gates.type);
  if (closed !== null) return refused([...before, closed], null);
  const probed = probingVerdict(again.recorded.outcome.facts.probing);
  if (probed?.kind === 'refuse') return refused([...before, probed], null);
  if (probed?.kind === 'review') return inReview(again, [...before, probed], unaskedJudgement(texts));
  if (verdict.kind === 'review') {
    return masked === null
      ? inReview(again, before, unaskedJudgement(texts))
      : compareAgain(again, masked, answers);
  }
  const { asIs: answer, rounds } = answers;
  const all = [...before, ...rounds.verdicts];
  if (answer === null) return refused([...all, routeVerdict(again, rounds.attempts)], null);
  return judgedAgain(again, { judgement: judgeAgain(again, answer, rounds), answer, rounds });
}

/** Holds the two answers against each other again; the order is that of `askTwice`. */
function compareAgain(again: Reenactment, masked: MaskedRequest, answers: RepeatedAnswers): Sealed {
  const { recorded, texts } = again;
  const asked = { spans: masked.spans, texts };
  if (answers.asIs === null) {
    const compared = compareAnswers(routeVerdict(again, recorded.attempts), null, asked);
    const verdicts = [...verdictsBefore(again), ...compared.judgement.verdicts];
    return inReview(again, verdicts, compared.judgement, compared);
  }
  const asIs = judgeAgain(again, answers.asIs);
  if (asIs.status === 'refused') return judgedAgain(again, { judgement: asIs, answer: answers.asIs });
  const other =
    answers.masked === null
      ? routeVerdict(again, recorded.maskedAttempts)
      : judgeAgain(again, answers.masked);
  const compared = compareAnswers(asIs, other, asked);
  const answer = compared.result === 'unchanged' ? (answers.masked ?? answers.asIs) : answers.asIs;
  return judgedAgain(again, { judgement: compared.judgement, answer, compared });
}

function judgedAgain(
  again: Reenactment,
  done: { judgement: Judgement; answer: ModelAnswer; compared?: Counterfactual; rounds?: RepeatedRounds },
): Sealed {
  const { answer, compared, rounds } = done;
  // Whether the type was suspended at that moment is what nobody can find out again: the record says it.
  const judgement = suspendedAsRecorded(done.judgement, again.recorded.outcome.facts);
  const before = [...verdictsBefore(again), ...(rounds?.verdicts ?? [])];
  const verdicts = [...before, pass('residency'), ...judgement.verdicts];
  if (judgement.status === 'refused') return refused(verdicts, judgement.answer);
  if (judgement.status === 'in_review') return inReview(again, verdicts, judgement, compared);
  const { gates, recorded, submission } = again;
  const { config } = gates.type;
  const decision = {
    decisionId: recorded.decisionId,
    decisionType: config.name,
    dialect: submission.dialect,
  };
  const given = coarser(judgement, recorded.outcome.facts.probing, config.score.field);
  const released = releasedBody(decision, given, answer);
  const facts = outcomeFacts(config, judgement, {
    ...(compared === undefined ? {} : { counterfactual: compared.result }),
    decidedBy: 'model',
    releasedDigest: digestOf(released),
    reviewTask: null,
    status: 'decided',
    verdicts,
  });
  const { outcome, answer: shown } = judgement;
  return { facts, outcome, answer: shown, released, ...recordedComparison(compared) };
}

function recordedComparison(compared: Counterfactual | undefined) {
  return compared === undefined ? {} : { counterfactual: compared.recorded };
}

function refused(verdicts: readonly Verdict[], answer: unknown): Sealed {
  return { facts: refusedOutcome(verdicts), outcome: null, answer, released: null };
}

function inReview(
  { gates, recorded }: Reenactment,
  verdicts: readonly Verdict[],
  judgement: Judgement,
  compared?: Counterfactual,
): Sealed {
  const facts = outcomeFacts(gates.type.config, judgement, {
    ...(compared === undefined ? {} : { counterfactual: compared.result }),
    decidedBy: 'gate',
    releasedDigest: null,
    // Minted on the day: it names the task, and decides nothing.
    reviewTask: recorded.outcome.facts.reviewTask,
    status: 'in_review',
    verdicts,
  });
  const { outcome, answer } = judgement;
  return { facts, outcome, answer, released: null, ...recordedComparison(compared) };
}

/** Why nobody answered: no endpoint was lawful (any more), or none of those that were did. */
function routeVerdict(
  { recorded, gates, label, trace }: Reenactment,
  attempts: readonly RecordedAttempt[],
): StopVerdict {
  const { outcome } = recorded;
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

/** The sweeper sealed it. */
export function isInterrupted({ verdicts, decidedBy }: OutcomeFacts): boolean {
  const [only, ...others] = verdicts;
  const isOnly = only?.kind === 'refuse' && only.reasons[0] === 'INTERRUPTED' && others.length === 0;
  return decidedBy === 'gate' && isOnly;
}

/** What people answered is taken from the record; what follows from it is made again. */
function repeatReview(
  { recorded, gates, trace }: Reenactment,
  { review, counted, first, before, after }: RecordedReview,
): void {
  const { facts, payload, at } = review;
  if (before === null || after === null) {
    trace.facts('review', at, 'a review', 'a review between two outcomes');
    return;
  }
  const answers = [...counted, review];
  const reached = tally(answers.map(counts), facts.quorum ?? { agree: 1, answers: 1 });
  if (reached.kind !== 'reached') {
    trace.facts('review', at, 'an outcome', reached.kind);
    return;
  }
  const decision = {
    decisionId: recorded.decisionId,
    decisionType: gates.type.config.name,
    task: facts.task,
  };
  const again = reviewedOutcome(decision, before, reached);
  for (const answer of answers) {
    const override = isOverride(before.payload, answer.payload.verdict);
    trace.facts('review', `${answer.at}/header/facts/override`, answer.facts.override, override);
  }
  if (first !== null) {
    const changed = first.payload.verdict !== payload.verdict;
    trace.facts('review', `${at}/header/facts/changed`, facts.changed, changed);
  }
  const { outcome, answer, released } = again.payload;
  compare(trace, 'review', after, { facts: again.facts, outcome, answer, released });
}

function counts({ facts, payload }: RecordedAnswerOf): CountedAnswer {
  return { verdict: payload.verdict, reasonCodes: facts.reasonCodes };
}

function compare(trace: Trace, step: string, { at, facts, payload }: RecordedOutcome, sealed: Sealed): void {
  trace.facts(step, `${at}/header/facts`, facts, sealed.facts);
  const place = `${at}/payload`;
  const text = (value: unknown) => JSON.stringify(value ?? null);
  trace.content(step, `${place}/outcome`, payload?.outcome ?? null, sealed.outcome);
  trace.content(step, `${place}/answer`, text(payload?.answer), text(sealed.answer));
  const comparison = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  const recorded = comparison(payload?.counterfactual);
  trace.content(step, `${place}/counterfactual`, recorded, comparison(sealed.counterfactual));
  trace.content(
    step === 'outcome' ? 'released' : step,
    `${place}/released`,
    payload?.released ?? null,
    sealed.released,
  );
}
