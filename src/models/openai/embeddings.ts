import { isObject, readObject } from '../../decision/json.ts';
import { modelName, readUsage } from './reading.ts';

export const embeddingsPath = '/embeddings';

/** What we send: the caller's own fields first, then what the decision type fixes. Always a list of texts. */
export function embeddingsRequest(options: {
  model: string;
  inputs: readonly unknown[];
  parameters: Readonly<Record<string, string | number | boolean>>;
  /** `encoding_format` and `dimensions` of the request. */
  rest: Readonly<Record<string, unknown>>;
}): Buffer {
  const { model, inputs, parameters, rest } = options;
  return Buffer.from(JSON.stringify({ ...rest, model, input: inputs, ...parameters }));
}

/** A vector as the endpoint wrote it: numbers, or base64 of 32-bit floats in little-endian order. */
export type Vector = readonly number[] | string;

/** One vector for each text, in the order of the texts, and all that may be released of the answer. */
export interface EmbeddingAnswer {
  readonly kind: 'embedding';
  readonly model: string;
  readonly vectors: readonly Vector[];
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
}

/**
 * Reads an answer to `request`; null when it does not give every text exactly one vector of finite numbers, all
 * of one length and in the format asked for. Never throws on what a model sent.
 * @param request the bytes that were sent
 */
export function readEmbeddingAnswer(bytes: Buffer, request: Buffer): EmbeddingAnswer | null {
  const body = readObject(bytes);
  const asked = readObject(request);
  const data = body?.['data'];
  const input = asked?.['input'];
  if (!body || !asked || !Array.isArray(data) || !Array.isArray(input)) return null;
  const byIndex = new Map<unknown, Vector>();
  let length: number | null = null;
  for (const item of data) {
    const read = isObject(item) ? readVector(item['embedding'], asked['encoding_format']) : null;
    if (!isObject(item) || read === null || (length ?? read.length) !== read.length) return null;
    length = read.length;
    byIndex.set(item['index'], read.vector);
  }
  const vectors = input.map((_text, i) => byIndex.get(i)).filter((vector) => vector !== undefined);
  // As many as texts, and each of them at the place of one: none is missing, doubled or somebody else's.
  if (vectors.length !== input.length || data.length !== input.length) return null;
  return { kind: 'embedding', model: modelName(body['model']), vectors, usage: readUsage(body['usage']) };
}

/** The answer as released: known fields only, so that nothing reaches the client that no gate has seen. */
export function writeEmbeddingAnswer({ model, vectors, usage }: EmbeddingAnswer) {
  const tokens = usage?.inputTokens ?? 0;
  return {
    object: 'list' as const,
    data: vectors.map((embedding, index) => ({ object: 'embedding' as const, index, embedding })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

const floatBytes = 4;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readVector(value: unknown, format: unknown): { vector: Vector; length: number } | null {
  const isBase64 = format === 'base64';
  if (isBase64 && typeof value === 'string') {
    const length = floatCount(value);
    return length === null ? null : { vector: value, length };
  }
  if (isBase64 || !Array.isArray(value) || value.length === 0) return null;
  const isNumbers = value.every((number): number is number => Number.isFinite(number));
  return isNumbers ? { vector: value, length: value.length } : null;
}

/** How many finite numbers the text encodes; null where it encodes anything else. */
function floatCount(base64: string): number | null {
  if (!base64Pattern.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.length % floatBytes !== 0) return null;
  for (let at = 0; at < bytes.length; at += floatBytes) {
    if (!Number.isFinite(bytes.readFloatLE(at))) return null;
  }
  return bytes.length / floatBytes;
}
