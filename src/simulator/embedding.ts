import { createHash } from 'node:crypto';
import { embeddingModel } from './answer.ts';
import { type DialectAnswer, dialectError } from './completion.ts';
import { isJsonObject, parseJson } from './json-value.ts';
import { Random } from './random.ts';

const dimensionsUnlessTold = 16;
const dimensionsMax = 1024;

/** `POST /v1/embeddings`: for each text a unit vector that depends on the text alone. */
export function embedTexts(bytes: Buffer): DialectAnswer {
  const request = parseJson(bytes.toString('utf8'));
  if (!isJsonObject(request))
    return dialectError(400, 'invalid_request_error', 'The body is not a JSON object.');
  const { input, model, dimensions = dimensionsUnlessTold, encoding_format: format } = request;
  const texts = typeof input === 'string' ? [input] : input;
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
    return dialectError(400, 'invalid_request_error', '"input" is a text or a list of texts.');
  if (model !== embeddingModel.id)
    return dialectError(404, 'model_not_found', 'There is no such model here.');
  if (typeof dimensions !== 'number' || !Number.isInteger(dimensions) || !isWithin(dimensions))
    return dialectError(400, 'invalid_request_error', `"dimensions" is at most ${dimensionsMax}.`);
  const data = texts.map((text, index) => {
    const vector = vectorOf(text, dimensions);
    const embedding = format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
    return { object: 'embedding', index, embedding };
  });
  const tokens = texts.reduce((sum, text) => sum + text.split(/\s+/).length, 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return { status: 200, body: { object: 'list', data, model: embeddingModel.version, usage } };
}

function isWithin(dimensions: number): boolean {
  return dimensions >= 1 && dimensions <= dimensionsMax;
}

function vectorOf(text: string, dimensions: number): Float32Array {
  const random = new Random(createHash('sha256').update(text).digest().readUInt32BE(0));
  const values = Array.from({ length: dimensions }, () => random.normal());
  const length = Math.hypot(...values);
  return new Float32Array(values.map((value) => value / length));
}
