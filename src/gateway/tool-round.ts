import { isObject } from '../decision/json.ts';
import type { RecordedToolCall } from '../audit/payload-content.ts';
import type { DecisionType } from '../config/decision-type.ts';
import { digestOf } from '../decision/canonical.ts';
import type { ToolCallFacts, ToolFacts } from '../decision/entry.ts';
import type { SurfaceKind, SurfaceText } from '../decision/surface.ts';
import { type StopVerdict, type Verdict, pass, stop } from '../decision/verdict.ts';
import { checkCall } from '../tools/call-check.ts';
import type { Tool } from '../tools/declaration.ts';
import { type Offer, offerTools } from '../tools/offer.ts';
import type { ModelAnswer } from './dialect.ts';
import type { Submission } from './submission.ts';
import { delimitToolMessages } from './tool-messages.ts';
import { provenanceOf } from './tool-provenance.ts';

/*
 * What happens between two calls to a model, as pure steps: the loop takes them on the day, a replay takes them
 * again from the record, without running any tool (I7).
 */

/** One call to the model, and what of tools it is made under. */
export interface Round {
  /** 1 for the call that the request itself leads to. */
  readonly number: number;
  readonly offer: Offer;
  /** Names of tools that the request brought, and what it says of choosing among them. */
  readonly named: ReadonlySet<string>;
  readonly choices: Readonly<Record<string, unknown>>;
  readonly surfaces: ReadonlySet<SurfaceKind>;
  readonly trusted: readonly string[];
  /** What was said after the composed messages: calls and their results. */
  readonly said: readonly unknown[];
  /** Results of this decision's tools, to be inspected together. */
  readonly results: readonly SurfaceText[];
  /** Calls whose results this round shows the model. */
  readonly calls: readonly RecordedToolCall[];
  /** Of the rounds before, after those on the request. */
  readonly verdicts: readonly Verdict[];
}

/** A call that may be made. */
export interface AdmittedCall {
  readonly tool: Tool;
  readonly arguments: string;
}

export type WeighedAnswer =
  /** The answer goes to the gates that follow; `stop` says that one of its tool calls may not be made. */
  | { readonly kind: 'final'; readonly stop: StopVerdict | null }
  | { readonly kind: 'calls'; readonly calls: readonly AdmittedCall[] };

/** Most calls in one answer. */
const callsMax = 16;

export function firstRound(type: DecisionType, submission: Submission, texts: readonly SurfaceText[]): Round {
  const { surfaces, trusted } = provenanceOf(type, submission, texts);
  const named = new Set(namesOf(submission));
  const offer = offerTools(type.tools, surfaces, named);
  const choices = choicesOf(submission, offer);
  return {
    number: 1,
    offer,
    named,
    choices,
    surfaces,
    trusted,
    said: [],
    results: [],
    calls: [],
    verdicts: [],
  };
}

/** The fields of a request that are not about tools. The others are written anew for each round. */
export function withoutTools(rest: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { tools: _tools, tool_choice: _choice, parallel_tool_calls: _parallel, ...others } = rest;
  return others;
}

/** A choice of a tool that is withdrawn is left out with it. */
function choicesOf({ content }: Submission, { offered }: Offer): Readonly<Record<string, unknown>> {
  if (content.kind !== 'messages') return {};
  const { tool_choice: choice, parallel_tool_calls: parallel } = content.rest;
  const isMade = choice !== undefined && (!isObject(choice) || offered.includes(nameOf(choice)));
  return {
    ...(isMade ? { tool_choice: choice } : {}),
    ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
  };
}

/** A request may only bring tools of the allow-list; what they are is the declaration's to say, not the request's. */
export function closedTools(submission: Submission, { tools }: DecisionType): StopVerdict | null {
  const unknown = namesOf(submission).filter((name) => tools?.tools.has(name) !== true).length;
  const detail = `${unknown} of the request's tools`;
  return unknown === 0 ? null : stop('refuse', 'tools', 'TOOL_NOT_ALLOWED', { detail });
}

function namesOf({ content }: Submission): string[] {
  if (content.kind !== 'messages') return [];
  const { tools, tool_choice: choice } = content.rest;
  return [...(Array.isArray(tools) ? tools : []), ...(isObject(choice) ? [choice] : [])].map(nameOf);
}

