import { isLanguage, isWordlike } from './plausibility.ts';

/** Cells of six dots, by their number in Unicode (U+2800 and up), and what they are in Latin letters. */
const cells = new Map<number, string>();
for (const [letters, numbers] of [
  ['abcdefghij', [0x01, 0x03, 0x09, 0x19, 0x11, 0x0b, 0x1b, 0x13, 0x0a, 0x1a]],
  ['klmnopqrst', [0x05, 0x07, 0x0d, 0x1d, 0x15, 0x0f, 0x1f, 0x17, 0x0e, 0x1e]],
  [
    'uvxyzwçéàèùâêîôûëïü',
    [
      0x25, 0x27, 0x2d, 0x3d, 0x35, 0x3a, 0x2f, 0x3f, 0x37, 0x2e, 0x3e, 0x21, 0x23, 0x29, 0x39, 0x31, 0x2b,
      0x3b, 0x33,
    ],
  ],
  [" ,;:.!?'-", [0x00, 0x02, 0x06, 0x12, 0x32, 0x16, 0x26, 0x04, 0x24]],
] as const) {
  for (const [index, number] of numbers.entries()) cells.set(number, letters[index] ?? '');
}
const CAPITAL = 0x20;
const NUMBER = 0x3c;
const digitOf: Readonly<Record<string, string>> = {
  a: '1',
  b: '2',
  c: '3',
  d: '4',
  e: '5',
  f: '6',
  g: '7',
  h: '8',
  i: '9',
  j: '0',
};

/** Literary braille, uncontracted; or bytes, one in each pattern of eight dots. */
export function fromBraille(piece: string): string | null {
  const patterns = Array.from(piece, (cell) => (cell < '\u2800' ? null : cell.charCodeAt(0) & 0xff));
  const eightDots = patterns.filter((pattern) => pattern !== null && pattern >= 0x40).length;
  if (eightDots * 3 > patterns.length) {
    return Buffer.from(patterns.filter((pattern) => pattern !== null)).toString('utf8');
  }
  let text = '';
  let capital = false;
  let number = false;
  for (const pattern of patterns) {
    if (pattern === CAPITAL) capital = true;
    else if (pattern === NUMBER) number = true;
    else {
      const letter = pattern === null ? ' ' : (cells.get(pattern) ?? '?');
      number = number && letter in digitOf;
      text += number ? digitOf[letter] : capital ? letter.toUpperCase() : letter;
      capital = false;
    }
  }
  return text;
}

/** ITU-R M.1677-1, with the usual additions. */
const morse = new Map(
  (
    'a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- ' +
    'w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----. ' +
    'ä.-.- ö---. ü..-- é..-.. ñ--.-- à.--.- ß...--.. ,--..-- ?..--.. :---... =-...- (-.--. )-.--.- /-..-. @.--.-. ' +
    '\'.----. !-.-.-- ".-..-. +.-.-. _..--.- ;-.-.-. &.-...'
  )
    .split(' ')
    .map((entry) => [entry.slice(1), entry.charAt(0)] as const),
)
  .set('.-.-.-', '.')
  .set('-....-', '-');
const dots = /[·•∙]/g;
const dashes = /[‐‑‒–—―−_]/g;

/** Letters apart by a space, words by a slash, a bar, a line or more spaces. */
export function fromMorse(piece: string): string | null {
  const words = piece
    .replace(dots, '.')
    .replace(dashes, '-')
    .trim()
    .split(/\s*[/|\n]\s*| {2,}/);
  const text = words
    .map((word) => Array.from(word.split(' '), (signal) => morse.get(signal) ?? '\ufffd').join(''))
    .join(' ');
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const unknown = text.match(/\ufffd/g)?.length ?? 0;
  if (letters * 2 < text.length || unknown * 10 > text.length) return null;
  // Dividing lines and leaders of tables are letters too; they are no words.
  return isLanguage(text) || (new Set(text).size >= 6 && isWordlike(text)) ? text : null;
}

const alphabet = new Map(
  (
    'alfa alpha bravo charlie delta echo foxtrot golf hotel india juliett juliet kilo lima mike november oscar papa ' +
    'quebec romeo sierra tango uniform victor whiskey whisky xray x-ray yankee zulu'
  )
    .split(' ')
    .map((word) => [word, word.charAt(0)] as const),
).set('space', ' ');

/** The spelling alphabet of radio and telephone (ICAO Annex 10, volume II, 5.2.1.3). */
export function fromSpellingAlphabet(piece: string): string | null {
  const words = piece.toLowerCase().split(/[\s,.;]+|-(?!ray)/);
  return words.map((word) => alphabet.get(word) ?? '').join('');
}
