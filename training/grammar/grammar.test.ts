import { describe, expect, it } from 'vitest';
import { shinglesOf } from './compose/novelty.ts';
import { createScene } from './compose/scene.ts';
import { createDraw } from './engine/draw.ts';
import { factNames } from './engine/facts.ts';
import { payloadEnd, payloadStart } from './engine/frame.ts';
import { expandTemplate, slotsOf } from './engine/template.ts';
import {
  type CorpusRow,
  composeCorpus,
  distinctShare,
  heldOutCarriers,
  heldOutFamilies,
  languages,
  type Surface,
} from './index.ts';

const train = composeCorpus({ seed: 7, count: 12_000, split: 'train' });
const heldOut = composeCorpus({ seed: 7, count: 4000, split: 'held-out' });
const both = [...train, ...heldOut];
const attacks = both.filter((row) => row.label === 'attack');
const names = (rows: readonly CorpusRow[], of: (row: CorpusRow) => string) => new Set(rows.map(of));

describe('templates', () => {
  const draw = createDraw(1);
  const lookup = (slot: string) => (slot === 'list' ? ['[one|two]'] : `<${slot}>`);

  it('take one branch, fill slots, and close up what empty branches leave', () => {
    expect(expandTemplate('a [b|] {c}.', createDraw(3), lookup)).toMatch(/^a (?:b )?<c>\.$/);
    expect(expandTemplate('{list}', draw, lookup)).toMatch(/^(?:one|two)$/);
    expect(expandTemplate('⦃"x": ⟦1⟧⦄ ¦', draw, lookup)).toBe('{"x": [1]} |');
    expect(slotsOf('{a} [b {c}|[{d}|]]')).toEqual(['a', 'c', 'd']);
  });

  it.each(['[a', 'a]', '{a', 'a}', '[a|{b]'])('refuse %s', (text) => {
    expect(() => expandTemplate(text, draw, lookup)).toThrow('unbalanced');
  });

  it('are all balanced, and name facts and lists that exist', () => {
    for (const language of languages) {
      const known = new Set([...factNames, ...Object.keys(language.lists)]);
      const templates = stringsIn([
        language.carriers,
        language.payloads,
        language.honest,
        language.lists,
      ]).concat(stringsIn([language.chatAttacks, language.chatHonest, language.openings, language.closings]));
      const unknown = templates.flatMap(slotsOf).filter((slot) => !known.has(slot));
      expect({ language: language.code, unknown }).toEqual({ language: language.code, unknown: [] });
      expect(templates.join('')).not.toMatch(new RegExp(`[${payloadStart}${payloadEnd}]`));
    }
  });
});

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

describe('a corpus', () => {
  it('is the same for the same seed, another for another, and begins with the shorter one', () => {
    const again = composeCorpus({ seed: 7, count: 300, split: 'train' });
    expect(composeCorpus({ seed: 7, count: 300, split: 'train' })).toEqual(again);
    expect(train.slice(0, 100).map((row) => row.id)).toEqual(again.slice(0, 100).map((row) => row.id));
    expect(train.slice(0, 100)).toEqual(again.slice(0, 100));
    const other = composeCorpus({ seed: 8, count: 300, split: 'train' });
    expect(other.filter((row, index) => row.text === again[index]?.text)).toEqual([]);
    expect(() => composeCorpus({ seed: 7, count: -1, split: 'train' })).toThrow(RangeError);
  });

  it('has ids that are all different', () => {
    expect(names(both, (row) => row.id).size).toBe(both.length);
  });

  it('keeps held-out families and carriers out of training', () => {
    expect(
      train.filter((row) => heldOutFamilies.has(row.family) || heldOutCarriers.has(row.carrier)),
    ).toEqual([]);
    expect(heldOut.filter((row) => !heldOutCarriers.has(row.carrier))).toEqual([]);
    for (const family of heldOutFamilies) expect(names(heldOut, (row) => row.family)).toContain(family);
    for (const carrier of heldOutCarriers) expect(names(heldOut, (row) => row.carrier)).toContain(carrier);
    const rate = heldOut.filter((row) => heldOutFamilies.has(row.family)).length / heldOut.length;
    expect(rate).toBeGreaterThan(0.4);
  });

  it.each(['train', 'held-out'] as const)('is balanced by label on every surface of %s', (split) => {
    const rows = split === 'train' ? train : heldOut;
    for (const surface of ['chat', 'document', 'retrieved', 'tool_result'] as const) {
      const here = rows.filter((row) => row.surface === surface);
      expect(here.length).toBeGreaterThan(rows.length / 10);
      const share = here.filter((row) => row.label === 'attack').length / here.length;
      expect(Math.abs(share - 0.5)).toBeLessThan(0.06);
    }
  });

  it('says where the payload is, and leaves no marks', () => {
    for (const row of both) {
      expect(row.text).not.toMatch(new RegExp(`[${payloadStart}${payloadEnd}]`));
      expect(row.payloadSpan === undefined).toBe(row.label === 'benign');
      if (row.payloadSpan === undefined) continue;
      const { start, end } = row.payloadSpan;
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(row.text.length);
      expect(row.text.slice(start, end).trim().length).toBeGreaterThan(3);
    }
  });

  it('leaves an honest text when the payload is taken out', () => {
    const third = attacks.filter((row) => row.surface !== 'chat' && row.family !== 'split_payload');
    const outside = third.map(
      (row) => row.text.length - ((row.payloadSpan?.end ?? 0) - (row.payloadSpan?.start ?? 0)),
    );
    expect(outside.filter((length) => length > 40).length / third.length).toBeGreaterThan(0.98);
  });

  it('fills every slot and closes every bracket', () => {
    const left = both
      .filter((row) => /\{[a-z]+\d?\}|[⟦⟧⦃⦄¶]|undefined/.test(row.text))
      .map((row) => row.text);
    expect(left).toEqual([]);
  });
});

