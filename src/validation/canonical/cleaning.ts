import { latinLookAlike } from './confusables.ts';
import { isInvisible, withoutInvisible } from './invisible.ts';
import { Rewrite, type View } from './view.ts';

/*
 * Characters that honest European text is full of and that need no cleaning: Latin letters with
 * their accents, quotation marks, dashes, bullets, the euro sign. A text of these and ASCII alone is
 * its own canonical form, and one pass over it is all that it costs.
 */
const unusual = /[^\t-\r -~\u00a0-\u00ac\u00ae-\u017f\u2010-\u2015\u2018-\u2022\u2026\u20ac]/;
const asciiOnly = /^[\t-\r -~]*$/;
const nonAscii = /[^\t-\r -~]+/g;
const startsWithMark = /^\p{M}/u;
/** A base character with the marks on it: the unit that Unicode normalisation works on. */
const cluster = /[^\p{M}]\p{M}*|\p{M}+/gsu;
const looseMarks = /(?:[\u0300-\u036f]|[\u1ab0-\u1aff]|[\u1dc0-\u1dff]|[\u20d0-\u20ff]|[\ufe20-\ufe2f])+/g;
/** Marks of any script on a Latin letter that has no such form. */
const marksOnLatin = /(?<=^\p{Script=Latin})\p{M}+/u;
const word = /[\p{L}\p{M}]+/gu;
const latin = /\p{Script=Latin}/u;
const foreign = /[\u0180-\u02af\u0370-\u058f\u1d00-\u1d7f\ua720-\ua7ff]/;

/**
 * The text as a reader would retype it: no invisible characters, compatibility forms resolved
 * (NFKC), stray combining marks dropped, look-alike letters in mixed-script words made Latin.
 *
 * @returns the cleaned view, or null when the text is clean already.
 */
export function cleaned(view: View): View | null {
  if (!unusual.test(view.text)) return null;
  const normal = normalised(view);
  const latinised = withLatinLetters(normal ?? view);
  return latinised ?? normal;
}

function normalised(parent: View): View | null {
  const rewrite = new Rewrite(parent);
  const via = new Set<string>();
  const { text } = parent;
  let done = 0;
  for (const { 0: found, index } of text.matchAll(nonAscii)) {
    // A mark belongs to the ASCII letter in front of it.
    const start = index > done && startsWithMark.test(found) ? index - 1 : index;
    const end = index + found.length;
    rewrite.copy(done, start);
    for (const part of text.slice(start, end).matchAll(cluster)) {
      const from = start + part.index;
      const to = from + part[0].length;
      const canonical = canonicalCluster(part[0], via);
      if (canonical === part[0]) rewrite.copy(from, to);
      else rewrite.replace(from, to, canonical);
    }
    done = end;
  }
  if (via.size === 0) return null;
  rewrite.copy(done, text.length);
  return rewrite.view(['invisible', 'nfkc'].filter((step) => via.has(step)));
}

function canonicalCluster(text: string, via: Set<string>): string {
  const visible = isInvisible(text) ? withoutInvisible(text) : text;
  if (visible !== text) via.add('invisible');
  const canonical = visible.normalize('NFKC').replace(looseMarks, '').replace(marksOnLatin, '');
  if (canonical !== visible) via.add('nfkc');
  return canonical;
}

/**
 * Words of Latin letters and look-alikes in Latin letters. Where there are such, and not many words of
 * the other script, words of look-alikes alone belong to them: "а" beside "bаnk".
 */
function withLatinLetters(parent: View): View | null {
  const { text } = parent;
  if (asciiOnly.test(text) || !foreign.test(text)) return null;
  const words = [...text.matchAll(word)].filter(({ 0: found }) => foreign.test(found));
  const mixed = words.filter(({ 0: found }) => latin.test(found));
  const alike = words.filter(({ 0: found }) => !latin.test(found) && isLatinLookAlike(found));
  const disguised = words.length - mixed.length - alike.length > mixed.length ? mixed : words;
  if (mixed.length === 0) return null;
  const rewrite = new Rewrite(parent);
  let changed = false;
  for (const { 0: found, index } of disguised) {
    if (!latin.test(found) && !isLatinLookAlike(found)) continue;
    const letters = Array.from(found, latinLookAlike).join('');
    if (letters === found) continue;
    changed = true;
    rewrite.copyUntil(index);
    if (letters.length === found.length) rewrite.transcribe(index, letters);
    else rewrite.replace(index, index + found.length, letters);
    rewrite.skipUntil(index + found.length);
  }
  if (!changed) return null;
  rewrite.copyRest();
  return rewrite.view(['homoglyphs']);
}

const isLatinLookAlike = (found: string): boolean =>
  Array.from(found).every((character) => latinLookAlike(character) !== character);
