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
  detect(text: SurfaceText): Detection;
}

/** The rule detector: every rule over every reading of a text. */
export function createDetector(policy: ValidationPolicy): Detector {
  const content = canonicalJson({ rules: rules.map(describe), smuggling: smugglingRules, policy });
  const version = `${EDITION}+${digestOf(content).slice(7, 19)}`;
  return { version, content, detect: (text) => detect(text, policy.canonical, version) };
}

function describe({ pattern, ...rule }: Rule) {
  return { ...rule, pattern: pattern.source };
}

function detect(source: SurfaceText, limits: CanonicalLimits, version: string): Detection {
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
  for (const view of views) scan(view, source, add);
  return { findings: [...found.values()], complete };
}

const literal = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
/** One pass that spares most honest texts the look at each rule. */
const anyCue = new RegExp([...new Set(rules.flatMap((rule) => rule.cues))].map(literal).join('|'));

function scan(
  view: View,
  { surface }: SurfaceText,
  add: (rule: string, score: number, span: Finding['span'], via: readonly string[]) => void,
): void {
  const text = folded(view.text);
  if (!anyCue.test(text)) return;
  const surcharge = view.via.some((step) => hiding.has(step)) ? HIDING_SURCHARGE : 0;
  for (const rule of rules) {
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
