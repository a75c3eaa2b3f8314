import { isCommonWord } from './common-words.ts';
import { folded } from './folding.ts';
import { isLanguage, isWordlike } from './plausibility.ts';
import type { Traits } from './traits.ts';
import { Rewrite, type View } from './view.ts';

const LETTERS_MIN = 5;
/** So many letters apart are no abbreviation and no row of a table, whatever they spell. */
const LETTERS_CERTAIN = 16;

const spacedRun = /(?<!\S)\S(?:\s{1,6}\S){4,}(?!\S)/gu;
const joinedLetters =
  /(?<![\p{L}\p{N}])[\p{L}\p{N}](?:([._*~·•|/,+:-])[\p{L}\p{N}])(?:\1[\p{L}\p{N}])*(?![\p{L}\p{N}])/gu;
const character = /\S/gu;
const letters = /\p{L}/gu;

interface Letter {
  readonly at: number;
  readonly text: string;
  /** Width of the gap in front of it. */
  readonly gap: number;
}

/** Letters apart, by spaces or by signs, put together again. */
export function withoutSpacing(view: View, { loneLetters }: Traits): View | null {
  if (loneLetters < LETTERS_MIN) return null;
  return withoutSpaces(view) ?? withoutSigns(view);
}

function withoutSpaces(view: View): View | null {
  const rewrite = new Rewrite(view);
  let found = false;
  for (const { 0: run, index } of view.text.matchAll(spacedRun)) {
    const parts = partsOf(run);
    const text = parts.map(({ text: part, gap }) => (gap > 0 ? ` ${part}` : part)).join('');
    if (!isPlausible(text)) continue;
    found = true;
    rewrite.copyUntil(index);
    for (const { at, text: part, gap } of parts) {
      if (gap > 0) rewrite.replace(index + at - gap, index + at, ' ');
      rewrite.copy(index + at, index + at + part.length);
    }
    rewrite.skipUntil(index + run.length);
  }
  if (!found) return null;
  rewrite.copyRest();
  return rewrite.view(['spaced']);
}

/** The letters of a run; a gap that is wider than the others, or a line, is one between words. */
function partsOf(run: string): Letter[] {
  let done = 0;
  const all = [...run.matchAll(character)].map(({ 0: text, index: at }) => {
    const gap = run.slice(done, at);
    done = at + text.length;
    return { at, text, gap: gap.length, weight: gap.length + (gap.includes('\n') ? 1 : 0) };
  });
  const usual = all.slice(1).reduce((least, { weight }) => Math.min(least, weight), Number.POSITIVE_INFINITY);
  const parts = all.map(({ at, text, gap, weight }) => ({ at, text, gap: weight > usual ? gap : 0 }));
  return parts.some(({ gap }) => gap > 0) ? parts : divided(parts);
}

/** Longest word that is looked for where nothing divides words. */
const WORD_MAX = 14;
const UNKNOWN_LETTER_COST = 3;

/** Letters that nothing divides, divided before and after the commonest words: the cheapest way. */
function divided(parts: readonly Letter[]): Letter[] {
  const text = folded(parts.map((part) => part.text).join(''));
  if (text.length !== parts.length) return [...parts];
  const costs = [0];
  const starts = [0];
  for (let end = 1; end <= text.length; end += 1) {
    let best = (costs[end - 1] as number) + UNKNOWN_LETTER_COST;
    let start = end - 1;
    for (let from = Math.max(0, end - WORD_MAX); from < end - 1; from += 1) {
      const cost = (costs[from] as number) + 2;
      if (cost < best && isCommonWord(text.slice(from, end))) [best, start] = [cost, from];
    }
    costs.push(best);
    starts.push(start);
  }
  const known = new Set<number>();
  for (let end = text.length; end > 0; end = starts[end] as number) {
    const start = starts[end] as number;
    if (end - start > 1) known.add(start).add(end);
  }
  return parts.map((part, index) =>
    index > 0 && known.has(index)
      ? { ...part, gap: part.at - (parts[index - 1] as Letter).at - (parts[index - 1] as Letter).text.length }
      : part,
  );
}

function withoutSigns(view: View): View | null {
  const runs = [...view.text.matchAll(joinedLetters)];
  const text = runs.map(({ 0: run }) => lettersOf(run)).join(' ');
  if (!runs.some(({ 0: run }) => run.length >= 2 * LETTERS_MIN - 1) || !isPlausible(text)) return null;
  const rewrite = new Rewrite(view);
  for (const { 0: run, index } of runs) {
    if (lettersOf(run).search(letters) === -1) continue;
    rewrite.copyUntil(index);
    for (const { 0: letter, index: at } of run.matchAll(/[\p{L}\p{N}]/gu)) {
      rewrite.copy(index + at, index + at + letter.length);
    }
    rewrite.skipUntil(index + run.length);
  }
  rewrite.copyRest();
  return rewrite.view(['spaced']);
}

const lettersOf = (run: string): string => run.replace(/[^\p{L}\p{N}]/gu, '');

function isPlausible(text: string): boolean {
  const count = text.match(letters)?.length ?? 0;
  if (count * 2 < text.length || count < LETTERS_MIN) return false;
  return count >= LETTERS_CERTAIN || isLanguage(text) || isWordlike(text);
}
