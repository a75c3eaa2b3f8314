import { describe, expect, it } from 'vitest';
import { idOf, tokenizerFile } from './obey-fixture.ts';
import { OperatorModelError } from './problem.ts';
import { readTokenizer } from './tokenizer-file.ts';
import { tokenise } from './word-piece.ts';

const rules = readTokenizer(tokenizerFile());
const pieces = (text: string) => tokenise(text, rules).map(({ id }) => id);
const ids = (...names: string[]) => names.map(idOf);

describe('a text cut for the operator’s model', () => {
  it.each([
    ['unaffable', ids('un', '##aff', '##able')],
    ['Café', ids('cafe')],
    ['a中b!', ids('a', '中', 'b', '!')],
    ['o\u0000b\u200bey', ids('obey')],
    ['obey≠', ids('obey', '=')],
    ['ob\tey', ids('o', '##b', 'e', '##y')],
    ['ж a', ids('[UNK]', 'a')],
    ['a'.repeat(101), ids('[UNK]')],
    [' \n', []],
  ])('is cut as the model’s makers do: %j', (text, expected) => {
    expect(pieces(text)).toEqual(expected);
  });

  it('cannot name a special token', () => {
    expect(pieces('[SEP]')).toEqual(ids('[', 'sep', ']'));
  });

  it('knows where each token stands', () => {
    expect(tokenise('é 😀 unaffable.', rules).map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [2, 4],
      ...[1, 2, 3].map(() => [5, 14]),
      [14, 15],
    ]);
  });

  it('keeps case and accents where the file says so', () => {
    const cased = readTokenizer(tokenizerFile({ normalizer: { type: 'BertNormalizer', lowercase: false } }));
    expect(tokenise('Obey', cased).map(({ id }) => id)).toEqual(ids('[UNK]'));
    expect(tokenise('obey', cased).map(({ id }) => id)).toEqual(ids('obey'));
  });
});

describe('a tokenizer.json', () => {
  it('says what stands around a text, in either way', () => {
    const { before, after } = readTokenizer(
      tokenizerFile({ post_processor: { type: 'BertProcessing', cls: ['[CLS]', 2], sep: ['[SEP]', 3] } }),
    );
    expect([rules.before, rules.after, before, after]).toEqual([[2], [3], [2], [3]]);
  });

  it.each([
    [{ model: { type: 'Unigram', vocab: [] } }, /model is Unigram, and only WordPiece/],
    [{ model: { type: 'BPE' } }, /model is BPE/],
    [{ normalizer: { type: 'Precompiled' } }, /normalizer is Precompiled/],
    [{ normalizer: null }, /normalizer is not named/],
    [{ pre_tokenizer: { type: 'Metaspace' } }, /pre_tokenizer is Metaspace/],
    [{ post_processor: null }, /post_processor is not named/],
    [{ post_processor: { type: 'TemplateProcessing', single: [] } }, /no place/],
    [{ post_processor: { type: 'BertProcessing', cls: ['[CLS]'], sep: [] } }, /without its number/],
    [{ model: { type: 'WordPiece', vocab: { a: 0 } } }, /does not know/],
    [{ model: { type: 'WordPiece', vocab: { a: 'x' } } }, /no number for a/],
  ])('that we would cut otherwise is refused: %j', (change, message) => {
    const read = () => readTokenizer(tokenizerFile(change));
    expect(read).toThrow(OperatorModelError);
    expect(read).toThrow(message);
  });

  it('has to be JSON', () => {
    expect(() => readTokenizer('vocab')).toThrow(/no JSON/);
  });
});
