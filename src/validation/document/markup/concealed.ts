import type { Layer } from '../extraction.ts';
import type { Gathering } from './gathering.ts';
import { isPhrase, wordCount } from './prose.ts';

export interface ConcealedText {
  readonly layer: Layer;
  readonly text: string;
  /** The block it stands in: its words belong together. */
  readonly block: object;
  /** Whether the reader can unfold it without a script: menus, panels, details. */
  readonly isUnfolding: boolean;
  /** Whether it stands before everything that is seen. */
  readonly isLeading: boolean;
}

/** Names for those who do not see: `Skip to content`, `Opens in a new window`. */
const LABEL_WORDS_MAX = 5;
/** All different labels of a page together. */
const LABELS_WORDS_MAX = 60;
/** What is out of sight by colour or size is not for a screen reader's sake. */
const DISGUISED_WORDS_MIN = 2;
/** Mail programs show about so many characters of a message beside its subject. */
const PREHEADER_CHARACTERS_MAX = 200;

const disguises: ReadonlySet<Layer> = new Set<Layer>(['hidden:colour', 'hidden:tiny', 'hidden:opacity']);

/**
 * Sorts what is out of sight into what is really concealed and what honest pages do: labels, folded
 * panels and, in a message, the line that mail programs preview. All of it is inspected; only what is
 * concealed raises an alarm by itself.
 */
export function addConcealed(found: readonly ConcealedText[], gathering: Gathering, isMail: boolean): void {
  const groups = grouped(found);
  const preheader = isMail ? preheaderOf(groups) : null;
  const labels = new Set(
    groups.filter((group) => group !== preheader && isLabel(group)).map(({ text }) => text.trim()),
  );
  const labelWords = [...labels].reduce((sum, text) => sum + wordCount(text), 0);
  for (const group of groups) {
    const { layer, text } = group;
    if (group === preheader) gathering.addLine('annotation', withoutFilling(text), 'preheader');
    else if (group.isUnfolding) gathering.addLine('annotation', text, 'collapsed');
    else if (isLabel(group))
      gathering.addLine(labelWords > LABELS_WORDS_MAX ? layer : 'annotation', text, 'label');
    else gathering.addLine(layer, text);
  }
}

/** Neighbouring texts of one block and one technique are one text, however they are cut up. */
function grouped(found: readonly ConcealedText[]): ConcealedText[] {
  const groups = new Map<object, Map<string, { texts: string[]; first: ConcealedText }>>();
  for (const one of found) {
    const ofBlock = groups.get(one.block) ?? new Map<string, { texts: string[]; first: ConcealedText }>();
    groups.set(one.block, ofBlock);
    const key = `${one.layer}|${one.isUnfolding}`;
    const group = ofBlock.get(key);
    if (group === undefined) ofBlock.set(key, { texts: [one.text], first: one });
    else group.texts.push(one.text);
  }
  return [...groups.values()].flatMap((ofBlock) =>
    [...ofBlock.values()].map(({ texts, first: { layer, block, isUnfolding, isLeading } }) => {
      const text = texts.join(' ').replace(/[ \t\n]+/g, ' ');
      return { layer, text, block, isUnfolding, isLeading };
    }),
  );
}

function isLabel({ layer, text }: ConcealedText): boolean {
  return disguises.has(layer) ? !isPhrase(text, DISGUISED_WORDS_MIN) : !isPhrase(text, LABEL_WORDS_MAX + 1);
}

/** The first text of a message, if it stands before all that is seen and is no longer than a preview. */
function preheaderOf(groups: readonly ConcealedText[]): ConcealedText | null {
  const first = groups.find(({ text }) => wordCount(text) > 0);
  if (first?.isLeading !== true) return null;
  return withoutFilling(first.text).length <= PREHEADER_CHARACTERS_MAX ? first : null;
}

const FILLING_SCANNED = 10_000;

/**
 * Newsletters fill up the preview with invisible characters, the same few over and over. A unit that
 * only repeats says nothing; anything else that is invisible stays, to be inspected.
 */
function withoutFilling(text: string): string {
  if (text.length > FILLING_SCANNED) return text;
  return text
    .replace(
      /((?:\u034f|[\s\u00a0\u00ad\u061c\u115f\u1160\u200b-\u200f\u2007\u2060\ufeff]){1,6}?)\1{3,}/gu,
      ' ',
    )
    .trim();
}
