import { isObject, readObject } from '../../decision/json.ts';
import { modelName, readUsage } from './reading.ts';

/** What we send: the caller's own fields first, then what the decision type fixes. */
export function chatRequest(options: {
  model: string;
  messages: readonly unknown[];
  parameters: Readonly<Record<string, string | number | boolean>>;
  /** The rest of a drop-in request (tools, response_format, …), already inspected. */
  rest?: Readonly<Record<string, unknown>>;
  logprobs: boolean;
}): Buffer {
  const body = {
    ...options.rest,
    model: options.model,
    messages: options.messages,
    ...options.parameters,
    ...(options.logprobs ? { logprobs: true } : {}),
    stream: false,
  };
  return Buffer.from(JSON.stringify(body));
}

export const chatPath = '/chat/completions';

export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
}

/** The parts of a chat completion that the gates look at, and all that may be released of it. */
export interface ChatAnswer {
  readonly kind: 'chat';
  readonly created: number;
  readonly model: string;
  readonly text: string;
  readonly isRefusal: boolean;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string;
  readonly logprobs: readonly TokenLogprob[] | null;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/**
 * Reads an OpenAI chat completion with exactly one choice; null when the bytes are none. A second
 * choice would be an answer that no gate has seen. Never throws on what a model sent.
 */
export function readChatAnswer(bytes: Buffer): ChatAnswer | null {
  const body = readObject(bytes);
  const choices = body?.['choices'];
  const choice: unknown = Array.isArray(choices) && choices.length === 1 ? choices[0] : undefined;
  if (!body || !isObject(choice) || !isObject(choice['message'])) return null;
  const { content, refusal, tool_calls: toolCalls } = choice['message'];
  const isRefusal = typeof content !== 'string' && typeof refusal === 'string';
  return {
    kind: 'chat',
    created: typeof body['created'] === 'number' ? body['created'] : 0,
    model: modelName(body['model']),
    text: isRefusal ? refusal : text(content, ''),
    isRefusal,
    toolCalls: readToolCalls(toolCalls),
    finishReason: finishReason(choice['finish_reason']),
    logprobs: readLogprobs(choice['logprobs']),
    usage: readUsage(body['usage']),
  };
}

/**
 * The completion as released to a drop-in client: known fields only, so that nothing reaches the
 * client that no gate has seen. Log-probabilities spell the text again and are left out.
 */
export function writeChatAnswer(
  id: string,
  answer: ChatAnswer,
  filtered: { text: string; toolCalls: readonly ToolCall[] },
) {
  const content = filtered.text === '' && filtered.toolCalls.length > 0 ? null : filtered.text;
  const calls = filtered.toolCalls.map((call) => ({
    id: call.id,
    type: 'function' as const,
    function: { name: call.name, arguments: call.arguments },
  }));
  const message = {
    role: 'assistant' as const,
    content: answer.isRefusal ? null : content,
    refusal: answer.isRefusal ? filtered.text : null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const usage = answer.usage ?? { inputTokens: 0, outputTokens: 0 };
  return {
    id,
    object: 'chat.completion' as const,
    created: answer.created,
    model: answer.model,
    choices: [{ index: 0, message, finish_reason: answer.finishReason, logprobs: null }],
    usage: {
      prompt_tokens: usage.inputTokens,
      completion_tokens: usage.outputTokens,
      total_tokens: usage.inputTokens + usage.outputTokens,
    },
  };
}

const finishReasons = new Set(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']);

function finishReason(value: unknown): string {
  return typeof value === 'string' && finishReasons.has(value) ? value : 'stop';
}

function readToolCalls(value: unknown): ToolCall[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((call: unknown) => {
    const fn = isObject(call) ? call['function'] : undefined;
    if (!isObject(call) || !isObject(fn)) return [];
    return [{ id: text(call['id'], ''), name: text(fn['name'], ''), arguments: text(fn['arguments'], '') }];
  });
}

function readLogprobs(value: unknown): TokenLogprob[] | null {
  const content: unknown = isObject(value) ? value['content'] : undefined;
  if (!Array.isArray(content)) return null;
  const tokens: TokenLogprob[] = [];
  for (const item of content) {
    if (!isObject(item) || typeof item['token'] !== 'string' || typeof item['logprob'] !== 'number')
      return null;
    tokens.push({ token: item['token'], logprob: item['logprob'] });
  }
  return tokens;
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
