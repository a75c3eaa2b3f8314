import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { Digest } from '../decision/ids.ts';
import type { Finding } from '../decision/finding.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { canonicalise } from './canonicaliser.ts';
import { folded } from './canonical/folding.ts';
import { createTextClassifier } from './classifier/classifier.ts';
import { type Model, shippedModel, unpackModel } from './classifier/weights.ts';
import type { View } from './canonical/view.ts';
import type { OperatorModel } from './operator-model/operator-model.ts';
import { OperatorModelError } from './operator-model/problem.ts';
import type { ValidationPolicy } from './policy.ts';
import { rules } from './rules.ts';
import type { Rule } from './rules/rule.ts';
import { smugglingRules } from './rules/smuggling.ts';
import type { SecondDetector, Signal } from './second-detector.ts';

const NAME = 'rules';
const EDITION = 2;

/** Matches of one rule in one view that are reported; one would do for the verdict. */
const MATCHES_MAX = 8;
/** Wrapping an instruction in an encoding that hides it is half a confession. */
const HIDING_SURCHARGE = 150;
const hiding: ReadonlySet<string> = new Set([
  'tags',
  'variation-selectors',
  'bidi-override',
  'base64',
  'base32',
  'hex',
  'binary',
  'character-codes',
  'braille',
  'morse',
  'spelling-alphabet',
  'spaced',
  'leetspeak',
  'rot13',
  'caesar',
  'atbash',
  'reversed',
  'reversed-words',
  'pig-latin',
]);

/** Writing that loses case and signs, which the classifier goes by; nobody writes to a bank in it. */
const lossy: ReadonlySet<string> = new Set(['braille', 'morse', 'character-codes', 'spelling-alphabet']);

export interface Detection {
  readonly findings: readonly Finding[];
  /** False when the text is nested deeper, or grows larger, than it may be opened. */
  readonly complete: boolean;
  /** The highest score of any detector, not rounded and of any height: what a measurement ranks texts by. */
  readonly score: number;
}

export interface Detector {
  readonly version: string;
  /** Everything that determines the findings and what follows from them, as canonical JSON. */
  readonly content: string;
  readonly policy: ValidationPolicy;
  /** The bytes of the classifier's weights, as base64, and their digest; null for a detector of rules alone. */
  readonly weights: { readonly digest: Digest; readonly base64: string } | null;
  detect(text: SurfaceText): Detection;
}

/** What a detector is made of, as the release keeps it. */
export interface StoredDetector {
  readonly version: string;
  readonly content: string;
  /** A detector from before the classifier has none. */
  readonly weights?: { readonly base64: string } | null;
}

/** Rules with the pattern that spares most honest texts the look at each of them. */
interface RuleSet {
  readonly rules: readonly Rule[];
  readonly anyCue: RegExp;
}

/**
 * Every rule over every reading of a text, and the classifier beside them.
 * @param operator the operator's own model, where the policy has one: texts must have been shown to it before
 */
export function createDetector(
  policy: ValidationPolicy,
  model: Model | null = shippedModel(),
  operator: OperatorModel['digests'] | null = null,
): Detector {
  const classifier = model === null ? {} : { classifier: { weights: model.digest } };
  const content = canonicalJson({
    rules: rules.map(describe),
    smuggling: smugglingRules,
    policy,
    ...classifier,
    ...(operator === null ? {} : { onnx: operator }),
  });
  const version = `${EDITION}+${digestOf(content).slice(7, 19)}`;
  return detectorOf({ content, version }, { used: rules, policy, model, operator });
}

/**
 * The detector of an earlier day, with the rules, scores, weights and policy that it had.
 * @throws RangeError when the weights are not those that the detector had
 */
export function restoreDetector(stored: StoredDetector): Detector {
  const content = JSON.parse(stored.content) as DetectorContent;
  const used = content.rules.map(restore);
  const model = restoreModel(content, stored);
  return detectorOf(stored, { used, policy: content.policy, model, operator: content.onnx ?? null });
}

/** Whether a detector of an earlier day had a classifier, whose weights it needs. */
export function hasClassifier(content: string): boolean {
  return (JSON.parse(content) as DetectorContent).classifier !== undefined;
}

function restoreModel({ classifier }: DetectorContent, { weights }: StoredDetector): Model | null {
  if (classifier === undefined) return null;
  const model = unpackModel(Buffer.from(weights?.base64 ?? '', 'base64'));
  if (model.digest !== classifier.weights) throw new RangeError('the weights are not those of the release');
  return model;
}

function detectorOf(
  { content, version }: StoredDetector,
  { used, policy, model, operator }: Ingredients,
): Detector {
  const ruleSet = { rules: used, anyCue: anyCueOf(used) };
  const second = model === null ? null : createTextClassifier(model);
  return {
    content,
    version,
    policy,
    weights: model === null ? null : { digest: model.digest, base64: model.bytes.toString('base64') },
    detect: (text) => detect(text, { ruleSet, second, operator, policy, version }),
  };
}

interface Ingredients {
  readonly used: readonly Rule[];
  readonly policy: ValidationPolicy;
  readonly model: Model | null;
  readonly operator: OperatorModel['digests'] | null;
}

