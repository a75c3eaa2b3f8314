import type { OutputFilter } from '../output-filter.ts';
import { wilsonInterval } from '../wilson-interval.ts';

/** A sentence whose personal data somebody has marked. */
export interface MarkedSentence {
  readonly text: string;
  readonly spans: readonly { readonly type: string; readonly start: number; readonly end: number }[];
}

export interface TypeScore {
  /** Marked spans of the type. */
  readonly n: number;
  readonly recall: number;
  readonly precision: number;
  readonly recallInterval: readonly [low: number, high: number];
  readonly precisionInterval: readonly [low: number, high: number];
  /** Marked spans that were found, findings that overlap none, marked spans that were missed. */
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}

/** What the finders' rules are called where personal data is marked. */
const typeNames: Readonly<Record<string, string>> = {
  iban: 'IBAN_CODE',
  card: 'CREDIT_CARD',
  email: 'EMAIL_ADDRESS',
  phone: 'PHONE_NUMBER',
  'ip-address': 'IP_ADDRESS',
  passport: 'US_PASSPORT',
  'driving-licence': 'US_DRIVER_LICENSE',
  'bank-account-number': 'US_BANK_NUMBER',
  'bank-account-us-routing': 'ABA_ROUTING_NUMBER',
  'bank-account-gb-sort-code': 'UK_SORT_CODE',
  'crypto-address-bitcoin': 'CRYPTO',
  'crypto-address-ethereum': 'CRYPTO',
  'national-id-gb-nhs': 'UK_NHS',
  'national-id-gb-nino': 'UK_NINO',
};

function typeOf(rule: string): string {
  return (
    typeNames[rule] ??
    rule
      .replace(/^national-id-/, '')
      .replaceAll('-', '_')
      .toUpperCase()
  );
}

interface Counts {
  n: number;
  found: number;
  findings: number;
  right: number;
}

/**
 * Recall and precision of the output filter for each type. A marked span is found when a finding of its type overlaps
 * it, and a finding is right when it overlaps a marked span of its type. Types that the filter does not look for have
 * a recall of 0; those that it found and nobody marked have a precision of 0.
 */
export function evaluateSpans(
  sentences: readonly MarkedSentence[],
  filter: OutputFilter,
): Record<string, TypeScore> {
  const counts = new Map<string, Counts>();
  const countsOf = (type: string) => {
    const known = counts.get(type) ?? { n: 0, found: 0, findings: 0, right: 0 };
    counts.set(type, known);
    return known;
  };
  for (const { text, spans } of sentences) {
    const findings = findingsIn(text, filter);
    for (const span of spans) {
      const count = countsOf(span.type);
      count.n += 1;
      count.found += Number(findings.some((finding) => isSame(finding, span)));
    }
    for (const finding of findings) {
      const count = countsOf(finding.type);
      count.findings += 1;
      count.right += Number(spans.some((span) => isSame(finding, span)));
    }
  }
  const ordered = [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(ordered.map(([type, count]) => [type, scoreOf(count)]));
}

/** As an answer that shares nothing with its request. */
function findingsIn(text: string, filter: OutputFilter) {
  const actions = { personalData: 'mask', secrets: 'mask' } as const;
  const { verdict } = filter.filterText({ text, ownTexts: [], canaries: [], actions });
  return verdict.findings.map(({ rule, span }) => ({ type: typeOf(rule), start: span.start, end: span.end }));
}

type Span = MarkedSentence['spans'][number];

function isSame(one: Span, other: Span): boolean {
  return one.type === other.type && one.start < other.end && one.end > other.start;
}

function scoreOf({ n, found, findings, right }: Counts): TypeScore {
  return {
    n,
    recall: n === 0 ? 0 : found / n,
    precision: findings === 0 ? 0 : right / findings,
    recallInterval: wilsonInterval(found, n),
    precisionInterval: wilsonInterval(right, findings),
    tp: found,
    fp: findings - right,
    fn: n - found,
  };
}
