/*
 * The named characters of HTML that spell ASCII, spaces, or the letters of Western Europe and of
 * mathematics (WHATWG HTML, section 13.5). The rest are signs that no word is made of.
 */
const signs: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  hairsp: ' ',
  colon: ':',
  comma: ',',
  period: '.',
  excl: '!',
  quest: '?',
  semi: ';',
  hyphen: '-',
  dash: '-',
  lowbar: '_',
  NewLine: '\n',
  Tab: '\t',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  lbrack: '[',
  rsqb: ']',
  rbrack: ']',
  lcub: '{',
  rcub: '}',
  sol: '/',
  bsol: '\\',
  verbar: '|',
  vert: '|',
  num: '#',
  dollar: '$',
  percnt: '%',
  ast: '*',
  plus: '+',
  equals: '=',
  commat: '@',
  Hat: '^',
  grave: '`',
  shy: '\u00ad',
  zwnj: '\u200c',
  zwj: '\u200d',
  lrm: '\u200e',
  rlm: '\u200f',
  NoBreak: '\u2060',
  ZeroWidthSpace: '\u200b',
  szlig: 'ß',
  inodot: 'ı',
  imath: 'ı',
};
const marks: Readonly<Record<string, string>> = {
  acute: '\u0301',
  grave: '\u0300',
  circ: '\u0302',
  uml: '\u0308',
  tilde: '\u0303',
  ring: '\u030a',
  cedil: '\u0327',
  caron: '\u030c',
  ogon: '\u0328',
  macr: '\u0304',
  dot: '\u0307',
  breve: '\u0306',
};
const letterWithForm =
  /^([A-Za-z])(acute|grave|circ|uml|tilde|ring|cedil|caron|ogon|macr|dot|breve|slash|strok|fr|opf|scr)$/;
const ligature = /^(AE|ae|OE|oe|ff|fi|fl)lig$/;

/** The text of a named character reference, or null for a name that is not known here. */
export function namedCharacter(name: string): string | null {
  const sign = signs[name];
  if (sign !== undefined) return sign;
  const [, letter, form] = letterWithForm.exec(name) ?? [];
  if (letter === undefined || form === undefined) return ligature.exec(name)?.[1] ?? null;
  const slashed = { o: 'ø', O: 'Ø' }[letter];
  if (form === 'slash' && slashed !== undefined) return slashed;
  return (letter + (marks[form] ?? '')).normalize('NFC');
}
