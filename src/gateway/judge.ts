import { readJson } from '../decision/json.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { decide as decideBand } from '../confidence/gate.ts';
import type { TaskOrigin } from '../confidence/review-task.ts';
import type { Band, DecisionStatus } from '../decision/entry.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { type StopVerdict, type Verdict, pass, stop } from '../decision/verdict.ts';
import type { ChatAnswer, ToolCall } from '../models/openai/chat.ts';
import { canaryFinding, carriesCanary } from '../validation/canary.ts';
import type { ProfileBounds } from '../validation/output/anomaly/profile.ts';
import type { OutputFilter } from '../validation/output-filter.ts';
import type { ModelAnswer } from './dialect.ts';
import { profileAnswer, type ProfiledAnswer, withProfile } from './output-profile.ts';

/** What the deterministic gates after the model make of its answer. */
export interface Judgement {
  readonly status: DecisionStatus;
  readonly verdicts: readonly Verdict[];
  readonly outcome: string | null;
  /** The answer after the output filter: the parsed JSON where it is JSON, otherwise its text. */
  readonly answer: unknown;
  /** The same as text, and what remains of the tool calls. */
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly score: { readonly value: number; readonly source: string } | null;
  readonly band: Band | null;
  readonly reviewOrigin: TaskOrigin | null;
  /** How it compares to the answers before it; only of types that keep a profile. */
  readonly profiled?: ProfiledAnswer;
}

/** What of a decision's own input its answer is filtered with. */
export function judgeContext(
  texts: readonly SurfaceText[],
  { marker, canary = null }: { readonly marker: string | null; readonly canary?: string | null },
) {
  return {
    // A value planted in hidden text is not the subject's own.
    ownTexts: texts.filter((part) => part.hidden !== true).map((part) => part.text),
    // Only somebody who repeats the prompt knows either.
    canaries: [marker, canary].filter((seal) => seal !== null),
  };
}

/**
 * The judgement of an embedding. A vector recommends nothing about anybody, so there is nothing to band and no
 * outcome: I5 speaks of decisions, and this is none. It is released once it has been read as what was asked
 * for, one vector of finite numbers for each text; there is no text in it that the output filter could read.
 */
const embedded: Judgement = {
  status: 'decided',
  verdicts: [pass('output')],
  outcome: null,
  answer: null,
  text: '',
  toolCalls: [],
  score: null,
  band: null,
  reviewOrigin: null,
};

/**
 * Everything that happens between the raw answer and its release. Pure: the same answer, type and
 * inputs give the same judgement, years later too (I7).
 */
export function judge(
  answer: ModelAnswer,
  type: DecisionType,
  filter: OutputFilter,
  context: {
    ownTexts: readonly string[];
    canaries: readonly string[];
    /** What the check of its tool calls came to; where there was none, no call may be made. */
    toolStop?: StopVerdict | null;
    /** What is usual of such answers; left out or null where nothing is known of that. */
    profile?: ProfileBounds | null;
  },
): Judgement {
  if (answer.kind === 'embedding') return embedded;
  const masked = withoutCanaries(filterAnswer(answer, type, filter, context), answer, context.canaries);
  const profiled = profileAnswer(answer, parseJson(answer.text), type, context.profile ?? null);
  const filtered = { ...masked, verdict: withProfile(masked.verdict, profiled) };
  const base = {
    ...(profiled === null ? {} : { profiled }),
    answer: filtered.parsed ?? filtered.text,
    text: filtered.text,
    toolCalls: filtered.toolCalls,
  };
  const unbanded = { ...base, score: null, band: null };
  const { toolStop = unchecked(answer) } = context;
  const stopped = toolStop === null ? [] : [toolStop];
  if (filtered.verdict.kind === 'refuse' || toolStop?.kind === 'refuse') {
    return {
      ...unbanded,
      status: 'refused',
      verdicts: [filtered.verdict, ...stopped],
      outcome: null,
      reviewOrigin: null,
    };
  }
  if (toolStop === null && filtered.verdict.kind === 'pass' && isLookUp(answer, type)) {
    return {
      ...unbanded,
      status: 'decided',
      verdicts: [filtered.verdict],
      outcome: null,
      reviewOrigin: null,
    };
  }
  const unfit = toolStop ?? outputProblem(answer, filtered.parsed, type);
  if (unfit) {
    const verdicts = [filtered.verdict, unfit];
    return { ...unbanded, status: 'in_review', verdicts, outcome: null, reviewOrigin: 'output' };
  }
  const outcome = readOutcome(filtered.parsed, type.config.outcome.field);
  const banded = decideBand({
    answer: { parsed: filtered.parsed, text: answer.text, logprobs: answer.logprobs },
    outcome: type.config.outcome,
    score: type.config.score,
    bands: type.config.bands,
  });
  const { score, band } = banded;
  const verdicts = [filtered.verdict, banded.verdict];
  if (filtered.verdict.kind === 'review') {
    return { ...base, score, band, status: 'in_review', verdicts, outcome, reviewOrigin: 'output' };
  }
  return {
    ...base,
    score,
    band,
    status: banded.status,
    verdicts,
    outcome,
    reviewOrigin: banded.origin,
  };
}

