import type { Span } from './view.ts';

/*
 * Characters that put nothing on the page. They carry instructions past a human reader: Unicode
 * tags (U+E0000) spell ASCII, variation selectors carry bytes, zero-width characters break words.
 */
const invisible = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
const someInvisible = new RegExp(invisible.source, 'u');

/** The three subdivision flags in general use (England, Scotland, Wales: RGI emoji tag sequences). */
const tagFlag =
  /\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}/gu;

const emojiLike = /[\p{Extended_Pictographic}\p{Emoji}\p{Emoji_Modifier}\u20e3\ufe0f]/u;
const takesSelector =
  /[\p{Extended_Pictographic}\p{Emoji}\p{Script=Han}\p{Script=Mongolian}\p{Sm}\u2000-\u2bff\u3000-\u303f]/u;
const joinsLetters =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Tibetan}]/u;
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const latinLetter = /[A-Za-z]/;

/** A run of zero-width characters that no layout needs. */
const ZERO_WIDTH_RUN = 8;
/** Words broken by zero-width characters: some come from web pages, this many do not. */
const BROKEN_WORDS_FEW = 3;
const BROKEN_WORDS_MANY = 10;

/** A use of invisible characters that has no honest reason. */
export interface Smuggling extends Span {
  readonly rule: 'smuggling-tags' | 'smuggling-selectors' | 'smuggling-zero-width' | 'smuggling-bidi';
  /** 0 to 1000. */
  readonly score: number;
}

/** Text that invisible characters spell. */
export interface Concealed extends Span {
  readonly text: string;
  readonly via: 'tags' | 'variation-selectors' | 'bidi-override';
}

export interface Census {
  readonly smuggling: readonly Smuggling[];
  readonly concealed: readonly Concealed[];
}

interface Seen {
  readonly at: number;
  readonly code: number;
}

const EMPTY: Census = { smuggling: [], concealed: [] };

export function isInvisible(text: string): boolean {
  return someInvisible.test(text);
}

export function withoutInvisible(text: string): string {
  return text.replace(invisible, '');
}

/** Counts what invisible characters do in a text, and reads what they spell. */
export function census(text: string): Census {
  const flags = [...text.matchAll(tagFlag)].map(
    ({ index, 0: { length } }) => [index, index + length] as const,
  );
  const tags: Seen[] = [];
  const selectors: Seen[] = [];
  const zeroWidth: Seen[] = [];
  const overrides: Seen[] = [];
  let flag = 0;
  for (const { 0: character, index: at } of text.matchAll(invisible)) {
    const code = character.codePointAt(0) as number;
    while (flag < flags.length && (flags[flag]?.[1] ?? 0) <= at) flag += 1;
    if (isTag(code)) {
      if (at < (flags[flag]?.[0] ?? Number.POSITIVE_INFINITY)) tags.push({ at, code });
    } else if (isSelector(code)) {
      // One selector belongs to the character in front of it; what follows that selector carries bytes.
      if (!takesSelector.test(before(text, at)) || startsWithSelector(text, at + widthOf(code))) {
        selectors.push({ at, code });
      }
    } else if (code === 0x202d || code === 0x202e) overrides.push({ at, code });
    else if (isZeroWidth(code) && !isHonestJoiner(text, at, code)) zeroWidth.push({ at, code });
  }
  if (tags.length + selectors.length + zeroWidth.length + overrides.length === 0) return EMPTY;
  return {
    smuggling: [
      ...tagAlarm(tags),
      ...selectorAlarm(selectors),
      ...zeroWidthAlarm(text, zeroWidth),
      ...overrideAlarm(text, overrides),
    ],
    concealed: [...tagText(tags), ...selectorText(selectors), ...overrideText(text, overrides)],
  };
}

const isTag = (code: number): boolean => code >= 0xe0000 && code <= 0xe007f;
const isSelector = (code: number): boolean =>
  (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef);
const isZeroWidth = (code: number): boolean =>
  (code >= 0x200b && code <= 0x200d) ||
  (code >= 0x2060 && code <= 0x2064) ||
  code === 0xfeff ||
  code === 0x180e;

