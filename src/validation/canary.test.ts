import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriesCanary, newCanary } from './canary.ts';

const canary = newCanary();
const prompt = `Reference of this session: ${canary}. It is confidential.`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const rot13 = (text: string) =>
  text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97));

const disguises: Readonly<Record<string, string>> = {
  'as it is': `The reference is ${canary}.`,
  'in capitals': canary.toUpperCase(),
  'spaced out': canary.split('').join(' '),
  'with dashes': canary.split('').join('-'),
  'one letter a line': canary.split('').join('\n'),
  'in full width': canary
    .split('')
    .map((c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0))
    .join(''),
  'with zero-width joiners': canary.split('').join('\u200D'),
  reversed: canary.split('').toReversed().join(''),
  'reversed and spaced': canary.split('').toReversed().join(' '),
  rot13: rot13(canary),
  'base64 of the prompt': base64(prompt),
  'base64 in lines': base64(`..${prompt}`).replaceAll(/.{20}/g, '$&\n'),
  'base64 of the canary alone': base64(canary),
  hexadecimal: Buffer.from(prompt).toString('hex'),
  'hexadecimal, byte by byte': Buffer.from(canary).toString('hex').replaceAll(/../g, '$& ').toUpperCase(),
  'its first half': `It begins with ${canary.slice(0, 12)}.`,
  'its last half': canary.slice(12),
};

describe('a canary', () => {
  it('is 24 letters, new each time', () => {
    const many = Array.from({ length: 200 }, newCanary);
    expect(new Set(many).size).toBe(200);
    for (const one of many) expect(one).toMatch(/^[bcdfghjklmnpqrst]{24}$/);
  });

  it.each(Object.entries(disguises))('is seen %s', (_name, text) => {
    expect(carriesCanary(text, canary)).toBe(true);
    expect(carriesCanary(text, newCanary())).toBe(false);
  });

  it('is seen in base64 wherever it stands in the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (before, after) =>
        carriesCanary(base64(before + canary + after), canary),
      ),
      { seed: 5 },
    );
  });

  it('is not seen in texts without it', () => {
    for (const text of ['', 'x', '{"recommendation":"pay","confidence":0.98}', canary.slice(0, 11)])
      expect(carriesCanary(text, canary)).toBe(false);
  });

  it('may be a marker as well, of other characters and length', () => {
    const marker = 'qX3_-v9LmNtR7uW0';
    expect(carriesCanary(`<data marker="${marker}">`, marker)).toBe(true);
    expect(carriesCanary(marker.split('').join(' '), marker)).toBe(true);
    expect(carriesCanary('qX3', marker)).toBe(false);
  });
});
