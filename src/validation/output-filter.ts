import { canonicalJson, digestOf } from '../decision/canonical.ts';
import type { Finding } from '../decision/finding.ts';
import type { Digest } from '../decision/ids.ts';
import type { ReasonCode } from '../decision/reason.ts';
import { pass, stop, type StopVerdict, type Verdict } from '../decision/verdict.ts';
import { classOfRule, type OutputClass, OWN_SUFFIX, secretClasses } from './output/candidate.ts';
import { FILTER_VERSION, type Masks, maskText, type Masking, masks, maskValue } from './output/masking.ts';
import { defaultValidationPolicy, type OutputActions, type ValidationPolicy } from './policy.ts';

export interface OutputOptions {
  /** The decision's own inputs: what stands in them is not somebody else's. */
  readonly ownTexts: readonly string[];
  /** Markers of the system prompt that no honest answer holds, of at least 8 characters. */
  readonly canaries: readonly string[];
  readonly actions: OutputActions;
}

export interface FilteredText {
  readonly verdict: Verdict;
  readonly text: string;
}

export interface FilteredValue {
  readonly verdict: Verdict;
  readonly value: unknown;
}

export interface OutputFilter {
  readonly name: string;
  readonly version: string;
  /** What determines its answers, as canonical JSON, and the digest of it. */
  readonly content: string;
  readonly digest: Digest;
  /** The text with what is found replaced by its class, and the verdict on it. Never throws (I6). */
  filterText(input: OutputOptions & { readonly text: string }): FilteredText;
  /** The same for every string, number and key of a parsed JSON value. Never throws (I6). */
  filterValue(input: OutputOptions & { readonly value: unknown }): FilteredValue;
}

const top = { pointer: '', key: '' };

/** Canonical JSON of this is a filter's content. */
interface FilterContent {
  readonly version: string;
  readonly masks: Masks;
  readonly canonical: ValidationPolicy['canonical'];
  readonly findingsMax: number;
}

/** What stands between an answer and the one who asked. Pure and deterministic (I7). */
export function createOutputFilter(policy: ValidationPolicy = defaultValidationPolicy): OutputFilter {
  const { canonical, limits } = policy;
  const { findingsMax } = limits;
  return filterOf({ version: FILTER_VERSION, masks, canonical, findingsMax });
}

/** The filter of an earlier day, from what a release keeps of it. */
export function restoreOutputFilter(content: string): OutputFilter {
  return filterOf(JSON.parse(content) as FilterContent);
}

function filterOf(made: FilterContent): OutputFilter {
  const { version, masks: words, canonical, findingsMax } = made;
  const content = canonicalJson(made);
  const run = <T>(
    options: OutputOptions,
    nothing: T,
    mask: (masking: Masking) => T,
  ): { verdict: Verdict; left: T } => {
    try {
      const { ownTexts, canaries, actions } = options;
      const findings: Finding[] = [];
      const left = mask({ ownTexts, canaries, limits: canonical, masks: words, version, findings });
      return { verdict: verdictOn(findings, actions, findingsMax), left };
    } catch (fault) {
      // Nothing of an answer is left that could not be filtered (I6).
      const detail = fault instanceof Error ? fault.name : 'unknown';
      return { verdict: stop('refuse', 'output', 'OUTPUT_FILTER_FAILED', { detail }), left: nothing };
    }
  };
  return {
    name: 'output-filter',
    version,
    content,
    digest: digestOf(content),
    filterText({ text, ...options }) {
      const { verdict, left } = run(options, '', (masking) => maskText(text, top, masking));
      return { verdict, text: left };
    },
    filterValue({ value, ...options }) {
      const { verdict, left } = run<unknown>(options, null, (masking) => maskValue(value, top, masking));
      return { verdict, value: left };
    },
  };
}

function verdictOn(findings: readonly Finding[], actions: OutputActions, findingsMax: number): Verdict {
  const others = findings.filter(({ rule }) => !rule.endsWith(OWN_SUFFIX));
  // Those that stop an answer come first, so that a cap does not cut them off.
  const kept = [...others, ...findings.filter((finding) => !others.includes(finding))].slice(0, findingsMax);
  const classes = [...new Set(others.map(({ rule }) => classOfRule(rule)))];
  for (const kind of ['refuse', 'review'] as const) {
    const stopping = classes.filter((name) => name !== null && actionOn(name, actions) === kind);
    const given = new Set(
      stopping.map((name) => (isSecret(name) ? 'OUTPUT_SECRET' : 'OUTPUT_PERSONAL_DATA')),
    );
    const reasons = reasonOrder.filter((reason) => given.has(reason));
    if (reasons.length > 0) {
      return { kind, gate: 'output', reasons: reasons as unknown as StopVerdict['reasons'], findings: kept };
    }
  }
  return pass('output', kept);
}

const reasonOrder = ['OUTPUT_SECRET', 'OUTPUT_PERSONAL_DATA'] as const satisfies readonly ReasonCode[];

function isSecret(name: OutputClass | null): boolean {
  return secretClasses.some((secret) => secret === name);
}

/** What its own line says, or else that of its group. */
function actionOn(name: OutputClass, { classes, personalData, secrets }: OutputActions) {
  return classes?.[name] ?? (isSecret(name) ? secrets : personalData);
}
