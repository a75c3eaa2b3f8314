import { wordsOf } from '../markup/prose.ts';

/** Words that tell a reader of the plain part where the other one is, in several languages. */
const pointing = new Set(
  (
    'abmelden abonnement afficher annuler anzeigen browser browsers cancelar cliquez click client clic copy copyright ' +
    'correctly datenschutz desabonner désabonner display displayed download e-mail email enable format formatted ' +
    'forward function here hier html https http iframe image images impressum inbox klicken ' +
    'legal lien ligne link links mail mailing manage message messages multipart mime navegador navigateur newsletter ' +
    'not online paste plain preferences privacy problems properly read reader rights reserved see show support supports ' +
    'text trouble unable unsubscribe url version verwalten view viewing visit web webversion website www'
  ).split(' '),
);
/** A clause or two; less is a footer, a label or the way a converter writes a link. */
const WORDS_MIN = 8;
/** So much of a sentence may be missing before it counts as another one. */
const SHARED_MIN = 0.6;
const POINTING_SHARE = 0.4;
const POINTING_WORDS_MAX = 40;
/** From this share on, the plain part is a copy of the page, and what it leaves out was left out of it. */
const COPY_SHARE = 0.8;

export interface AlternativeTexts {
  readonly plain: string;
  /** What is seen of the page, and what it says beside it: alternative texts, the line of the preview. */
  readonly page: string;
  readonly seen: string;
}

/**
 * What only one of two alternative parts says. Programs show the page, so a sentence that stands in the
 * plain part alone is seen by no reader but by whoever processes that part; and the other way round where
 * the plain part is otherwise a copy. Links, footers and words that point to the page are let pass.
 */
export function onlyInOne({ plain, page, seen }: AlternativeTexts): string[] {
  const plainSentences = sentencesOf(plain);
  const plainOnly = strangers(plainSentences, page);
  const covered = shareOf(wordsOf(seen), tallyOf(plain));
  const pageOnly = covered >= COPY_SHARE ? strangers(sentencesOf(seen), plain) : [];
  return [plainOnly, pageOnly]
    .filter(
      (sentences) => sentences.reduce((sum, sentence) => sum + wordsOf(sentence).length, 0) >= WORDS_MIN,
    )
    .flat();
}

/** Lines and sentences, without addresses and the marks of quoted text. */
function sentencesOf(text: string): string[] {
  return text
    .replace(/\b(?:https?:\/\/|mailto:|www\.)\S+/gi, ' ')
    .replace(/^[>\s*#|=_-]+/gm, '')
    .split(/\n\s*\n|(?<=[.!?。])\s+/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => sentence !== '');
}

function strangers(sentences: readonly string[], other: string): string[] {
  const known = pairsOf(wordsOf(other));
  const words = new Set(wordsOf(other));
  const strange = sentences.filter((sentence) => {
    const own = wordsOf(sentence);
    if (own.length < 2) return own.length === 1 && !words.has(own[0] ?? '');
    const pairs = [...pairsOf(own)];
    return pairs.filter((pair) => known.has(pair)).length / pairs.length < SHARED_MIN;
  });
  const isPointer = (sentence: string) => {
    const own = wordsOf(sentence);
    return own.filter((word) => pointing.has(word)).length >= POINTING_SHARE * own.length;
  };
  const pointers = strange.filter(isPointer);
  const length = pointers.reduce((sum, sentence) => sum + wordsOf(sentence).length, 0);
  return length > POINTING_WORDS_MAX ? strange : strange.filter((sentence) => !isPointer(sentence));
}

/** Neighbouring words: a sentence put together from words that stand elsewhere is another sentence. */
function pairsOf(words: readonly string[]): Set<string> {
  return new Set(words.slice(1).map((word, i) => `${words[i]} ${word}`));
}

function tallyOf(text: string): Set<string> {
  return new Set(wordsOf(text));
}

function shareOf(words: readonly string[], known: ReadonlySet<string>): number {
  return words.length === 0 ? 0 : words.filter((word) => known.has(word)).length / words.length;
}
