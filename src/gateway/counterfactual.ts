import type { RecordedAnswer, RecordedCounterfactual } from '../audit/payload-content.ts';
import type { CounterfactualResult } from '../decision/entry.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { type StopVerdict, type Verdict, pass, stop } from '../decision/verdict.ts';
import type { Judgement } from './judge.ts';
import type { Span } from './masking-spans.ts';
import { unaskedJudgement } from './outcome.ts';

/** What one of the two calls came to: the judgement of its answer, or why there is none. */
export type Answered = Judgement | StopVerdict;

/** What asking twice has shown, and what becomes of the decision. */
export interface Counterfactual {
  readonly result: CounterfactualResult;
  /** Where nothing hangs on the spans, that of the answer that never saw them; a person's task otherwise. */
  readonly judgement: Judgement;
  /** For the record, and for the person. */
  readonly recorded: RecordedCounterfactual;
}

/**
 * Holds the answer to the request as it is against that to the request without its suspect spans. Outcome, band
 * and status must be equal: a span that lifts a score over a threshold has changed the decision as well. Then
 * the answer that never saw the spans goes on, so that nothing of them is in what is released. Whatever cannot
 * be compared is for a person (I6). Pure: a replay makes it again from the record (I7).
 * @param masked null where the second call was not made, because the first gave no answer
 */
export function compareAnswers(
  asIs: Answered,
  masked: Answered | null,
  asked: { readonly spans: readonly Span[]; readonly texts: readonly SurfaceText[] },
): Counterfactual {
  const { result, verdict } = verdictOn(asIs, masked);
  const spans = asked.spans.map(({ origin, start, end }) => ({ origin, start, end }));
  const recorded = { spans, asIs: shown(asIs), masked: masked && shown(masked) };
  if (result === 'unchanged' && masked !== null && isJudgement(masked)) {
    return { result, recorded, judgement: { ...masked, verdicts: [verdict, ...masked.verdicts] } };
  }
  const judgement = isJudgement(asIs) ? asIs : unaskedJudgement(asked.texts);
  const verdicts = [verdict, ...judgement.verdicts];
  return {
    result,
    recorded,
    judgement: { ...judgement, verdicts, status: 'in_review', reviewOrigin: 'validation' },
  };
}

function verdictOn(
  asIs: Answered,
  masked: Answered | null,
): { readonly result: CounterfactualResult; readonly verdict: Verdict } {
  const unusable = whyUnusable('as it is', asIs) ?? (masked && whyUnusable('masked', masked));
  if (unusable !== null || masked === null || !isJudgement(asIs) || !isJudgement(masked)) {
    const detail = unusable === null ? {} : { detail: unusable };
    return {
      result: 'incomplete',
      verdict: stop('review', 'validation', 'COUNTERFACTUAL_INCOMPLETE', detail),
    };
  }
  const differs = (['outcome', 'band', 'status'] as const).find((what) => asIs[what] !== masked[what]);
  if (differs === undefined) return { result: 'unchanged', verdict: pass('validation') };
  return {
    result: 'changed',
    verdict: stop('review', 'validation', 'COUNTERFACTUAL_CHANGED', { detail: differs }),
  };
}

/** Code of why nothing can be read out of an answer; null where its outcome can. */
function whyUnusable(variant: string, answered: Answered): string | null {
  if (!isJudgement(answered)) return `${variant}: ${answered.reasons[0]}`;
  if (answered.status !== 'refused' && answered.outcome !== null) return null;
  const stopped = answered.verdicts.find((verdict): verdict is StopVerdict => verdict.kind !== 'pass');
  return `${variant}: ${stopped?.reasons[0] ?? 'OUTPUT_UNPARSABLE'}`;
}

function isJudgement(answered: Answered): answered is Judgement {
  return 'status' in answered;
}

/** An answer that the output filter refused is shown to nobody. */
function shown(answered: Answered): RecordedAnswer | null {
  if (!isJudgement(answered) || answered.status === 'refused') return null;
  const { answer, outcome, band, score } = answered;
  return { answer, outcome, band, score: score?.value ?? null };
}
