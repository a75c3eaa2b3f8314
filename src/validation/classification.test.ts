import { describe, expect, it } from 'vitest';
import type { SurfaceText } from '../decision/surface.ts';
import { createClassifier, restoreClassifier } from './classification.ts';
import { defaultValidationPolicy } from './policy.ts';
import { type DetectedKind, detectedKinds } from './sensitive-kinds.ts';

const { canonical } = defaultValidationPolicy;
const everything = createClassifier(
  detectedKinds.map((detects) => ({ detects, dataClass: `class-of-${detects}` })),
  canonical,
);
const chat = (text: string, key?: string): SurfaceText => ({
  surface: 'chat',
  origin: '/input/note',
  text,
  ...(key === undefined ? {} : { key }),
});
const kindsIn = (text: string, key?: string) =>
  everything.classify([chat(text, key)]).findings.map(({ rule }) => rule);

describe('numbers that prove themselves', () => {
  it.each<[DetectedKind, string, string | undefined]>([
    ['iban', 'Bitte auf DE89 3704 0044 0532 0130 00 zahlen.', undefined],
    ['card', '4111 1111 1111 1111', undefined],
    ['card', '4111111111111111', 'cardNumber'],
    ['national-id', 'codice fiscale RSSMRA85T10A562S', undefined],
    ['national-id', '44051401359', 'pesel'],
    ['email', 'write to a.person@bank.example', undefined],
  ])('%s in “%s”', (kind, text, key) => {
    expect(kindsIn(text, key)).toContain(kind);
  });

  it.each(['DE89 3704 0044 0532 0130 01', '4111 1111 1111 1112', '0.4111111111111111', '44051401359'])(
    'and not “%s”, whose check digits or name are not there',
    (text) => {
      expect(kindsIn(text)).toEqual([]);
    },
  );
});

/** Sentences as they stand in files of banks and insurers; written for this test, by hand. */
const special: readonly (readonly [DetectedKind, string])[] = [
  ['health-terms', 'The applicant was diagnosed with asthma in 2021.'],
  ['health-terms', 'Sie ist seit März schwanger.'],
  ['health-terms', 'Grad der Behinderung 50, krankgeschrieben seit Mai.'],
  ['health-terms', 'Il suit une chimiothérapie.'],
  ['health-terms', 'Tiene una discapacidad reconocida.'],
  ['health-terms', 'In gravidanza da sei mesi.'],
  ['health-terms', 'Arbeidsongeschikt sinds vorig jaar.'],
  ['religion-terms', 'Zahlt Kirchensteuer, Konfession evangelisch.'],
  ['religion-terms', 'He is a Muslim and asks for a product without interest.'],
  ['union-terms', 'Monthly trade union dues of 21 euros.'],
  ['union-terms', 'Mitglied der Gewerkschaft.'],
  ['politics-terms', 'A party donation of 500.'],
  ['sexuality-terms', 'She lives with her partner and is openly lesbian.'],
  ['ethnicity-terms', 'Ethnic origin: not stated.'],
  ['biometric-terms', 'A genetic test was attached.'],
  // Sentences that say it without any of the words: nobody should think that lists of words find them.
  ['health-terms', 'He has been seeing an oncologist every Tuesday.'],
  ['health-terms', 'She lost the use of her legs after the accident.'],
  ['religion-terms', 'They attend the Friday prayer.'],
  ['union-terms', 'He took part in the strike as a delegate.'],
];
const honest: readonly string[] = [
  'A loan of 12000 euros for a kitchen.',
  'The Great Depression changed bank supervision.',
  'The condition of the roof is poor; water damage on two floors.',
  'Credit union membership since 2009.',
  'Our doctor applied for a practice loan.',
  'The contract is in healthy shape and its terms are usual.',
  'Die Bank bietet eine Union Investment an.',
  'Le client travaille dans un hôpital.',
  'The party of the first part shall pay.',
  'Mass payment file of 300 lines.',
  'European Union rules apply.',
  'A church bought the building.',
];

describe('words that suggest special categories', () => {
  it('find what they list and raise nothing else', () => {
    const found = special.filter(([kind, text]) => kindsIn(text).includes(kind));
    const wrong = honest.filter((text) => kindsIn(text).length > 0);
    // A floor under what was measured when the lists were written, not a promise about other texts.
    expect({ found: found.length, of: special.length, wrong }).toEqual({ found: 15, of: 19, wrong: [] });
  });

  it('are found in disguise, with the place in the source', () => {
    const text = `Note: ${Buffer.from('the applicant was diagnosed in May').toString('base64')}`;
    const [finding] = everything.classify([chat(text)]).findings;
    expect(finding).toMatchObject({ rule: 'health-terms', origin: '/input/note', via: ['base64'] });
    expect(finding?.span.end).toBeLessThanOrEqual(text.length);
  });
});

describe('a classification', () => {
  it('names each kind once for each text, and no value', () => {
    const texts = [chat('4111 1111 1111 1111, 5500 0000 0000 0004'), chat('4111 1111 1111 1111')];
    const { dataClasses, findings } = everything.classify(texts);
    expect(dataClasses).toEqual(['class-of-card']);
    expect(findings).toHaveLength(2);
    expect(JSON.stringify(findings)).not.toMatch(/4111/);
  });

  it('is the same from what a release keeps of it', () => {
    const again = restoreClassifier(everything.content);
    expect([again.version, again.content]).toEqual([everything.version, everything.content]);
    const texts = special.map(([, text]) => chat(text));
    expect(again.classify(texts)).toEqual(everything.classify(texts));
  });

  it('looks for nothing but what the rules name', () => {
    const one = createClassifier([{ detects: 'iban', dataClass: 'x' }], canonical);
    expect(one.classify([chat('4111 1111 1111 1111, diagnosed')]).dataClasses).toEqual([]);
  });

  it('fails where a text is encoded too deeply to be read', () => {
    const shallow = createClassifier([{ detects: 'iban', dataClass: 'x' }], { ...canonical, depthMax: 0 });
    const text = Buffer.from('a text that is long enough to be an encoding of words').toString('base64');
    expect(() => shallow.classify([chat(text)])).toThrow('too deeply');
  });
});
