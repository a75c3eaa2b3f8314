import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddingsRequest, readEmbeddingAnswer, writeEmbeddingAnswer } from './embeddings.ts';

const request = (rest: object = {}) =>
  embeddingsRequest({ model: 'e', inputs: ['one', 'two'], parameters: {}, rest: { ...rest } });
const answer = (...vectors: unknown[]) =>
  Buffer.from(
    JSON.stringify({
      object: 'list',
      data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding, note: 'hidden' })),
      model: 'e-1',
      usage: { prompt_tokens: 3, total_tokens: 3 },
      vendor: 'hidden',
    }),
  );
const floats = (...values: number[]) => Buffer.from(new Float32Array(values).buffer).toString('base64');

describe('an embeddings request', () => {
  it('lets the decision type’s parameters win', () => {
    const body = embeddingsRequest({
      model: 'e',
      inputs: ['x'],
      parameters: { dimensions: 4 },
      rest: { dimensions: 9, model: 'other' },
    });
    expect(JSON.parse(body.toString())).toEqual({ dimensions: 4, model: 'e', input: ['x'] });
  });
});

describe('an embeddings answer', () => {
  it('is read into one vector for each text, and released with known fields only', () => {
    const read = readEmbeddingAnswer(answer([1, 0], [0, -1e-9]), request());
    expect(read).toMatchObject({
      kind: 'embedding',
      model: 'e-1',
      usage: { inputTokens: 3 },
      vectors: [
        [1, 0],
        [0, -1e-9],
      ],
    });
    if (!read) throw new Error('no answer');
    const written = JSON.stringify(writeEmbeddingAnswer(read));
    expect(written).not.toContain('hidden');
    expect(JSON.parse(written)).toMatchObject({ data: [{ index: 0, embedding: [1, 0] }, { index: 1 }] });
  });

  it('is put into the order of the texts', () => {
    const data = [
      { index: 1, embedding: [2] },
      { index: 0, embedding: [1] },
    ];
    const bytes = Buffer.from(JSON.stringify({ data, model: 'e' }));
    expect(readEmbeddingAnswer(bytes, request())?.vectors).toEqual([[1], [2]]);
  });

  it('may be base64 of floats where that was asked for, and only then', () => {
    const base64 = answer(floats(1, 2), floats(3, 4));
    expect(readEmbeddingAnswer(base64, request({ encoding_format: 'base64' }))?.vectors).toEqual([
      floats(1, 2),
      floats(3, 4),
    ]);
    expect(readEmbeddingAnswer(base64, request())).toBeNull();
    expect(readEmbeddingAnswer(answer([1], [2]), request({ encoding_format: 'base64' }))).toBeNull();
  });

  it.each<[string, Buffer, object?]>([
    ['a vector too few', answer([1])],
    ['a vector too many', answer([1], [2], [3])],
    [
      'two vectors for one text',
      Buffer.from('{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}'),
    ],
    ['a text among the numbers', answer([1], ['Jane'])],
    [
      'a number that is none',
      Buffer.from('{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1e999]}]}'),
    ],
    ['vectors of two lengths', answer([1], [1, 2])],
    ['an empty vector', answer([], [])],
    ['base64 that is no floats', answer('QUI=', 'QUI='), { encoding_format: 'base64' }],
    ['base64 of a number that is none', answer(floats(Number.NaN), floats(1)), { encoding_format: 'base64' }],
    ['words in place of base64', answer('Jane Doe', 'x'), { encoding_format: 'base64' }],
    ['no JSON', Buffer.from('<html>')],
  ])('is none with %s', (_name, bytes, rest) => {
    expect(readEmbeddingAnswer(bytes, request(rest))).toBeNull();
  });

  it('is never a reason to throw, whatever bytes came', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, embedding) => {
        readEmbeddingAnswer(Buffer.from(JSON.stringify(value)), request());
        readEmbeddingAnswer(answer(embedding, embedding), request({ encoding_format: 'base64' }));
        readEmbeddingAnswer(answer([1], [2]), Buffer.from(JSON.stringify(value)));
      }),
    );
  });
});
