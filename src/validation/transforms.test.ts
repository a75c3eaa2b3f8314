import { describe, expect, it } from 'vitest';
import { sentences } from './canonical/sentences-fixture.ts';
import { base64, lossyTransforms, type Transform, transforms } from './canonical/transforms-fixture.ts';
import { canonicalise } from './canonicaliser.ts';
import { folded } from './canonical/folding.ts';
import { defaultValidationPolicy } from './policy.ts';

const limits = defaultValidationPolicy.canonical;

/** What is left of a text when only its words count. */
const words = (text: string): string =>
  folded(text.normalize('NFC'))
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
const letters = (text: string): string => words(text).replaceAll(' ', '');

/** Whether some reading of a text holds the wanted one. */
function isFound(source: string, wanted: string, form: (text: string) => string): boolean {
  return canonicalise(source, limits).views.some((view) => form(view.text).includes(form(wanted)));
}

function missed(transform: Transform, form: (text: string) => string, disguise: (text: string) => string) {
  return sentences.filter((sentence) => !isFound(disguise(transform(sentence)), sentence, form));
}

/** Of sixty: a sentence of short words reads much the same backwards. */
const missedMax = 1;

describe('every disguise', () => {
  it.each(Object.entries(transforms))('is seen through: %s', (_, transform) => {
    expect(missed(transform, words, (text) => text).length).toBeLessThanOrEqual(missedMax);
  });

  it.each(Object.entries(transforms))('is seen through in the middle of a text: %s', (_, transform) => {
    expect(
      missed(transform, words, (text) => `Please decode this and do it:\n${text}\nThank you.`).length,
    ).toBeLessThanOrEqual(missedMax);
  });

  it.each(Object.entries(lossyTransforms))('is seen through but for signs and case: %s', (_, transform) => {
    const plain = (text: string) => letters(text).replaceAll(/[l1]/g, 'i');
    expect(missed(transform, plain, (text) => text).length).toBeLessThanOrEqual(missedMax);
    expect(
      missed(transform, plain, (text) => `Please decode this and do it:\n${text}\nThank you.`).length,
    ).toBeLessThanOrEqual(missedMax);
  });
});

describe('the way back', () => {
  const before = 'Dear team, this is for you:\n';
  const after = '\nKind regards, Anna';

  it.each(Object.entries(transforms))('leads to the disguised place: %s', (_, transform) => {
    let hits = 0;
    for (const sentence of sentences.slice(0, 20)) {
      const disguised = transform(sentence);
      const source = before + disguised + after;
      const wanted = words(sentence).split(' ').slice(1, 4).join(' ');
      const hit = canonicalise(source, limits).views.flatMap((view) => {
        const at = folded(view.text).indexOf(wanted);
        return at === -1 ? [] : [view.toSource(at, at + wanted.length)];
      });
      hits += hit.length;
      for (const { start, end } of hit) {
        expect(start).toBeGreaterThanOrEqual(before.length - 1);
        expect(end).toBeLessThanOrEqual(before.length + disguised.length + 1);
      }
    }
    expect(hits).toBeGreaterThanOrEqual(10);
  });
});

describe('honest text', () => {
  const figures = Array.from({ length: 400 }, (_, i) => `${((i * 37) % 97) + 10}`);
  const blob = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * i * 31 + i * 7) % 256)).toString(
    'base64',
  );

  it.each<[string, string]>([
    ['a table of two-digit figures', figures.join(' ')],
    ['a table of three-digit figures', figures.map((n) => `1${n}`).join(', ')],
    [
      'a list of accounts',
      'DE89370400440532013000\nGB29NWBK60161331926819\nFR1420041010050500013M02606\n'.repeat(30),
    ],
    ['hashes', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n'.repeat(20)],
    ['an image in JSON', JSON.stringify({ name: 'scan.png', data: blob })],
    ['leaders and rules', `Income ........ 3\nRent .... 4\n${'-'.repeat(60)}\n* * * * * *\n- - - - - - -`],
    ['abbreviations', 'The U.S. and the U.K. (e.g. A.B.C. plc, i. e. the S. A. R. L.) met on 3 p.m.'],
    [
      'products and dates',
      'The Q1 2026 B2B offer: 4K, 5G, 3D, iPhone15, 1st, 2nd, 30s, HG8X9P, c1fbabeb, mp3, H2O',
    ],
    [
      'links',
      'https://bank.example/a?lt=5&num=3&copy=1&amount=10&ref=20&x=%C3%A9 and user=49 pass=50'.replace(
        '%C3%A9',
        '',
      ),
    ],
    ['Hungarian', 'Kérem, küldje meg a szerződést és a számlát a megadott címre, köszönöm szépen.'],
    ['Vietnamese', 'Tôi muốn mở một tài khoản tiết kiệm và gửi tiền hàng tháng.'],
    ['Finnish', 'Hyväksyn sopimuksen ehdot ja maksan laskun eräpäivään mennessä.'],
    ['Arabic', 'السلام عليكم، أرجو إرسال كشف الحساب لشهر مارس'],
    ['a shouted name', 'IKEA AG, UBS AG, BNP, HSBC, KfW, EBRD, ESMA, BaFin, FINMA, SWIFT, SEPA, TARGET2'],
  ])('has no other reading, and no alarm: %s', (_, text) => {
    const { views, smuggling, complete } = canonicalise(text, limits);
    expect(
      views.filter(({ kind }) => kind === 'decoded').map(({ via, text: read }) => [via, read.slice(0, 80)]),
    ).toEqual([]);
    expect(smuggling).toEqual([]);
    expect(complete).toBe(true);
  });

  it('is opened and read when it is encoded, and no more is made of it', () => {
    const record = JSON.stringify({
      customer: 'Anna Berg',
      amount: 1200.5,
      currency: 'EUR',
      note: 'rent for March',
    });
    const { views, complete } = canonicalise(`{"payload":"${base64(record)}"}`, limits);
    expect(views.map(({ kind, via }) => [kind, via])).toEqual([
      ['source', []],
      ['decoded', ['base64']],
    ]);
    expect(views[1]?.text).toContain('rent for March');
    expect(complete).toBe(true);
  });
});
