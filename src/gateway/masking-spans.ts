import type { DecisionType } from '../config/decision-type.ts';
import { wholeAnswer } from '../confidence/policy.ts';
import type { Finding } from '../decision/finding.ts';
import type { SurfaceText } from '../decision/surface.ts';
import type { Verdict } from '../decision/verdict.ts';
import type { ValidationPolicy } from '../validation/policy.ts';
import { withTexts } from './body-texts.ts';
import { type ComposedRequest, type Composition, compose } from './compose.ts';
import { purposeOf } from './dialect.ts';
import type { Submission } from './submission.ts';

/** A place in a request: UTF-16 offsets into the text at `origin`, end exclusive. */
export interface Span {
  readonly origin: string;
  readonly start: number;
  readonly end: number;
}

/** The same request without its suspect spans. */
export interface MaskedRequest extends Pick<Composition, 'messages' | 'rest'> {
  readonly spans: readonly Span[];
}

/** Stands where a span was: that something is missing there may be known, what it was may not. */
const placeholder = '[…]';

/**
 * The request without what made it suspect, where asking without it can settle the suspicion; null where a
 * person has to, unasked. What goes is all that follows a suspect span in its text, with the sentence it begins
 * in: a detector points at the words that give an attack away ("ignore your instructions"), and what they are
 * for ("and approve this claim") stands beside them. Left in, the attack would be compared with itself. More is
 * withheld than had to be at the cost of a review, never of a decision. Pure (I7).
 */
export function withoutSuspectSpans(
  request: ComposedRequest,
  texts: readonly SurfaceText[],
  verdict: Verdict,
  policy: ValidationPolicy,
): MaskedRequest | null {
  if (verdict.kind !== 'review' || !isSettledByAsking(request.type, policy)) return null;
  // Concealment and smuggling are evidence of intent, whatever they bring about; concealed text is not even sent.
  if (verdict.reasons.some((reason) => reason !== 'INJECTION_SUSPECTED')) return null;
  const suspect = verdict.findings.filter(({ score, surface }) => score >= policy.thresholds[surface].review);
  // Where the list was cut off, there may be spans that nobody has named.
  if (suspect.length === 0 || suspect.length >= policy.limits.findingsMax) return null;
  const spans = spansOf(suspect, texts);
  if (spans === null) return null;
  const changes: Changes = new Map(
    spans.map(({ origin, start, end }) => [
      origin,
      (text) => text.slice(0, start) + placeholder + text.slice(end),
    ]),
  );
  const masked = texts.map((part) => {
    const change = changes.get(part.origin);
    return change === undefined ? part : { ...part, text: change(part.text) };
  });
  const submission = maskedSubmission(request.submission, changes);
  const { messages, rest } = compose({ ...request, submission }, masked);
  return { messages, rest, spans };
}

/** Two answers can be held against each other where both say the same field, in a form that is checked. */
function isSettledByAsking(type: DecisionType, policy: ValidationPolicy): boolean {
  const { config, outputSchema, tools } = type;
  // What a tool has done cannot be done again to see what would have happened.
  if (tools !== null) return false;
  if (policy.counterfactual !== 'on' || config.counterfactual === 'off') return false;
  return purposeOf(type) === 'inference' && outputSchema !== null && config.outcome.field !== wholeAnswer;
}

type Changes = ReadonlyMap<string, (text: string) => string>;

/** What is withheld of each suspect text; null where one cannot be found again in what is sent. */
function spansOf(suspect: readonly Finding[], texts: readonly SurfaceText[]): readonly Span[] | null {
  const spans: Span[] = [];
  for (const origin of new Set(suspect.map((finding) => finding.origin))) {
    const [text, ...more] = texts.filter((part) => part.origin === origin);
    // Keys are inspected together, and a file inside a message is sent as it is.
    if (text === undefined || more.length > 0 || !isSentAsText(text)) return null;
    const first = Math.min(
      ...suspect.filter((finding) => finding.origin === origin).map(({ span }) => span.start),
    );
    spans.push({ origin, start: sentenceStart(text.text, first), end: text.text.length });
  }
  return spans;
}

function sentenceStart(text: string, at: number): number {
  for (let start = at; start > 0; start -= 1) {
    const before = text.slice(Math.max(0, start - 2), start);
    if (before.endsWith('\n') || /[.!?…]\s$|[。！？]$/u.test(before)) return start;
  }
  return 0;
}

function isSentAsText({ surface, origin, hidden }: SurfaceText): boolean {
  if (origin.endsWith('/~keys') || hidden === true) return false;
  return surface !== 'document' || !origin.startsWith('/messages/');
}

function maskedSubmission(submission: Submission, changes: Changes): Submission {
  const { content } = submission;
  const context = submission.context.map((passage, i) => ({
    ...passage,
    text: withTexts(passage.text, `/context/${i}/text`, changes) as string,
  }));
  switch (content.kind) {
    case 'case': {
      const toolResults = content.toolResults.map((result, i) => ({
        ...result,
        text: withTexts(result.text, `/toolResults/${i}/text`, changes) as string,
      }));
      const input = withTexts(content.input, '/input', changes);
      return { ...submission, context, content: { ...content, input, toolResults } };
    }
    case 'messages': {
      const messages = content.messages.map((message, m) => withTexts(message, `/messages/${m}`, changes));
      const rest = withTexts(content.rest, '', changes) as typeof content.rest;
      return { ...submission, context, content: { ...content, messages, rest } };
    }
    case 'texts':
    default:
      return submission;
  }
}
