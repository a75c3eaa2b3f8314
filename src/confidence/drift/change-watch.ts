import { InvariantError } from '../../decision/errors.ts';
import type { WatchedRate } from './rate-watch.ts';

/**
 * One rate watched for a change at an unknown moment: e-SR, R ← (R + 1)·L, averaged over several rates that it
 * could change to. After a long quiet time the e-process of a rate watch must first win back what it lost; this
 * one forgets. What it promises is weaker: the mean run between false alarms.
 */
export interface ChangeWatch {
  readonly alarmAt: number | null;
  /** The rates, above the boundary, that the evidence is collected for. */
  readonly alternatives: readonly number[];
  readonly boundary: number;
  readonly count: number;
  /** R for each alternative. It stays as it was at the alarm, so it never overflows. */
  readonly r: readonly number[];
  readonly rate: WatchedRate;
  /** Alarm when the mean of R reaches it; the mean run between false alarms is at least as long, decisions. */
  readonly runMin: number;
}

/** Small and large changes alike, as parts of the way from the boundary to 1. */
const waysUp = [0.04, 0.08, 0.16, 0.32];

export function openChangeWatch(settings: {
  readonly alternatives?: readonly number[];
  readonly boundary: number;
  readonly rate: WatchedRate;
  readonly runMin: number;
}): ChangeWatch {
  const { boundary, rate, runMin } = settings;
  const alternatives = settings.alternatives ?? waysUp.map((part) => boundary + part * (1 - boundary));
  if (!(boundary > 0 && runMin > 1) || alternatives.length === 0) {
    throw new InvariantError('a change watch needs a boundary above 0, a run above 1 and an alternative');
  }
  if (!alternatives.every((alternative) => alternative > boundary && alternative < 1)) {
    throw new InvariantError('an alternative lies between the boundary and 1');
  }
  return { alarmAt: null, alternatives, boundary, count: 0, r: alternatives.map(() => 0), rate, runMin };
}

/**
 * The run that keeps the probability of a false alarm within `horizon` decisions at `budget` or below: R − n is
 * a martingale when the rate is at the boundary, so P(R ≥ c within n) ≤ n/c (Doob).
 */
export function runForBudget({ budget, horizon }: { budget: number; horizon: number }): number {
  return horizon / budget;
}

/** The watch after one more decision. */
export function observeOne(watch: ChangeWatch, isEvent: boolean): ChangeWatch {
  const { alarmAt, alternatives, boundary, rate, runMin } = watch;
  const count = watch.count + 1;
  if (alarmAt !== null) return { ...watch, count };
  const r = watch.r.map((before, i) => {
    const alternative = alternatives[i] ?? boundary;
    return (before + 1) * (isEvent ? alternative / boundary : (1 - alternative) / (1 - boundary));
  });
  const isAlarmed = meanOf(r) >= runMin;
  return { alarmAt: isAlarmed ? count : null, alternatives, boundary, count, r, rate, runMin };
}

/** The mean of R over the alternatives: itself a process of the same kind, for it is their average. */
export function meanOf(r: readonly number[]): number {
  return r.reduce((sum, value) => sum + value, 0) / r.length;
}
