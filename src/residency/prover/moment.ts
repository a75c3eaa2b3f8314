import type { ResidencyPolicy } from '../policy.ts';

/** A day on which something of the policy begins or ends. Between two cuts nothing changes. */
export interface Cut {
  /** 00:00 UTC, epoch milliseconds. */
  readonly ms: number;
  /** `contract C-1 of eu-1 ended` */
  readonly events: readonly string[];
}

/** When the attempts of one request are made. */
export interface Moment {
  /** Epoch milliseconds of the first attempt. */
  readonly firstMs: number;
  /** Of every later attempt; another one where the clock passes a cut in the middle of a request. */
  readonly laterMs: number;
  /** The cut that it lies at; null before the first. */
  readonly cut: Cut | null;
  /** `opens` and `closes` are the first and last millisecond of an interval. */
  readonly kind: 'opens' | 'closes' | 'crosses';
}

/** The days that cut time into the finite set of intervals, in order. */
export function cutsOf(policy: ResidencyPolicy): readonly Cut[] {
  const events = new Map<number, string[]>();
  const note = (day: string, event: string) => {
    const ms = utcMs(day);
    if (!Number.isNaN(ms)) events.set(ms, [...(events.get(ms) ?? []), event]);
  };
  for (const { id, contract } of policy.endpoints) {
    note(contract.validFrom, `contract ${contract.ref} of ${id} began`);
    note(contract.validUntil, `contract ${contract.ref} of ${id} ended`);
  }
  for (const mechanism of policy.mechanisms) {
    note(mechanism.validFrom, `mechanism ${mechanism.id} began`);
    note(mechanism.validUntil, `mechanism ${mechanism.id} ended`);
  }
  return [...events].map(([ms, said]) => ({ ms, events: said })).sort((a, b) => a.ms - b.ms);
}

/** The first and last millisecond of every interval, and every crossing from one into the next. */
export function momentsOf(cuts: readonly Cut[]): readonly Moment[] {
  return cuts.flatMap((cut, c): Moment[] => [
    { firstMs: cut.ms - 1, laterMs: cut.ms - 1, cut: cuts[c - 1] ?? null, kind: 'closes' },
    { firstMs: cut.ms - 1, laterMs: cut.ms, cut, kind: 'crosses' },
    { firstMs: cut.ms, laterMs: cut.ms, cut, kind: 'opens' },
  ]);
}

/** Epoch milliseconds of 00:00 UTC; NaN where the text is no day. */
export function utcMs(day: string): number {
  const [year = Number.NaN, month = Number.NaN, date = Number.NaN] = day.split('-').map(Number);
  return Date.UTC(year, month - 1, date);
}

/** `2027-01-01` */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