function filterAnswer(
  answer: ChatAnswer,
  type: DecisionType,
  filter: OutputFilter,
  context: { ownTexts: readonly string[]; canaries: readonly string[] },
) {
  const options = { ...context, actions: type.config.output };
  const parsed = parseJson(answer.text);
  const body =
    parsed === null
      ? filter.filterText({ text: answer.text, ...options })
      : filter.filterValue({ value: parsed, ...options });
  const calls = answer.toolCalls.map((call) => {
    const value = parseJson(call.arguments);
    const result =
      value === null
        ? filter.filterText({ text: call.arguments, ...options })
        : filter.filterValue({ value, ...options });
    return {
      result,
      call: { ...call, arguments: 'text' in result ? result.text : JSON.stringify(result.value) },
    };
  });
  const verdicts = [body.verdict, ...calls.map((c) => c.result.verdict)];
  return {
    verdict: strictest(verdicts),
    // Written again from the parsed value, so that no escape or duplicate key hides what was filtered.
    text: 'text' in body ? body.text : JSON.stringify(body.value),
    parsed: 'text' in body ? null : body.value,
    toolCalls: calls.map((c) => c.call),
  };
}

/** Whoever repeats the prompt has been turned: nothing of such an answer is released, whatever becomes of other secrets. */
function withoutCanaries<Filtered extends { readonly verdict: Verdict }>(
  filtered: Filtered,
  { text, toolCalls }: ChatAnswer,
  canaries: readonly string[],
): Filtered {
  const { verdict } = filtered;
  if (verdict.kind === 'refuse') return filtered;
  const parts = [
    ['/output', text] as const,
    ...toolCalls.map(
      ({ id, name, arguments: given }, i) => [`/tool_calls/${i}`, `${id}\n${name}\n${given}`] as const,
    ),
  ];
  const carried = parts.filter(([, part]) => canaries.some((canary) => carriesCanary(part, canary)));
  const decoded = verdict.findings.filter(({ rule }) => rule === 'canary');
  if (carried.length === 0 && decoded.length === 0) return filtered;
  const findings = [...decoded, ...carried.map(([origin, part]) => canaryFinding(origin, part))];
  return { ...filtered, verdict: stop('refuse', 'output', 'OUTPUT_SECRET', { findings }) };
}

function strictest(verdicts: readonly [Verdict, ...Verdict[]] | readonly Verdict[]): Verdict {
  const order = ['refuse', 'review', 'pass'] as const;
  for (const kind of order) {
    const first = verdicts.find((verdict) => verdict.kind === kind);
    if (first) return { ...first, findings: verdicts.flatMap((verdict) => verdict.findings) };
  }
  return stop('refuse', 'output', 'OUTPUT_FILTER_FAILED');
}

/**
 * The model only asks the application to look something up. That recommends nothing about anybody, so there is
 * nothing to band (I5 speaks of decisions); a call that writes is one, and needs a band like any other.
 */
function isLookUp({ text, toolCalls }: ChatAnswer, { tools }: DecisionType): boolean {
  const effects = toolCalls.map(({ name }) => tools?.tools.get(name)?.config.effect);
  return text === '' && effects.length > 0 && effects.every((effect) => effect === 'read');
}

function unchecked({ toolCalls }: ChatAnswer): StopVerdict | null {
  return toolCalls.length === 0
    ? null
    : stop('refuse', 'tools', 'TOOL_NOT_ALLOWED', { detail: 'a call unasked for' });
}

function outputProblem(answer: ChatAnswer, parsed: unknown, type: DecisionType): StopVerdict | null {
  const unparsable = (detail: string) => stop('review', 'output', 'OUTPUT_UNPARSABLE', { detail });
  if (answer.isRefusal) return unparsable('the model refused to answer');
  if (type.outputSchema !== null && !type.matchesOutputSchema(parsed)) {
    return unparsable('the answer does not match output.schema.json');
  }
  return null;
}

function readOutcome(parsed: unknown, field: string): string | null {
  if (typeof parsed !== 'object' || parsed === null) return null;
  const value: unknown = (parsed as Record<string, unknown>)[field];
  return typeof value === 'string' ? value : null;
}

/** An object or array as JSON; null for anything else, which is then treated as text. */
function parseJson(text: string): unknown {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return null;
  return readJson(text);
}
