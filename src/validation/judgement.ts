import type { Finding } from '../decision/finding.ts';
import type { ReasonCode } from '../decision/reason.ts';
import type { SurfaceText } from '../decision/surface.ts';
import { pass, type StopVerdict, type Verdict } from '../decision/verdict.ts';
import { surfacesDetectOnly, underMode } from './detect-only.ts';
import type { Detector } from './detector.ts';
import type { ValidationPolicy } from './policy.ts';

/** In the order in which a verdict names them. */
const reasonOrder: readonly ReasonCode[] = [
  'INPUT_TOO_LARGE',
  'SMUGGLING_CHARACTERS',
  'INJECTION_SUSPECTED',
  'HIDDEN_TEXT',
];
/** Concealed text is evidence by itself, of a document that wants a second look. */
const CONCEALED_SCORE = 500;

interface Judged {
  readonly text: SurfaceText;
  /** False when nothing can be said of parts of the text. */
  readonly complete: boolean;
  readonly findings: readonly Finding[];
  readonly kind: Verdict['kind'];
  readonly reasons: readonly ReasonCode[];
}

/**
 * What the findings in all texts come to. Pure, and independent of the order in which detectors
 * report: the same texts give the same bytes (I7).
 *
 * @param concealed those of the texts that a document conceals from its reader
 * @param decisionType without its name everything is enforced
 */
export function judge(
  texts: readonly SurfaceText[],
  concealed: ReadonlySet<SurfaceText>,
  policy: ValidationPolicy,
  detector: Detector,
  decisionType?: string,
): Verdict {
  const judged = texts.map((text) => judgeText(text, concealed.has(text), policy, detector));
  const findings = ranked(judged.flatMap((one) => one.findings)).slice(0, policy.limits.findingsMax);
  const open = surfacesDetectOnly(policy, decisionType);
  // Not having seen a text is no finding that could be waived.
  const enforced = judged.filter(({ text, complete }) => !complete || !open.includes(text.surface));
  return underMode(verdictOf(enforced, findings), open, verdictOf(judged, findings));
}

function verdictOf(judged: readonly Judged[], findings: readonly Finding[]): Verdict {
  const kind = judged.some((one) => one.kind === 'refuse')
    ? 'refuse'
    : judged.some((one) => one.kind === 'review')
      ? 'review'
      : 'pass';
  if (kind === 'pass') return pass('validation', findings);
  const given = new Set(judged.filter((one) => one.kind === kind).flatMap((one) => one.reasons));
  const reasons = reasonOrder.filter((reason) => given.has(reason)) as unknown as StopVerdict['reasons'];
  return { findings, gate: 'validation', kind, reasons };
}

function judgeText(
  text: SurfaceText,
  isConcealed: boolean,
  policy: ValidationPolicy,
  detector: Detector,
): Judged {
  const { findings, complete } = detector.detect(text);
  const seen = { text, complete, findings };
  if (!complete) return { ...seen, kind: 'refuse', reasons: ['INPUT_TOO_LARGE', ...reasonsOf(findings)] };
  if (isConcealed) {
    const concealment = concealmentFinding(text, detector.version);
    // An instruction in text that the reader is not to see has no honest reading.
    const kind = findings.length > 0 ? 'refuse' : 'review';
    const reasons: readonly ReasonCode[] = ['HIDDEN_TEXT', ...reasonsOf(findings)];
    return { ...seen, findings: [concealment, ...findings], kind, reasons };
  }
  const { refuse, review } = policy.thresholds[text.surface];
  const score = findings.reduce((highest, finding) => Math.max(highest, finding.score), 0);
  const kind = score >= refuse ? 'refuse' : score >= review ? 'review' : 'pass';
  const serious = findings.filter((finding) => finding.score >= (kind === 'refuse' ? refuse : review));
  const hidden: readonly ReasonCode[] = text.hidden === true ? ['HIDDEN_TEXT'] : [];
  return { ...seen, kind, reasons: [...reasonsOf(serious), ...hidden] };
}

function reasonsOf(findings: readonly Finding[]): ReasonCode[] {
  return findings.map(({ rule }) =>
    rule.startsWith('smuggling-') ? 'SMUGGLING_CHARACTERS' : 'INJECTION_SUSPECTED',
  );
}

function concealmentFinding({ surface, origin, text }: SurfaceText, detectorVersion: string): Finding {
  return {
    surface,
    origin,
    detector: 'document',
    detectorVersion,
    rule: 'hidden-text',
    score: CONCEALED_SCORE,
    span: { start: 0, end: text.length },
    via: [],
  };
}

/** Highest scores first, so that a cap cuts off the least; then by place, so that nothing is left to chance. */
function ranked(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (one, other) =>
      other.score - one.score ||
      compare(one.origin, other.origin) ||
      one.span.start - other.span.start ||
      one.span.end - other.span.end ||
      compare(one.rule, other.rule),
  );
}

/** By code units: a collation would depend on the machine. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