describe('variety', () => {
  const english = languages.find((language) => language.code === 'en');
  const familiesOn = (surface: Surface) =>
    names(
      attacks.filter((row) => row.surface === surface && row.language === 'en'),
      (row) => row.family,
    );

  it('brings every family to every surface where it makes sense', () => {
    const families = Object.keys(english?.payloads ?? {});
    expect(families.length).toBeGreaterThanOrEqual(20);
    for (const surface of ['document', 'retrieved', 'tool_result'] as const) {
      expect(families.filter((family) => !familiesOn(surface).has(family))).toEqual([]);
    }
    const chat = familiesOn('chat');
    expect(Object.keys(english?.chatAttacks ?? {}).filter((family) => !chat.has(family))).toEqual([]);
    // Whoever asks the assistant for a poem attacks nobody.
    expect(chat).not.toContain('generic_task');
  });

  it('uses every carrier', () => {
    const carriers = languages.flatMap((language) => language.carriers.map((carrier) => carrier.id));
    const used = names(both, (row) => row.carrier);
    expect(carriers.filter((id) => !used.has(id))).toEqual([]);
  });

  it('speaks every language, on both sides and on every surface', () => {
    expect(languages.map((language) => language.code).sort()).toEqual(
      'ar cs de en es fr it ja nl pl pt ro ru sv tr zh'.split(' '),
    );
    const seen = names(train, (row) => `${row.language} ${row.label} ${row.surface}`);
    expect(seen.size).toBe(16 * 2 * 4);
  });

  it('gives both labels the same languages and carriers, so that neither tells the label', () => {
    for (const of of [(row: CorpusRow) => row.language, (row: CorpusRow) => row.carrier]) {
      for (const value of names(train, of)) {
        const here = train.filter((row) => of(row) === value);
        const share = here.filter((row) => row.label === 'attack').length / here.length;
        expect(share).toBeGreaterThan(0.3);
        expect(share).toBeLessThan(0.7);
      }
    }
  });

  it('does not repeat itself beyond a bound', () => {
    expect(names(both, (row) => row.text).size / both.length).toBeGreaterThan(0.99);
    expect(distinctShare(train.map((row) => row.text))).toBeGreaterThan(0.75);
    expect(distinctShare(['a b', 'a b'])).toBe(0.5);
    expect(shinglesOf('one two three four five six seven eight nine')).toHaveLength(2);
  });

  it('lets no scene speak of a fact that does not exist', () => {
    const language = languages[0];
    if (language === undefined) throw new Error('no language');
    expect(() => createScene(createDraw(1), language).say('{nonsense}')).toThrow(
      'no fact or list {nonsense}',
    );
  });
});
