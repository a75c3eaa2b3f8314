import type { OnnxRuntime } from './runner.ts';
import type { OperatorModelSettings } from './settings.ts';

/** A vocabulary of a few words and all Latin letters. */
const words = '[PAD] [UNK] [CLS] [SEP] obey un ##aff ##able cafe 中 [ ] sep ! = .'.split(' ');
const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
const pieces = [...words, ...letters.flatMap((letter) => [letter, `##${letter}`])];
export const idOf = (piece: string) => pieces.indexOf(piece);

export const tokenizerFile = (change: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]' } },
        { Sequence: { id: 'A' } },
        { SpecialToken: { id: '[SEP]' } },
      ],
      special_tokens: { '[CLS]': { ids: [idOf('[CLS]')] }, '[SEP]': { ids: [idOf('[SEP]')] } },
    },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    },
    ...change,
  });

export const settings: OperatorModelSettings = {
  model: 'model.onnx',
  tokenizer: 'tokenizer.json',
  attackLabel: 1,
  maxTokens: 16,
  timeoutMs: 5_000,
};

/** Stands in for the package: a model that takes the word "obey" for an attack, with a probability of 0.9525. */
export function obeyRuntime(): OnnxRuntime {
  return {
    InferenceSession: {
      create: async () => ({
        inputNames: ['input_ids', 'attention_mask'],
        outputNames: ['logits'],
        run: async (feeds) => {
          const { data } = feeds['input_ids'] as Tensor;
          return { logits: { data: Float32Array.from([0, data.includes(BigInt(idOf('obey'))) ? 3 : -3]) } };
        },
      }),
    },
    Tensor,
  };
}

class Tensor {
  readonly data: BigInt64Array;
  constructor(_type: 'int64', data: BigInt64Array) {
    this.data = data;
  }
}
