import { asText } from './bytes.ts';
import { isLanguage } from './plausibility.ts';

const digitGroups = /[^\s,;:[\]()\\]+/g;
const binaryGroup = /^(?:0b)?[01]{7,8}$/;
const octalGroup = /^0?[0-7]{2,3}$/;
/** Text that is encoded once more. */
const anotherEncoding = /^[\w+/=-]{16,}$/;

/** Numbers that are codes of characters: in base 10 or 8. Tables of numbers are not language. */
export function fromNumbers(piece: string): string | null {
  const groups = piece.match(digitGroups) ?? [];
  const bases = groups.every((group) => octalGroup.test(group)) ? [10, 8] : [10];
  for (const base of bases) {
    const codes = groups.map((group) => Number.parseInt(group, base));
    if (!codes.every((code) => code === 9 || code === 10 || code === 13 || (code >= 32 && code < 256)))
      continue;
    const text = codes.map((code) => String.fromCharCode(code)).join('');
    if (isLanguage(text) || anotherEncoding.test(text)) return text;
  }
  return null;
}

/** Bytes in base 2, in groups or in one run. */
export function fromBits(piece: string): string | null {
  const groups = piece.match(digitGroups) ?? [];
  if (groups.length > 1 && groups.every((group) => binaryGroup.test(group))) {
    return asText(Buffer.from(groups.map((group) => Number.parseInt(group.replace('0b', ''), 2))));
  }
  const bits = groups.join('');
  if (bits.length % 8 !== 0) return null;
  return asText(Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))));
}
