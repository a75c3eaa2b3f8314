const accented = /[\u00c0-\u024f\u1e00-\u1eff]/g;
const hasAccented = /[\u00c0-\u024f\u1e00-\u1eff]/;
const marks = /\p{M}+/gu;

/** Letters that Unicode does not decompose. Each stays one UTF-16 unit, so that offsets hold. */
const undecomposed: Readonly<Record<string, string>> = { ı: 'i', ł: 'l', ø: 'o', đ: 'd', ħ: 'h', ŧ: 't' };

const folds = new Map<string, string>();

/**
 * Lower case and without accents, unit for unit: an offset in the folded text is the offset in the
 * text. One pattern then serves "précédentes" and "PRECEDENTES".
 */
export function folded(text: string): string {
  // The one letter whose lower case is longer than itself.
  const lower = text.replaceAll('İ', 'I').toLowerCase();
  return hasAccented.test(lower) ? lower.replace(accented, foldLetter) : lower;
}

function foldLetter(letter: string): string {
  const known = folds.get(letter);
  if (known !== undefined) return known;
  const base = undecomposed[letter] ?? letter.normalize('NFD').replace(marks, '');
  const fold = base.length === 1 ? base : letter;
  folds.set(letter, fold);
  return fold;
}
