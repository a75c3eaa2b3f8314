import type {
  IntentPayload,
  OutcomePayload,
  RecordedAnswer,
  RecordedCounterfactual,
  RecordedInput,
} from '../audit/payload-content.ts';
import type { DecisionStory, ToldEntry } from '../audit/story.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { OutcomeFacts } from '../decision/entry.ts';
import type { Digest } from '../decision/ids.ts';
import type { Verdict } from '../decision/verdict.ts';

/**
 * What a reviewer sees of a case. Nothing of who decided it already, of its band or its score, or of what other
 * reviewers said: planted and audited cases look like any other, and answers are independent.
 */
export interface ReviewEvidence {
  readonly decisionType: string;
  readonly jurisdiction: string | null;
  readonly dataClass: string | null;
  /** Why the content is lawfully not there any more; null otherwise. */
  readonly gone: 'erased' | 'expired' | null;
  readonly request: Pick<RecordedInput, 'route' | 'body' | 'documents' | 'context'> | null;
  /** What the gates before the model saw in the request. */
  readonly findings: readonly Verdict[];
  /** What the model made of it; null where that is not shown, or nothing came. */
  readonly model: {
    readonly outcome: string | null;
    readonly answer: unknown;
    readonly findings: readonly Verdict[];
    /** Both answers of a decision that was asked twice. */
    readonly counterfactual:
      | (Pick<RecordedCounterfactual, 'spans'> & {
          readonly asIs: ShownAnswer | null;
          readonly masked: ShownAnswer | null;
        })
      | null;
  } | null;
}
type ShownAnswer = Pick<RecordedAnswer, 'answer' | 'outcome'>;

const beforeTheModel = new Set(['label', 'validation']);
const behindTheModel = new Set(['output', 'tools']);

export function evidenceOf(
  story: DecisionStory,
  type: DecisionType,
  { showsModel }: { readonly showsModel: boolean },
): { evidence: ReviewEvidence; evidenceHash: Digest } {
  const first = story.entries[0]?.header;
  const sealed = story.entries.find(({ header }) => header.type === 'outcome');
  const verdicts = (sealed?.header.facts as OutcomeFacts | undefined)?.verdicts ?? [];
  const gone = story.entries.find(({ state }) => state === 'erased' || state === 'expired')?.state;
  const evidence: ReviewEvidence = {
    decisionType: type.config.name,
    jurisdiction: first?.jurisdiction ?? null,
    dataClass: first?.dataClass ?? null,
    gone: gone === 'erased' || gone === 'expired' ? gone : null,
    request: requestOf(story.entries),
    findings: verdicts.filter(({ gate }) => beforeTheModel.has(gate)),
    model: showsModel ? modelOf(sealed, verdicts, type) : null,
  };
  return { evidence, evidenceHash: digestOf(canonicalJson(evidence)) };
}

function requestOf(entries: readonly ToldEntry[]): ReviewEvidence['request'] {
  for (const { header, payload } of entries) {
    if (header.type !== 'intent' && header.type !== 'outcome') continue;
    const request = (payload as IntentPayload | OutcomePayload | null)?.request;
    if (request == null) continue;
    const { route, body, documents, context } = request;
    return { route, body, documents, context };
  }
  return null;
}

function modelOf(
  sealed: ToldEntry | undefined,
  verdicts: readonly Verdict[],
  type: DecisionType,
): ReviewEvidence['model'] {
  const payload = sealed?.payload as OutcomePayload | null | undefined;
  if (payload == null) return null;
  const { counterfactual } = payload;
  const shown = (answer: RecordedAnswer | null) =>
    answer && { answer: withoutScore(answer.answer, type), outcome: answer.outcome };
  return {
    outcome: payload.outcome,
    answer: withoutScore(payload.answer, type),
    findings: verdicts.filter(({ gate }) => behindTheModel.has(gate)),
    counterfactual: counterfactual
      ? {
          spans: counterfactual.spans,
          asIs: shown(counterfactual.asIs),
          masked: shown(counterfactual.masked),
        }
      : null,
  };
}

/** A stated probability would tell which band the case fell into. */
function withoutScore(answer: unknown, { config }: DecisionType): unknown {
  const { score } = config;
  if (score.source !== 'field' || typeof answer !== 'object' || answer === null || Array.isArray(answer))
    return answer;
  return Object.fromEntries(Object.entries(answer).filter(([name]) => name !== score.field));
}
