import { canonicalJson, digestOf } from '../decision/canonical.ts';
import { InvariantError } from '../decision/errors.ts';
import type { Finding } from '../decision/finding.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { type CanonicalLimits, canonicalise } from './canonicaliser.ts';
import { folded } from './canonical/folding.ts';
import { findCards, findEmails, findIbans } from './output/accounts.ts';
import { findNationalIds } from './output/national-ids.ts';
import type { DetectedKind } from './sensitive-kinds.ts';
import { specialWords, wordsPattern } from './special-categories.ts';

/** What a request that holds a kind of data is at least. */
export interface ClassRule {
  readonly detects: DetectedKind;
  readonly dataClass: string;
}

export interface Classification {
  /** Classes that the request has at least, each once. */
  readonly dataClasses: readonly string[];
  /** One for each kind and place; no value (I8). A kind that only words suggest has a low score. */
  readonly findings: readonly Finding[];
}

export interface Classifier {
  /** What a release manifest names. */
  readonly name: string;
  readonly version: string;
  /** Rules and words as canonical JSON. */
  readonly content: string;
  /** @throws InvariantError for a text that inspection should not have let through */
  classify(texts: readonly SurfaceText[]): Classification;
}

const NAME = 'classification';
const EDITION = '2';
const findingsMax = 100;
/** How far a finding is to be believed, of 1000: check digits are right by chance once in ten or so. */
const scores = { checked: 900, form: 700, word: 400 } as const;

interface ClassifierContent {
  readonly edition: string;
  readonly rules: readonly ClassRule[];
  readonly words: Readonly<Record<string, string>>;
  readonly canonical: CanonicalLimits;
}

/** Looks for what the rules name, in every reading of every text. Pure and deterministic (I7). */
export function createClassifier(rules: readonly ClassRule[], canonical: CanonicalLimits): Classifier {
  return classifierOf({ edition: EDITION, rules, words: specialWords, canonical });
}

/** The classifier of an earlier day, from what a release keeps of it. */
export function restoreClassifier(content: string): Classifier {
  return classifierOf(JSON.parse(content) as ClassifierContent);
}

type Sense = (text: string, key: string) => { readonly start: number; readonly end: number } | undefined;

function classifierOf(made: ClassifierContent): Classifier {
  const content = canonicalJson(made);
  const version = `${made.edition}+${digestOf(content).slice(7, 19)}`;
  const senses = made.rules.map((rule) => ({ ...rule, ...senseOf(rule.detects, made.words) }));
  return {
    name: NAME,
    version,
    content,
    classify: (texts) => {
      const dataClasses = new Set<string>();
      const findings: Finding[] = [];
      for (const source of texts) {
        const { views, complete } = canonicalise(source.text, made.canonical);
        if (!complete) throw new InvariantError('a text is encoded too deeply to be classified');
        for (const { detects, dataClass, sense, score } of senses) {
          for (const view of views) {
            const found = sense(view.text, source.key ?? '');
            if (found === undefined) continue;
            dataClasses.add(dataClass);
            const span = view.toSource(found.start, found.end);
            const { surface, origin } = source;
            const place = { surface, origin, detector: NAME, detectorVersion: version };
            if (findings.length < findingsMax)
              findings.push({ ...place, rule: detects, score, span, via: view.via });
            break;
          }
        }
      }
      return { dataClasses: [...dataClasses], findings };
    },
  };
}

/** Numbers and addresses prove or shape themselves; the rest is words. */
const finders: Partial<Record<DetectedKind, { readonly sense: Sense; readonly score: number }>> = {
  iban: { sense: (text) => findIbans(text)[0], score: scores.checked },
  card: { sense: (text, key) => findCards(text, key)[0], score: scores.checked },
  'national-id': { sense: (text, key) => findNationalIds(text, key)[0], score: scores.checked },
  email: { sense: (text) => findEmails(text)[0], score: scores.form },
};

function senseOf(kind: DetectedKind, words: ClassifierContent['words']): { sense: Sense; score: number } {
  const finder = finders[kind];
  if (finder !== undefined) return finder;
  const listed = words[kind];
  if (listed === undefined) throw new InvariantError(`nothing is known that finds ${kind}`);
  const pattern = wordsPattern(listed);
  const sense: Sense = (text) => {
    pattern.lastIndex = 0;
    const match = pattern.exec(folded(text));
    return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
  };
  return { sense, score: scores.word };
}
