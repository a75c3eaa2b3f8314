import { InvariantError } from '../../decision/errors.ts';
import { type Tally, checkTally, logEvidence, logEvidenceMax } from './rate-evidence.ts';

/** What is watched: the share of decisions in the middle band, of audits that found an error, of overrides. */
export type WatchedRate = 'auditedError' | 'middleBand' | 'override';

/**
 * One rate of one decision type, watched from a fixed moment on. The state is small, serialisable and only
 * ever replaced: the same stream gives the same state again (I7).
 */
export interface RateWatch extends Tally {
  /** After how many decisions the alarm came; null while there is none. It stays, whatever follows. */
  readonly alarmAt: number | null;
  /** The rate that is still in order. */
  readonly boundary: number;
  /** The probability, over the whole life of the watch, of an alarm although the rate is in order. */
  readonly budget: number;
  /** `rise` alarms above the boundary, `fall` below it. */
  readonly direction: 'fall' | 'rise';
  readonly rate: WatchedRate;
}

export function openRateWatch(
  settings: Pick<RateWatch, 'boundary' | 'budget' | 'direction' | 'rate'>,
): RateWatch {
  const { boundary, budget, direction, rate } = settings;
  if (!(boundary > 0 && boundary < 1)) throw new InvariantError('a boundary lies between 0 and 1');
  if (!(budget > 0 && budget < 1)) throw new InvariantError('a false-alarm budget lies between 0 and 1');
  return { alarmAt: null, boundary, budget, count: 0, direction, events: 0, rate };
}

/** The watch after further decisions. A batch is looked at once, at its end; that spends nothing of the budget. */
export function observe(watch: RateWatch, batch: Tally): RateWatch {
  checkTally(batch);
  const { boundary, budget, direction, rate } = watch;
  const count = watch.count + batch.count;
  const events = watch.events + batch.events;
  const alarmAt = watch.alarmAt ?? (crosses({ count, events }, watch) ? count : null);
  return { alarmAt, boundary, budget, count, direction, events, rate };
}

/** ln E now; the alarm comes when it first reaches −ln(budget). */
export function logEvidenceOf(watch: RateWatch): number {
  const { tally, boundary } = asRise(watch, watch);
  return logEvidence(tally, boundary);
}

type Terms = Pick<RateWatch, 'boundary' | 'budget' | 'direction'>;

function crosses(now: Tally, terms: Terms): boolean {
  const needed = -Math.log(terms.budget);
  const { tally, boundary } = asRise(now, terms);
  return logEvidenceMax(tally, boundary) >= needed && logEvidence(tally, boundary) >= needed;
}

/** A rate that falls is the rate of the contrary that rises. */
function asRise(
  { count, events }: Tally,
  { boundary, direction }: Pick<Terms, 'boundary' | 'direction'>,
): { tally: Tally; boundary: number } {
  return direction === 'rise'
    ? { boundary, tally: { count, events } }
    : { boundary: 1 - boundary, tally: { count, events: count - events } };
}
