/*
 * Disguises that attackers use, written for tests: each turns a plain text into one that a model can
 * still be asked to read.
 */
export type Transform = (text: string) => string;

const eachLetter = (text: string, map: (letter: string) => string): string => text.replace(/[A-Za-z]/g, map);
const shifted =
  (by: number): Transform =>
  (text) =>
    eachLetter(text, (letter) => {
      const first = letter < 'a' ? 65 : 97;
      return String.fromCharCode(first + ((letter.charCodeAt(0) - first + by) % 26));
    });
const mapped =
  (from: string, to: string): Transform =>
  (text) => {
    const targets = Array.from(to);
    return Array.from(text, (character) => targets[from.indexOf(character)] ?? character).join('');
  };
const offset =
  (upper: number, lower: number): Transform =>
  (text) =>
    eachLetter(text, (letter) =>
      String.fromCodePoint(
        letter < 'a' ? upper + letter.charCodeAt(0) - 65 : lower + letter.charCodeAt(0) - 97,
      ),
    );
const bytes = (text: string): number[] => [...Buffer.from(text)];
const hex = (text: string): string => Buffer.from(text).toString('hex');

export const base64: Transform = (text) => Buffer.from(text).toString('base64');

function base32(text: string): string {
  const bits = bytes(text)
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const digits = (bits.match(/.{1,5}/g) ?? []).map((group) => Number.parseInt(group.padEnd(5, '0'), 2));
  return digits.map((digit) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.charAt(digit)).join('');
}

const plainLetters = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z ]/g, '');
const brailleCells = '⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵⠀';
const morseSignals =
  '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..'.split(
    ' ',
  );
const spellingWords =
  'alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu'.split(
    ' ',
  );
const place = (letter: string): number => letter.charCodeAt(0) - 97;

/** Every letter can be told from the disguise. */
export const transforms: Readonly<Record<string, Transform>> = {
  'zero-width spaces': (text) => Array.from(text).join('\u200b'),
  'word joiners': (text) => text.replace(/\w(?=\w)/g, '$&\u2060'),
  'soft hyphens': (text) => text.replace(/\w\w(?=\w)/g, '$&\u00ad'),
  tags: (text) =>
    Array.from(text.normalize('NFD').replace(/[^ -~]/g, ''), (c) =>
      String.fromCodePoint(0xe0000 + c.charCodeAt(0)),
    ).join(''),
  'selectors that carry bytes': (text) =>
    `😀${bytes(text)
      .map((byte) => String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16))
      .join('')}`,
  'selectors after letters': (text) => text.replace(/[A-Za-z]/g, '$&\ufe0f'),
  'directional override': (text) => `\u202e${Array.from(text).toReversed().join('')}\u202c`,
  'Cyrillic look-alikes': mapped('aceopxyisjABCEHKMOPTX', 'асеорхуіѕјАВСЕНКМОРТХ'),
  'Greek look-alikes': mapped('aovAEIO', 'αονΑΕΙΟ'),
  'full-width letters': (text) =>
    text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  'mathematical bold': offset(0x1d400, 0x1d41a),
  'mathematical sans-serif': offset(0x1d5a0, 0x1d5ba),
  'circled letters': offset(0x24b6, 0x24d0),
  'combining marks': (text) => text.replace(/[A-Za-z]/g, '$&\u0336\u0323\u0489'),
  base64,
  'URL-safe base64 without padding': (text) => Buffer.from(text).toString('base64url'),
  'base64 over lines': (text) => base64(text).replace(/.{20}/g, '$&\n'),
  'base64 of UTF-16': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  base32,
  hexadecimal: hex,
  'hexadecimal with spaces': (text) => hex(text).replace(/..(?=.)/g, '$& '),
  'hexadecimal with 0x': (text) =>
    bytes(text)
      .map((byte) => `0x${byte.toString(16).padStart(2, '0')}`)
      .join(', '),
  'hexadecimal escapes': (text) => hex(text).replace(/../g, String.raw`\x$&`),
  'percent signs': (text) => hex(text).replace(/../g, '%$&'),
  'HTML entities': (text) => Array.from(text, (c) => `&#${c.codePointAt(0)};`).join(''),
  'Unicode escapes': (text) =>
    text.replace(/[^ ]/g, (c) => String.raw`\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'quoted-printable': (text) => hex(text).toUpperCase().replace(/../g, '=$&'),
  binary: (text) =>
    bytes(text)
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join(' '),
  ROT13: shifted(13),
  'Caesar by three': shifted(3),
  reversed: (text) => Array.from(text.normalize('NFC')).toReversed().join(''),
  'words reversed': (text) =>
    text
      .split(' ')
      .map((word) => Array.from(word).toReversed().join(''))
      .join(' '),
  'letters apart': (text) => Array.from(text).join(' '),
  'letters apart by dots': (text) =>
    text
      .split(' ')
      .map((word) => Array.from(word).join('.'))
      .join(' '),
  'base64 of base64': (text) => base64(base64(text)),
  'base64 of hexadecimal': (text) => base64(hex(text)),
  'percent signs of base64': (text) => hex(base64(text)).replace(/../g, '%$&'),
  'full-width ROT13': (text) =>
    shifted(13)(text).replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  'base64 of ROT13': (text) => base64(shifted(13)(text)),
};

/** Case, accents or signs are lost on the way. */
export const lossyTransforms: Readonly<Record<string, Transform>> = {
  leetspeak: (text) => mapped('aeostAEOST', '4305743057')(text).replaceAll('i', '1'),
  braille: (text) =>
    Array.from(plainLetters(text), (c) => brailleCells.charAt(c === ' ' ? 26 : place(c))).join(''),
  Morse: (text) =>
    plainLetters(text)
      .split(' ')
      .map((word) => Array.from(word, (c) => morseSignals[place(c)]).join(' '))
      .join(' / '),
  'decimal codes': (text) => Array.from(plainLetters(text), (c) => c.charCodeAt(0)).join(' '),
  'octal codes': (text) =>
    Array.from(plainLetters(text), (c) => c.charCodeAt(0).toString(8).padStart(3, '0')).join(' '),
  'spelling alphabet': (text) =>
    Array.from(plainLetters(text).replaceAll(' ', ''), (c) => spellingWords[place(c)]).join(' '),
};
