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
const looseMarks = /[\u0300-\u036f\u20d0-\u20ff]+/g;
const word = /[\p{L}\p{M}]{2,}/gu;
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
  const canonical = visible.normalize('NFKC').replace(looseMarks, '');
  if (canonical !== visible) via.add('nfkc');
  return canonical;
}

function withLatinLetters(parent: View): View | null {
  const { text } = parent;
  if (asciiOnly.test(text) || !foreign.test(text)) return null;
  const rewrite = new Rewrite(parent);
  let done = 0;
  for (const { 0: found, index } of text.matchAll(word)) {
    if (!foreign.test(found) || !latin.test(found)) continue;
    let at = index;
    for (const character of found) {
      const letter = latinLookAlike(character);
      if (letter !== character) {
        rewrite.copy(done, at);
        rewrite.replace(at, at + character.length, letter);
        done = at + character.length;
      }
      at += character.length;
    }
  }
  if (done === 0) return null;
  rewrite.copy(done, text.length);
  return rewrite.view(['homoglyphs']);
}
