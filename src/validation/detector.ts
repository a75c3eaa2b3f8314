import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { Finding } from '../decision/finding.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { type CanonicalLimits, canonicalise } from './canonicaliser.ts';
import { folded } from './canonical/folding.ts';
import type { View } from './canonical/view.ts';
import type { ValidationPolicy } from './policy.ts';
import { rules } from './rules.ts';
import type { Rule } from './rules/rule.ts';
import { smugglingRules } from './rules/smuggling.ts';

const NAME = 'rules';
const EDITION = 1;

/** Matches of one rule in one view that are reported; one would do for the verdict. */
const MATCHES_MAX = 8;
/** Wrapping an instruction in an encoding that hides it is half a confession. */
const HIDING_SURCHARGE = 150;
const hiding: ReadonlySet<string> = new Set([
  'tags',
  'variation-selectors',
  'bidi-override',
  'base64',
  'hex',
]);

export interface Detection {
  readonly findings: readonly Finding[];
  /** False when the text is nested deeper, or grows larger, than it may be opened. */
  readonly complete: boolean;
}

export interface Detector {
  readonly version: string;
  /** Everything that determines the findings and what follows from them, as canonical JSON. */
  readonly content: string;
  readonly policy: ValidationPolicy;
  detect(text: SurfaceText): Detection;
}

/** What a detector is made of, as the release keeps it. */
export interface StoredDetector {
  readonly version: string;
  readonly content: string;
}

/** Rules with the pattern that spares most honest texts the look at each of them. */
interface RuleSet {
  readonly rules: readonly Rule[];
  readonly anyCue: RegExp;
}

/** The rule detector: every rule over every reading of a text. */
export function createDetector(policy: ValidationPolicy): Detector {
  const content = canonicalJson({ rules: rules.map(describe), smuggling: smugglingRules, policy });
  const version = `${EDITION}+${digestOf(content).slice(7, 19)}`;
  return detectorOf({ content, version }, rules, policy);
}

/** The detector of an earlier day, with the rules, scores and policy that it had. */
export function restoreDetector(stored: StoredDetector): Detector {
  const content = JSON.parse(stored.content) as DetectorContent;
  return detectorOf(stored, content.rules.map(restore), content.policy);
}

function detectorOf(stored: StoredDetector, used: readonly Rule[], policy: ValidationPolicy): Detector {
  const ruleSet = { rules: used, anyCue: anyCueOf(used) };
  const { content, version } = stored;
  return { content, version, policy, detect: (text) => detect(text, ruleSet, policy.canonical, version) };
}

/** Canonical JSON of this is a detector's content. Patterns are always global and have no other flag. */
interface DetectorContent {
  readonly rules: readonly (Omit<Rule, 'pattern'> & { readonly pattern: string })[];
  readonly policy: ValidationPolicy;
}

function describe({ pattern, ...rule }: Rule) {
  return { ...rule, pattern: pattern.source };
}

function restore({ pattern, ...rule }: DetectorContent['rules'][number]): Rule {
  return { ...rule, pattern: new RegExp(pattern, 'g') };
}

function detect(source: SurfaceText, ruleSet: RuleSet, limits: CanonicalLimits, version: string): Detection {
  const { views, smuggling, complete } = canonicalise(source.text, limits);
  const found = new Map<string, Finding>();
  const add = (rule: string, score: number, span: Finding['span'], via: readonly string[]): void => {
    const key = `${rule} ${span.start} ${span.end}`;
    // The reading with the fewest steps comes first and explains best.
    if (found.has(key)) return;
    const { surface, origin } = source;
    found.set(key, { surface, origin, detector: NAME, detectorVersion: version, rule, score, span, via });
  };
  for (const { rule, score, start, end } of smuggling) add(rule, score, { start, end }, []);
  for (const view of views) scan(view, source, ruleSet, add);
  return { findings: [...found.values()], complete };
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
