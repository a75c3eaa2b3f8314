import type { ResidencyPolicy } from '../policy.ts';
import { isOffered } from './demand.ts';
import type { Stranding } from './enumerate.ts';
import { dayOf, type Moment } from './moment.ts';

/** The smallest outages that leave a demand without a route, over a span of time. */
export interface Stranded {
  readonly jurisdiction: string;
  readonly dataClass: string;
  readonly purpose: string;
  readonly model: string | null;
  /** YYYY-MM-DD. */
  readonly from: string;
  /** First day that it is otherwise; null where it stays so. */
  readonly until: string | null;
  /** Each leaves no route; `[[]]` says that there is none on the best of days. */
  readonly outages: readonly (readonly string[])[];
}

/** From now on, for every demand of which some endpoint says that it serves it; equal neighbours in time are one. */
export function strandedOf(
  policy: ResidencyPolicy,
  moments: readonly Moment[],
  strandings: readonly Stranding[],
  nowMs: number,
): readonly Stranded[] {
  const starts = [...new Set(moments.filter(({ kind }) => kind === 'opens').map(({ firstMs }) => firstMs))];
  const endOf = (startMs: number) => starts.find((ms) => ms > startMs) ?? null;
  const rows: Stranded[] = [];
  const last = new Map<string, number>();
  const inOrder = [...strandings].sort((a, b) => a.moment.firstMs - b.moment.firstMs);
  for (const { demand, moment, outages } of inOrder) {
    const end = endOf(moment.firstMs);
    const isPast = end !== null && end <= nowMs;
    if (isPast || demand.isFull || !isOffered(policy, demand)) continue;
    const { dataClass, purpose, modelId: model } = demand;
    const [jurisdiction] = demand.subjects;
    const until = end === null ? null : dayOf(end);
    const row = { jurisdiction, dataClass, purpose, model, from: dayOf(moment.firstMs), until, outages };
    const key = JSON.stringify([jurisdiction, dataClass, purpose, model]);
    const before = rows[last.get(key) ?? -1];
    if (before !== undefined && before.until === row.from && isSame(before.outages, outages)) {
      rows[last.get(key) ?? -1] = { ...before, until };
    } else {
      last.set(key, rows.length);
      rows.push(row);
    }
  }
  return rows.sort((a, b) => textOf(a).localeCompare(textOf(b), 'en'));
}

function textOf({ jurisdiction, dataClass, purpose, model, from }: Stranded): string {
  return [jurisdiction, dataClass, purpose, model ?? '', from].join(' ');
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