const startsWithSelector = (text: string, at: number): boolean => isSelector(text.codePointAt(at) ?? 0);

function isHonestJoiner(text: string, at: number, code: number): boolean {
  if (code === 0xfeff) return at === 0;
  if (code !== 0x200c && code !== 0x200d) return false;
  const left = before(text, at);
  return joinsLetters.test(left) || (code === 0x200d && emojiLike.test(left));
}

/** The code point that ends before an offset. */
function before(text: string, at: number): string {
  if (at === 0) return '';
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff && at > 1 ? text.slice(at - 2, at) : text.charAt(at - 1);
}

const widthOf = (code: number): number => (code > 0xffff ? 2 : 1);

/** The span of all of them: an attacker may strew them over the text. */
function spanOf(seen: readonly Seen[]): Span {
  const last = seen.at(-1) as Seen;
  return { start: (seen[0] as Seen).at, end: last.at + widthOf(last.code) };
}

function longestRun(seen: readonly Seen[]): number {
  let longest = 0;
  let run = 0;
  let next = -1;
  for (const { at, code } of seen) {
    run = at === next ? run + 1 : 1;
    next = at + widthOf(code);
    longest = Math.max(longest, run);
  }
  return longest;
}

function tagAlarm(tags: readonly Seen[]): Smuggling[] {
  return tags.length < 2 ? [] : [{ rule: 'smuggling-tags', score: 1000, ...spanOf(tags) }];
}

function selectorAlarm(selectors: readonly Seen[]): Smuggling[] {
  if (longestRun(selectors) < 2 && selectors.length < 4) return [];
  return [{ rule: 'smuggling-selectors', score: 1000, ...spanOf(selectors) }];
}

function zeroWidthAlarm(text: string, zeroWidth: readonly Seen[]): Smuggling[] {
  if (zeroWidth.length === 0) return [];
  const broken = zeroWidth.filter(
    ({ at }) => latinLetter.test(text.charAt(at - 1)) && latinLetter.test(text.charAt(at + 1)),
  ).length;
  if (longestRun(zeroWidth) >= ZERO_WIDTH_RUN || broken >= BROKEN_WORDS_MANY) {
    return [{ rule: 'smuggling-zero-width', score: 950, ...spanOf(zeroWidth) }];
  }
  return broken >= BROKEN_WORDS_FEW
    ? [{ rule: 'smuggling-zero-width', score: 650, ...spanOf(zeroWidth) }]
    : [];
}

function overrideAlarm(text: string, overrides: readonly Seen[]): Smuggling[] {
  if (overrides.length === 0) return [];
  return [{ rule: 'smuggling-bidi', score: rightToLeft.test(text) ? 650 : 900, ...spanOf(overrides) }];
}

function tagText(tags: readonly Seen[]): Concealed[] {
  const text = tags
    .filter(({ code }) => code >= 0xe0020 && code <= 0xe007e)
    .map(({ code }) => String.fromCharCode(code - 0xe0000))
    .join('');
  return text === '' ? [] : [{ text, via: 'tags', ...spanOf(tags) }];
}

function selectorText(selectors: readonly Seen[]): Concealed[] {
  if (selectors.length < 2) return [];
  const bytes = selectors.map(({ code }) => (code >= 0xe0100 ? code - 0xe0100 + 16 : code - 0xfe00));
  return [{ text: Buffer.from(bytes).toString('utf8'), via: 'variation-selectors', ...spanOf(selectors) }];
}

/** What a reader sees of a right-to-left override: the characters in reverse. */
function overrideText(text: string, overrides: readonly Seen[]): Concealed[] {
  return overrides
    .filter(({ code }) => code === 0x202e)
    .slice(0, 16)
    .map(({ at }) => {
      const close = text.slice(at).search(/[\u202c\n]/);
      const end = close === -1 ? text.length : at + close;
      return {
        text: Array.from(text.slice(at + 1, end))
          .toReversed()
          .join(''),
        via: 'bidi-override' as const,
        start: at,
        end,
      };
    });
}
