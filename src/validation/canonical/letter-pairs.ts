/*
 * How likely each letter follows each other in languages written with Latin letters: 27 rows (what
 * stands before: a to z, then a word boundary) of 27 columns, in eighths of a nat above or below an
 * even chance, as the digits of base 64 less 36. Counted by us in 26 translations of the Universal
 * Declaration of Human Rights (English, German, French and Spanish weigh most; accents are dropped).
 */
const rows: readonly string[] = [
  'cckjKVdXiZgskuYYJsoqehWATdy',
  'ubNQ1GKctZSqMbqLGnaWpSGGmJi',
  'qJdFrAAyxWapFZvAAeRnmCAATeg',
  'tKIZ1GMXuONbNdpKAkdPmRHAaaw',
  'cXkkdWfXjWeojvPXQurmVcNROZz',
  'tXHOslMWoHKXHKxHHvSlpPKHNHy',
  'tKPVxKZspSVhDjoDDoZZqMLDeJx',
  'yHMS0IJQpOQcWasBHgTsncMBNGt',
  'kfnjqUnaVeiljvpWNkqqVhCHNau',
  'yNIb0MObqTjRWmtNKNeRsUOMIPn',
  'wMJZwFEQrNjoTTtEEiljqcGEeLu',
  'vNNdwQXUwZarYcnLOAfhjVLAdLx',
  'xhDMzQFZvMLUhRqjBMgSmOBFSOv',
  'tIgssTmUraVSPgmCEJmrcUBAeUz',
  'UfjmViiViabmnwagArpjjhcAPbx',
  'uGRLxSJQmLJnUWvfD0bdlQDDKHj',
  'fUUWVVXVYVUUUUUUaXbU9UUVUUf',
  'vcXgxVYUuPcXadpSAalqiXQAeZw',
  'pLjQtUGbqLicXZqgBPkukcOARb0',
  'tIDAwINnxKVZNXrFBlijlYSAeSx',
  'kfjilbaVjXepmxefDrqoWWOXOdv',
  'zDDM0FFJwULZHfvDDfeIaIDDcUm',
  'vPNSvNPpxNSZNiwNOTjPcNPNlXt',
  'ibhataaavfbbacitacajbaadaa1',
  'ndmblQbddSihlhpTIglkVYbIUY4',
  'ybSmvHaSvbYgglkaHUafoeaHkfs',
  'shjroifjnegljknpWjqoikdAWdk',
];

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const EVEN_CHANCE = 36;
/** Latin without, and with, the accents of Europe; everything above is a boundary. */
export const LATIN_END = 0x250;

/** Letters and the boundary between words. */
export const LETTERS = 27;
export const BOUNDARY = 26;

/** At `before * LETTERS + after`. */
export const pairScores: Int8Array = Int8Array.from(
  rows.join(''),
  (digit) => digits.indexOf(digit) - EVEN_CHANCE,
);

const undecomposed: Readonly<Record<string, string>> = {
  ß: 's',
  æ: 'a',
  œ: 'o',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ı: 'i',
};

const letterIndices: Uint8Array = Uint8Array.from({ length: LATIN_END }, (_, code) => {
  const lower = String.fromCharCode(code).toLowerCase();
  const letter = (undecomposed[lower] ?? lower.normalize('NFD')).charCodeAt(0) - 97;
  return letter >= 0 && letter < BOUNDARY ? letter : BOUNDARY;
});

/** 0 to 25 for a letter, whatever its case and accent; BOUNDARY for everything else. */
export function letterIndex(code: number): number {
  return code < LATIN_END ? (letterIndices[code] as number) : BOUNDARY;
}
