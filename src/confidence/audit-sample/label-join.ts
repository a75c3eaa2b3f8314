import { InvariantError } from '../../decision/errors.ts';

/**
 * Who said what would have been right, the most telling last: a reviewer's view, several reviewers' agreement,
 * what an appeal found, what in fact happened. A reviewer's label on a declined case is an opinion.
 */
export const labelSources = ['reviewer', 'consensus', 'appeal', 'outcome'] as const;
export type OutcomeLabelSource = (typeof labelSources)[number];

/** What was right for one decision, according to one source. */
export interface OutcomeLabel {
  readonly decisionId: string;
  /** When the source saw it, ISO 8601 in UTC. */
  readonly observedAt: string;
  readonly right: 'favourable' | 'unfavourable';
  readonly source: OutcomeLabelSource;
}

export interface JoinedLabels {
  /** Decisions whose sources contradict each other; the ruling label counts all the same. */
  readonly contradicted: readonly string[];
  /** The label that rules, for each decision that has one. */
  readonly ruling: ReadonlyMap<string, OutcomeLabel>;
  /** Labels of decisions that are not known (yet). They are kept, and join when their decision arrives. */
  readonly waiting: readonly OutcomeLabel[];
}

/**
 * Labels joined to decisions as they stood at `asOf`. Outcomes arrive late and out of order, so the result
 * depends on the set of labels only, and a later label may change an earlier ruling: the most telling source
 * rules, of one source the latest word, and of words at one moment the unfavourable.
 */
export function joinLabels(
  decisionIds: ReadonlySet<string>,
  labels: Iterable<OutcomeLabel>,
  asOf: string,
): JoinedLabels {
  const until = timeOf(asOf);
  const ruling = new Map<string, OutcomeLabel>();
  const contradicted = new Set<string>();
  const waiting: OutcomeLabel[] = [];
  for (const label of labels) {
    if (timeOf(label.observedAt) > until) continue;
    if (!decisionIds.has(label.decisionId)) {
      waiting.push(label);
      continue;
    }
    const before = ruling.get(label.decisionId);
    if (before && before.right !== label.right) contradicted.add(label.decisionId);
    if (!before || outranks(label, before)) ruling.set(label.decisionId, label);
  }
  return { contradicted: [...contradicted].sort(), ruling, waiting };
}

function outranks(label: OutcomeLabel, before: OutcomeLabel): boolean {
  const rank = ({ source }: OutcomeLabel) => labelSources.indexOf(source);
  const byTime = timeOf(label.observedAt) - timeOf(before.observedAt);
  return (rank(label) - rank(before) || byTime || Number(label.right === 'unfavourable')) > 0;
}

function timeOf(iso: string): number {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) throw new InvariantError('a label’s time is no ISO 8601 time');
  return time;
}