/** Canonical JSON of this is a detector's content. Patterns are always global and have no other flag. */
interface DetectorContent {
  readonly rules: readonly (Omit<Rule, 'pattern'> & { readonly pattern: string })[];
  readonly policy: ValidationPolicy;
  readonly classifier?: { readonly weights: Digest };
  readonly onnx?: OperatorModel['digests'];
}

function describe({ pattern, ...rule }: Rule) {
  return { ...rule, pattern: pattern.source };
}

function restore({ pattern, ...rule }: DetectorContent['rules'][number]): Rule {
  return { ...rule, pattern: new RegExp(pattern, 'g') };
}

interface Parts {
  readonly ruleSet: RuleSet;
  readonly second: SecondDetector | null;
  readonly operator: OperatorModel['digests'] | null;
  readonly policy: ValidationPolicy;
  readonly version: string;
}

function detect(source: SurfaceText, { ruleSet, second, operator, policy, version }: Parts): Detection {
  const { views, smuggling, complete } = canonicalise(source.text, policy.canonical);
  const { surface, origin } = source;
  const found = new Map<string, Finding>();
  const add = (rule: string, score: number, span: Finding['span'], via: readonly string[]): void => {
    const key = `${rule} ${span.start} ${span.end}`;
    // The reading with the fewest steps comes first and explains best.
    if (found.has(key)) return;
    found.set(key, { surface, origin, detector: NAME, detectorVersion: version, rule, score, span, via });
  };
  for (const { rule, score, start, end } of smuggling) add(rule, score, { start, end }, []);
  for (const view of views) scan(view, source, ruleSet, add);
  const ruled = [...found.values()];
  const signals = (second?.signals(source, views) ?? []).map(withSurcharge);
  const told = operator === null ? [] : operatorSignals(source);
  const scores = [...ruled, ...signals, ...told].map(({ score }) => score);
  const weighed = second === null ? [] : weighedFindings(source, second, signals, policy);
  const asked = operator === null ? [] : weighedFindings(source, nameOf(operator), told, policy);
  return { findings: [...ruled, ...weighed, ...asked], complete, score: Math.max(0, ...scores) };
}

function withSurcharge(signal: Signal): Signal {
  if (!signal.via.some((step) => lossy.has(step))) return signal;
  return { ...signal, score: Math.min(1000, signal.score + HIDING_SURCHARGE) };
}

/** What the operator's model made of the text, on the day; its numbers may differ between machines (I7). */
function operatorSignals({ scored }: SurfaceText): Signal[] {
  if (scored === undefined) throw new OperatorModelError('a text that the model has not seen');
  return scored.map(({ start, end, score, via }) => {
    return { rule: 'operator-model', score, span: { start, end }, via };
  });
}

function nameOf({ model }: OperatorModel['digests']) {
  return { name: 'onnx', version: model.slice(7, 19) };
}

/**
 * Classifiers have a score for every text, so only what the policy acts on is a finding. Where several
 * readings show the same place, the strongest counts, and of those the one with the fewest steps.
 */
function weighedFindings(
  { surface, origin }: SurfaceText,
  { name, version }: Pick<SecondDetector, 'name' | 'version'>,
  signals: readonly Signal[],
  policy: ValidationPolicy,
): Finding[] {
  const { review, refuse } = policy.thresholds[surface];
  const ranked = signals
    .filter(({ score }) => Math.round(score) >= Math.min(review, refuse))
    .toSorted((one, other) => other.score - one.score || one.via.length - other.via.length);
  const taken: Finding[] = [];
  for (const { rule, score, span, via } of ranked) {
    if (taken.some((one) => span.start < one.span.end && one.span.start < span.end)) continue;
    taken.push({
      surface,
      origin,
      detector: name,
      detectorVersion: version,
      rule,
      score: Math.round(score),
      span,
      via,
    });
  }
  return taken;
}

const literal = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');

function anyCueOf(used: readonly Rule[]): RegExp {
  const cues = [...new Set(used.flatMap((rule) => rule.cues))];
  // Without rules nothing may match, where an empty pattern would match everything.
  return cues.length === 0 ? /(?!)/ : new RegExp(cues.map(literal).join('|'));
}

function scan(
  view: View,
  { surface }: SurfaceText,
  { rules: used, anyCue }: RuleSet,
  add: (rule: string, score: number, span: Finding['span'], via: readonly string[]) => void,
): void {
  const text = folded(view.text);
  if (!anyCue.test(text)) return;
  const surcharge = view.via.some((step) => hiding.has(step)) ? HIDING_SURCHARGE : 0;
  for (const rule of used) {
    if (rule.surfaces && !rule.surfaces.includes(surface)) continue;
    if (!rule.cues.some((cue) => text.includes(cue))) continue;
    rule.pattern.lastIndex = 0;
    for (let count = 0; count < MATCHES_MAX; count += 1) {
      const match = rule.pattern.exec(text);
      if (match === null) break;
      const span = view.toSource(match.index, match.index + match[0].length);
      add(rule.id, Math.min(1000, rule.score + surcharge), span, view.via);
    }
  }
}
