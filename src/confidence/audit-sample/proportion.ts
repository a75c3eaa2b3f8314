import { InvariantError } from '../../decision/errors.ts';
import { clopperPearson } from '../certification/binomial.ts';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** A share with its exact interval. */
export interface Proportion extends Interval {
  readonly count: number;
  readonly events: number;
  /** Null when nothing was counted; the interval is then the whole of 0 to 1. */
  readonly rate: number | null;
}

/** A share with its two-sided Clopper–Pearson interval at `level`, 0.95 unless told otherwise. */
export function proportion(events: number, count: number, level = 0.95): Proportion {
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(events) || events < 0 || events > count) {
    throw new InvariantError('a share needs whole counts, and no more events than cases');
  }
  const [lower, upper] = clopperPearson(events, count, 1 - level);
  return { count, events, lower, rate: count === 0 ? null : events / count, upper };
}
