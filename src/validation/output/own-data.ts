/** Characters that people put between the digits and letters of a number. */
const separators = /[\s\-./\u00a0]/g;
/** A value this short would be found in any long text. */
const VALUE_CHARACTERS_MIN = 5;

/**
 * Whether a value stands in one of the texts, in any case and grouping, and as a whole: what the
 * decision was given about its own subject may be in its answer.
 */
export function occursIn(value: string, texts: readonly string[]): boolean {
  const isAddress = value.includes('@');
  const characters = Array.from(isAddress ? value : value.replace(separators, ''));
  if (characters.length < VALUE_CHARACTERS_MIN) return false;
  const between = isAddress ? '' : String.raw`[\s\-./\u00a0]?`;
  const edge = isAddress ? String.raw`[\p{L}\p{N}._%+-]` : String.raw`[\p{L}\p{N}]`;
  const after = isAddress ? String.raw`(?!\.?[\p{L}\p{N}-])` : `(?!${edge})`;
  const body = characters
    .map((character) => character.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`))
    .join(between);
  const whole = new RegExp(`(?<!${edge})${body}${after}`, 'iu');
  return texts.some((text) => whole.test(text));
}
