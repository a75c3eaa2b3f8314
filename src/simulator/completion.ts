import { createHash } from 'node:crypto';
import {
  answerMessages,
  embeddingModel,
  isModelId,
  type ModelAnswer,
  type ModelId,
  modelVersions,
} from './answer.ts';
import { isJsonObject, parseJson } from './json-value.ts';
import { type PromptMessage, readMessages } from './prompt.ts';

/** An answer in the shape of the OpenAI API: its status and the body to be sent as JSON. */
export interface DialectAnswer {
  readonly status: number;
  readonly body: unknown;
}

// The models' release date, 2026-11-01: the same request must give the same bytes.
const createdS = 1_793_491_200;

/** `GET /v1/models`. */
export function listModels(): DialectAnswer {
  const data = [...Object.keys(modelVersions), embeddingModel.id].map((id) => ({
    id,
    object: 'model',
    created: createdS,
    owned_by: 'simulator',
  }));
  return { status: 200, body: { object: 'list', data } };
}

/**
 * `POST /v1/chat/completions`.
 * @param forcedModel answers in place of the model that the request names
 */
export function completeChat(bytes: Buffer, forcedModel: ModelId | null): DialectAnswer {
  const request = parseJson(bytes.toString('utf8'));
  if (!isJsonObject(request))
    return dialectError(400, 'invalid_request_error', 'The body is not a JSON object.');
  const messages = readMessages(request);
  if (messages === null) return dialectError(400, 'invalid_request_error', '"messages" is missing.');
  if (request['stream'] === true) {
    return dialectError(400, 'invalid_request_error', 'The simulator does not stream.');
  }
  const model = forcedModel ?? request['model'];
  if (!isModelId(model)) return dialectError(404, 'model_not_found', 'There is no such model here.');
  const answer = answerMessages(model, messages);
  const alternatives = request['logprobs'] === true ? readTopLogprobs(request['top_logprobs']) : null;
  return { status: 200, body: completion(bytes, model, messages, answer, alternatives) };
}

/** An error in OpenAI's envelope. */
export function dialectError(status: number, code: string, message: string): DialectAnswer {
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  return { status, body: { error: { message, type, param: null, code } } };
}

function completion(
  bytes: Buffer,
  model: ModelId,
  messages: readonly PromptMessage[],
  answer: ModelAnswer,
  alternatives: number | null,
) {
  const promptTokens = messages.reduce((sum, { text }) => sum + tokenize(text).length, 0);
  const completionTokens = tokenize(answer.content).length;
  return {
    id: `chatcmpl-${createHash('sha256').update(bytes).digest('hex').slice(0, 24)}`,
    object: 'chat.completion',
    created: createdS,
    model: modelVersions[model],
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.content, refusal: null },
        logprobs: alternatives === null ? null : tokenLogprobs(answer, alternatives),
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}

/** Every token is certain, save the one word in which the model chose. */
function tokenLogprobs({ content, choice }: ModelAnswer, alternatives: number) {
  const tokens = tokenize(content);
  const chosenAt = choice === null ? -1 : tokens.indexOf(choice.word);
  const entries = tokens.map((token, index) => {
    if (choice === null || index !== chosenAt) return tokenEntry([candidate(token, 1)], alternatives);
    const chosen = candidate(token, choice.probability);
    return tokenEntry([chosen, candidate(choice.against, 1 - choice.probability)], alternatives);
  });
  return { content: entries, refusal: null };
}

interface TokenCandidate {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

function candidate(token: string, probability: number): TokenCandidate {
  return { token, logprob: Math.log(probability), bytes: [...Buffer.from(token)] };
}

function tokenEntry(candidates: readonly [TokenCandidate, ...TokenCandidate[]], alternatives: number) {
  return { ...candidates[0], top_logprobs: candidates.slice(0, alternatives) };
}

/** Runs of letters and digits, and what lies between them. Joined again they are the text. */
function tokenize(text: string): string[] {
  return text.match(/[A-Za-z0-9]+|[^A-Za-z0-9]+/g) ?? [];
}

function readTopLogprobs(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? Math.min(value, 20) : 0;
}
