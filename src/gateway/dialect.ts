import type { DecisionType } from '../config/decision-type.ts';
import { CountersignError } from '../decision/errors.ts';
import { type ChatAnswer, chatPath, chatRequest, readChatAnswer } from '../models/openai/chat.ts';
import {
  type EmbeddingAnswer,
  embeddingsPath,
  embeddingsRequest,
  readEmbeddingAnswer,
} from '../models/openai/embeddings.ts';

/** How a route speaks to its callers. */
export type Dialect = 'decision' | 'openai-chat' | 'openai-embeddings';

/** What any model may answer. */
export type ModelAnswer = ChatAnswer | EmbeddingAnswer;

/** Whether callers expect OpenAI's envelope, and know no "202". */
export function isDropIn(dialect: Dialect | undefined): boolean {
  return dialect === 'openai-chat' || dialect === 'openai-embeddings';
}

/** What requests of a type are sent to a model for. It passes the lawful filter under this name. */
export function purposeOf({ config }: DecisionType): 'inference' | 'embedding' {
  return config.purpose ?? 'inference';
}

/**
 * A type serves the routes of its purpose only: an endpoint that is lawful for embeddings must not be asked
 * for a decision, nor the other way round.
 * @throws CountersignError DECISION_TYPE_MISMATCH
 */
export function mustServe(type: DecisionType, dialect: Dialect): DecisionType {
  const isEmbedding = dialect === 'openai-embeddings';
  if (isEmbedding !== (purposeOf(type) === 'embedding')) throw new CountersignError('DECISION_TYPE_MISMATCH');
  return type;
}

/** Where a call of this type goes below its endpoint's URL. */
export function upstreamPath(type: DecisionType): string {
  return purposeOf(type) === 'embedding' ? embeddingsPath : chatPath;
}

/** The exact bytes that leave for a model. */
export function upstreamBody(
  {
    type,
    messages,
    rest,
  }: {
    readonly type: DecisionType;
    /** The conversation, or the texts to embed. */
    readonly messages: readonly unknown[];
    readonly rest: Readonly<Record<string, unknown>>;
  },
  modelId: string,
): Buffer {
  const { parameters, score } = type.config;
  return purposeOf(type) === 'embedding'
    ? embeddingsRequest({ model: modelId, inputs: messages, parameters, rest })
    : chatRequest({ model: modelId, messages, parameters, rest, logprobs: score.source === 'logprobs' });
}

/**
 * What the gates may look at of an answer; null where the endpoint gave none that can be read.
 * @param request the bytes that were sent
 */
export function readAnswer(
  type: DecisionType,
  request: Buffer,
  answer: { readonly httpStatus: number; readonly body: Buffer },
): ModelAnswer | null {
  if (!isSuccess(answer.httpStatus)) return null;
  return purposeOf(type) === 'embedding'
    ? readEmbeddingAnswer(answer.body, request)
    : readChatAnswer(answer.body);
}

export function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

/** An answer as one text, to be compared with another. */
export function comparableText(answer: ModelAnswer): string {
  return answer.kind === 'chat' ? answer.text : JSON.stringify(answer.vectors);
}
