import type { Stratum } from './estimate.ts';
import type { OutcomeLabel, OutcomeLabelSource } from './label-join.ts';

/** What the record says of a decision, as far as estimates need it. */
export interface SampledDecision {
  /** Whether somebody was to find out what is right: drawn for an audit, or reviewed anyway. */
  readonly audited: boolean;
  readonly band: string;
  readonly decidedAt: string;
  readonly decisionId: string;
  /** As recorded at the decision; 1 where everything is reviewed. */
  readonly pi: number;
  /** What the model recommended; it is wrong when the label says otherwise. */
  readonly recommended: 'favourable' | 'unfavourable';
}

export interface BandStratum extends Stratum {
  readonly band: string;
  /** Drawn, and still without a label. */
  readonly missing: number;
}

/**
 * The strata of a period, one for each band and inclusion probability, from decisions made by `decidedUntil`.
 * Choose that day so early that labels have had time to arrive: errors that show late would otherwise be missed.
 * For labels that are missing nevertheless, those that came stand in: π is lowered to the share of the draw that
 * was labelled. That is right as far as their absence has nothing to do with what is right; `missing` says how
 * much rests on it. A stratum that was drawn from and has no label at all has π = 0: nothing is known of it.
 */
export function strataOf(
  decisions: Iterable<SampledDecision>,
  ruling: ReadonlyMap<string, OutcomeLabel>,
  options: { readonly decidedUntil: string; readonly sources: readonly OutcomeLabelSource[] },
): BandStratum[] {
  const until = Date.parse(options.decidedUntil);
  const cells = new Map<string, Counts>();
  for (const decision of decisions) {
    if (!(Date.parse(decision.decidedAt) <= until)) continue;
    const { audited, band, pi, recommended } = decision;
    const key = JSON.stringify([band, pi]);
    const cell = cells.get(key) ?? { band, decisions: 0, drawn: 0, errors: 0, labelled: 0, pi };
    cells.set(key, cell);
    cell.decisions++;
    if (!audited) continue;
    cell.drawn++;
    const label = ruling.get(decision.decisionId);
    if (label === undefined || !options.sources.includes(label.source)) continue;
    cell.labelled++;
    if (label.right !== recommended) cell.errors++;
  }
  return [...cells.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => stratumOf(cell));
}

interface Counts {
  readonly band: string;
  decisions: number;
  drawn: number;
  errors: number;
  labelled: number;
  readonly pi: number;
}

function stratumOf({ band, decisions, drawn, errors, labelled, pi }: Counts): BandStratum {
  const answered = drawn === 0 ? 1 : labelled / drawn;
  return { audited: labelled, band, decisions, errors, missing: drawn - labelled, pi: pi * answered };
}
