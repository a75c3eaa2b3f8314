import { OperatorModelError } from './problem.ts';
import type { WordPieceRules } from './word-piece.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a tokenizer.json. What we would cut otherwise than its makers is refused: a model that sees
 * other tokens than it was trained on gives numbers all the same.
 * @throws OperatorModelError
 */
export function readTokenizer(text: string): WordPieceRules {
  const file = parse(text);
  const model = fieldsOf(file['model']);
  expectKind('model', model, ['WordPiece']);
  const normalizer = fieldsOf(file['normalizer']);
  expectKind('normalizer', normalizer, ['BertNormalizer']);
  expectKind('pre_tokenizer', fieldsOf(file['pre_tokenizer']), ['BertPreTokenizer']);
  const vocabulary = new Map<string, number>();
  for (const [piece, id] of Object.entries(fieldsOf(model['vocab']))) {
    if (!isId(id)) throw new OperatorModelError(`the tokenizer’s vocabulary has no number for ${piece}`);
    vocabulary.set(piece, id);
  }
  const unknown = vocabulary.get(textOf(model['unk_token'], '[UNK]'));
  if (unknown === undefined)
    throw new OperatorModelError('the tokenizer has no token for what it does not know');
  const lowercases = normalizer['lowercase'] !== false;
  return {
    vocabulary,
    unknown,
    continuing: textOf(model['continuing_subword_prefix'], '##'),
    wordMax: Number(model['max_input_chars_per_word'] ?? 100),
    cleansText: normalizer['clean_text'] !== false,
    splitsChinese: normalizer['handle_chinese_chars'] !== false,
    // Left open, it follows the case.
    stripsAccents:
      typeof normalizer['strip_accents'] === 'boolean' ? normalizer['strip_accents'] : lowercases,
    lowercases,
    ...frameOf(fieldsOf(file['post_processor'])),
  };
}

function parse(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new OperatorModelError('the tokenizer is no JSON; name the tokenizer.json of the model', { cause });
  }
}

function expectKind(part: string, { type }: Fields, known: readonly string[]): void {
  if (typeof type === 'string' && known.includes(type)) return;
  throw new OperatorModelError(
    `the tokenizer’s ${part} is ${typeof type === 'string' ? type : 'not named'}, and only ${known.join(', ')} is supported; use a model with a BERT tokenizer`,
  );
}

/** The special tokens around a single text. */
function frameOf(processor: Fields): Pick<WordPieceRules, 'before' | 'after'> {
  expectKind('post_processor', processor, ['TemplateProcessing', 'BertProcessing']);
  if (processor['type'] === 'BertProcessing') {
    return { before: [lastId(processor['cls'])], after: [lastId(processor['sep'])] };
  }
  const specials = fieldsOf(processor['special_tokens']);
  const steps = listOf(processor['single']).map(fieldsOf);
  const place = steps.findIndex((step) => 'Sequence' in step);
  if (place === -1)
    throw new OperatorModelError('the tokenizer’s template for a single text has no place for it');
  const idsOf = (step: Fields) => {
    const name = textOf(fieldsOf(step['SpecialToken'])['id'], '');
    return listOf(fieldsOf(specials[name])['ids']).map(asId);
  };
  return { before: steps.slice(0, place).flatMap(idsOf), after: steps.slice(place + 1).flatMap(idsOf) };
}

const lastId = (pair: unknown) => asId(listOf(pair).at(-1));

function asId(value: unknown): number {
  if (isId(value)) return value;
  throw new OperatorModelError('the tokenizer names a special token without its number');
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const textOf = (value: unknown, missing: string) => (typeof value === 'string' ? value : missing);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