/** What has no name is on no list. */
function nameOf(given: unknown): string {
  const named = isObject(given) ? given['function'] : undefined;
  const name = isObject(named) ? named['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

/** Messages and fields of the request of one round. */
export function roundRequest(
  { offer, said, choices }: Round,
  { tools }: DecisionType,
  composed: {
    readonly messages: readonly unknown[];
    readonly rest: Readonly<Record<string, unknown>>;
    readonly marker: string | null;
  },
): { readonly messages: readonly unknown[]; readonly rest: Readonly<Record<string, unknown>> } {
  const { rest, marker } = composed;
  const offered = offer.offered.flatMap((id) => tools?.tools.get(id) ?? []);
  const messages = [...composed.messages, ...delimitToolMessages(said, marker)];
  if (offered.length === 0) return { messages, rest };
  const declared = offered.map(({ config: { id, description, parameters } }) => {
    return { type: 'function', function: { name: id, description, parameters } };
  });
  // A choice that forces a call is for the first round: with it the model could never answer.
  return { messages, rest: { ...rest, tools: declared, ...(said.length === 0 ? choices : {}) } };
}

/** What becomes of an answer: it is final, or its calls are made. */
export function weighAnswer(
  { number, offer, trusted }: Round,
  { tools }: DecisionType,
  answer: ModelAnswer,
): WeighedAnswer {
  if (answer.kind !== 'chat' || answer.toolCalls.length === 0) return { kind: 'final', stop: null };
  const stopped = (kind: StopVerdict['kind'], reason: StopVerdict['reasons'][0], detail: string) => {
    return { kind: 'final', stop: stop(kind, 'tools', reason, { detail }) } as const;
  };
  const calls: AdmittedCall[] = [];
  for (const call of answer.toolCalls) {
    const checked = checkCall(call, tools, offer, trusted);
    if (checked.kind === 'stopped') {
      const isOff = checked.reason === 'TOOL_NOT_ALLOWED';
      return stopped(
        isOff ? 'refuse' : (tools?.policy.onViolation ?? 'refuse'),
        checked.reason,
        checked.detail,
      );
    }
    calls.push(checked);
  }
  const toCaller = calls.filter(({ tool }) => tool.config.runs.kind === 'caller').length;
  if (toCaller === calls.length) return { kind: 'final', stop: null };
  if (toCaller > 0)
    return stopped('review', 'TOOL_NOT_ALLOWED', 'calls of the application and of ours in one answer');
  if (number > (tools?.policy.roundsMax ?? 0) || calls.length > callsMax)
    return stopped('review', 'TOOL_ROUNDS_EXCEEDED', `round ${number}, ${calls.length} calls`);
  return { kind: 'calls', calls };
}

/** Every result that the next call would show, with its place: `/tools/2/0` is the first of the second round. */
export function resultsAfter({ number, results }: Round, made: readonly RecordedToolCall[]): SurfaceText[] {
  const found = made.flatMap(({ result, scored }, i) => {
    if (result === null) return [];
    const text = { surface: 'tool_result' as const, origin: `/tools/${number}/${i}`, text: result };
    return [scored === undefined ? text : { ...text, scored }];
  });
  return [...results, ...found];
}

/** The calls with what a model of the operator's own made of their results, which stand last among the texts. */
export function withScores(
  made: readonly RecordedToolCall[],
  texts: readonly SurfaceText[],
): RecordedToolCall[] {
  const earlier = texts.length - made.length;
  return made.map((call, i) => {
    const scored = texts[earlier + i]?.scored;
    return scored === undefined ? call : { ...call, scored };
  });
}

/** A tool without a result: whoever decides must not take its silence for an answer (I6). */
export function failedCall(made: readonly RecordedToolCall[]): StopVerdict | null {
  const failed = made.find(({ result }) => result === null);
  if (failed === undefined) return null;
  return stop('review', 'tools', 'TOOL_FAILED', { detail: `${failed.tool}: ${failed.status}` });
}

/** The round that shows the model what its calls came to, once their results have passed validation. */
export function nextRound(
  round: Round,
  { tools }: DecisionType,
  answer: Extract<ModelAnswer, { kind: 'chat' }>,
  done: { readonly made: readonly RecordedToolCall[]; readonly verdict: Verdict },
): Round {
  const { made, verdict } = done;
  const isTrusted = ({ tool }: RecordedToolCall) => tools?.tools.get(tool)?.config.result === 'trusted';
  const surfaces = new Set(round.surfaces);
  if (!made.every(isTrusted)) surfaces.add('tool_result');
  const vouched = made.filter(isTrusted).flatMap(({ result }) => (result === null ? [] : [result]));
  return {
    number: round.number + 1,
    offer: offerTools(tools, surfaces, round.named),
    named: round.named,
    choices: round.choices,
    surfaces,
    trusted: [...round.trusted, ...vouched],
    said: [...round.said, ...conversationOf(round.number, answer.text, made)],
    results: resultsAfter(round, made),
    calls: made,
    verdicts: [...round.verdicts, pass('tools'), verdict],
  };
}

/** Ids of calls are ours: what a model gives may be doubled, or hold anything. */
function conversationOf(number: number, text: string, made: readonly RecordedToolCall[]): unknown[] {
  const idOf = (i: number) => `call_${number}_${i}`;
  const calls = made.map(({ tool, arguments: given }, i) => {
    return { id: idOf(i), type: 'function', function: { name: tool, arguments: given } };
  });
  return [
    { role: 'assistant', content: text === '' ? null : text, tool_calls: calls },
    ...made.map(({ result }, i) => ({ role: 'tool', tool_call_id: idOf(i), content: result ?? '' })),
  ];
}

/** What an intent says of tools; null for a type that has none. */
export function toolFacts({ number, offer, calls }: Round, { tools }: DecisionType): ToolFacts | null {
  if (tools === null) return null;
  const { offered, withheld } = offer;
  return { calls: calls.map((call) => callFacts(call)), offered, round: number, withheld };
}

/** Keys stand in the order of canonical JSON. */
function callFacts(call: RecordedToolCall): ToolCallFacts {
  return {
    argumentsDigest: digestOf(call.arguments),
    callId: call.callId,
    durationMs: call.durationMs,
    resultDigest: call.result === null ? null : digestOf(call.result),
    status: call.status,
    tool: call.tool,
  };
}

/** What a seal says of calls that no intent holds; nothing where there are none. */
export function madeFacts({ toolCalls = [] }: { readonly toolCalls?: readonly RecordedToolCall[] }) {
  return toolCalls.length === 0 ? {} : { toolCalls: toolCalls.map((call) => callFacts(call)) };
}

export function madePayload({ toolCalls = [] }: { readonly toolCalls?: readonly RecordedToolCall[] }) {
  return toolCalls.length === 0 ? {} : { toolCalls };
}
