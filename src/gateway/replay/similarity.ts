const gramWords = 3;

/** How alike two texts are: a likeness of words, and no judgement on whether they say the same. */
export interface Similarity {
  readonly method: 'jaccard of word 3-grams';
  /** 0 (nothing in common) to 1 (the same sequences of words), in ten-thousandths. */
  readonly value: number;
}

/** Runs of three words that both texts have, among all that either has (Jaccard 1912; Broder 1997 for texts). */
export function similarityOf(one: string, other: string): Similarity {
  const [grams, others] = [gramsOf(one), gramsOf(other)];
  const common = [...grams].filter((gram) => others.has(gram)).length;
  const all = grams.size + others.size - common;
  return { method: 'jaccard of word 3-grams', value: all === 0 ? 1 : Math.round((common / all) * 1e4) / 1e4 };
}

function gramsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0) return new Set();
  const count = Math.max(1, words.length - gramWords + 1);
  return new Set(Array.from({ length: count }, (_, i) => words.slice(i, i + gramWords).join(' ')));
}
