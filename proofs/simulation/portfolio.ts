import type { OutcomeLabel } from '../../src/confidence/audit-sample/label-join.ts';
import type { SampledDecision } from '../../src/confidence/audit-sample/strata.ts';
import { drawAudit } from '../../src/confidence/audit-sample/draw.ts';

/** How a simulated portfolio behaves. */
export interface World {
  readonly name: string;
  readonly decisions: number;
  /** Exponent that pulls true probabilities towards 1: the larger, the rarer an error. */
  readonly goodness: number;
  /** How much too sure the scores are: their logits are those of the truth times this. */
  readonly overconfidence: number;
  readonly pi: { readonly high: number; readonly low: number };
  /** Days until what was right becomes known, for a good and for a bad case. */
  readonly delayDays: { readonly bad: number; readonly good: number };
  /** Share of labels that never come, whatever was right. */
  readonly lost: number;
  /** Decisions this many days before the end, or older, are estimated. */
  readonly matureDays: number;
}

export interface Portfolio {
  readonly decisions: readonly SampledDecision[];
  readonly labels: readonly OutcomeLabel[];
  /** Ids of the decisions whose recommendation was wrong: what nobody sees in full. */
  readonly wrong: ReadonlySet<string>;
}

export const periodDays = 90;
const start = Date.UTC(2026, 0, 1);
const thresholds = { high: 0.94, low: 0.3 };

/** The moment `days` after the period began. */
export function momentOf(days: number): string {
  return new Date(start + days * 86_400_000).toISOString();
}
const mornings = Array.from({ length: 10 * periodDays }, (_, day) => momentOf(day));

/** One portfolio: scored, banded, drawn for audits by the gateway’s own draw, and labelled late. */
export function simulatePortfolio(world: World, run: number, random: () => number): Portfolio {
  const secret = Buffer.alloc(32);
  for (let i = 0; i < 8; i++) secret.writeUInt32BE(Math.floor(random() * 2 ** 32), 4 * i);
  const decisions: SampledDecision[] = [];
  const labels: OutcomeLabel[] = [];
  const wrong = new Set<string>();
  for (let i = 0; i < world.decisions; i++) {
    const truth = random() ** (1 / world.goodness);
    const score = sharpened(truth, world.overconfidence);
    const isGood = random() < truth;
    const recommended = score >= 0.5 ? 'favourable' : 'unfavourable';
    const right = isGood ? 'favourable' : 'unfavourable';
    const decisionId = `run-${run}-decision-${i}`;
    const band = score >= thresholds.high ? 'high' : score <= thresholds.low ? 'low' : 'middle';
    const pi = band === 'middle' ? 1 : world.pi[band];
    // Whatever is reviewed anyway is not drawn.
    const audited = pi === 1 || drawAudit(secret, decisionId, pi).audited;
    const day = Math.floor(random() * periodDays);
    decisions.push({ audited, band, decidedAt: mornings[day] ?? '', decisionId, pi, recommended });
    if (right !== recommended) wrong.add(decisionId);
    const delay = Math.floor(random() * 2 * (isGood ? world.delayDays.good : world.delayDays.bad));
    if (!audited || random() < world.lost) continue;
    labels.push({ decisionId, observedAt: mornings[day + delay] ?? '', right, source: 'outcome' });
  }
  return { decisions, labels, wrong };
}

function sharpened(probability: number, power: number): number {
  return probability ** power / (probability ** power + (1 - probability) ** power);
}
