import { randomBytes } from 'node:crypto';
import type { Finding } from '../decision/finding.ts';

// Letters only, and no vowels: neither leetspeak nor a change of case touches them, and no word comes about.
const letters = 'bcdfghjklmnpqrst';
const entropyBytes = 12;
/** What is left of a canary that was cut: still nothing that turns up by chance (48 bits of a canary of ours). */
const remainderCharacters = 12;
const VERSION = '1';

/** A word that nobody can guess, for a system prompt that nobody is to repeat. */
export function newCanary(): string {
  return randomBytes(entropyBytes)
    .toString('hex')
    .split('')
    .map((digit) => letters[parseInt(digit, 16)])
    .join('');
}

/**
 * Whether an answer carries a canary: as it is or in part, in any case, spaced out or broken up by marks, in
 * reverse, under ROT13, as hexadecimal or base64. The output filter looks for it in every decoded reading as
 * well; here are the forms that a reading would be opened for only if it looked like text.
 */
export function carriesCanary(text: string, canary: string): boolean {
  const plain = squeezed(canary);
  const shown = squeezed(text.normalize('NFKC'));
  const hex = Buffer.from(canary).toString('hex');
  const words = [plain, plain.split('').toReversed().join(''), rot13(plain)];
  if (words.some((word) => holdsPart(shown, word, remainderCharacters))) return true;
  if (holdsPart(shown, hex, 2 * remainderCharacters)) return true;
  const unbroken = text.replaceAll(/\s+/g, '');
  return base64Cores(canary).some((core) => unbroken.includes(core));
}

/** The finding of a canary in a text. Where exactly it stands is of no use: nothing of the text is released. */
export function canaryFinding(origin: string, text: string): Finding {
  return {
    detector: 'canary',
    detectorVersion: VERSION,
    origin,
    rule: 'canary',
    score: 1000,
    span: { start: 0, end: text.length },
    surface: 'output',
    via: [],
  };
}

function squeezed(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');
}

function holdsPart(text: string, word: string, length: number): boolean {
  if (text.length < length) return false;
  for (let start = 0; start === 0 || start + length <= word.length; start += 1) {
    if (text.includes(word.slice(start, start + length))) return true;
  }
  return false;
}

function rot13(text: string): string {
  return text.replaceAll(/[a-z]/g, (letter) =>
    String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97),
  );
}

/** The characters that stand in the base64 of any text with the word in it, for each of its three alignments. */
function base64Cores(word: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from('\0'.repeat(offset) + word).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + word.length) * 8) / 6));
  });
}
