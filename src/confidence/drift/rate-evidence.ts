import betaln from '@stdlib/math-base-special-betaln';
import { InvariantError } from '../../decision/errors.ts';
import { logBetaIncomplete } from './log-beta.ts';

/** Of `count` decisions in order, `events` had the property that is watched. */
export interface Tally {
  readonly count: number;
  readonly events: number;
}

/**
 * ln E after a stream of decisions: how strongly it speaks against "the rate is at most `boundary`". E is the
 * likelihood ratio averaged over Beta(1, 1) restricted to (boundary, 1), so it is an e-process: whatever the
 * rate up to the boundary, and however often anybody looks, P(E ever ≥ 1/α) ≤ α (Ville's inequality).
 */
export function logEvidence({ count, events }: Tally, boundary: number): number {
  checkTally({ count, events });
  if (!(boundary > 0 && boundary < 1)) throw new InvariantError('a boundary lies between 0 and 1');
  const others = count - events;
  return (
    betaln(1 + events, 1 + others) +
    logBetaIncomplete(1 - boundary, 1 + others, 1 + events) -
    events * Math.log(boundary) -
    (others + 1) * Math.log1p(-boundary)
  );
}

/**
 * What ln E can at most be, in a few operations: the likelihood ratio at its best alternative. Almost every
 * decision of a quiet stream is settled by it.
 */
export function logEvidenceMax({ count, events }: Tally, boundary: number): number {
  if (events <= count * boundary) return 0;
  const others = count - events;
  const ofOthers = others === 0 ? 0 : others * Math.log(others / count / (1 - boundary));
  return events * Math.log(events / count / boundary) + ofOthers;
}

/**
 * The largest rate that the stream excludes, at any time and at error budget `alpha`: the lower end of a
 * confidence sequence, 0 where nothing is excluded. ln E falls as the boundary rises towards the observed rate.
 */
export function anytimeLowerBound(tally: Tally, alpha: number): number {
  const needed = -Math.log(alpha);
  let low = 0;
  let high = tally.events / (tally.count + 1);
  if (high === 0) return 0;
  for (let halving = 0; halving < 100 && high - low > 1e-15; halving++) {
    const middle = (low + high) / 2;
    if (logEvidence(tally, middle) >= needed) low = middle;
    else high = middle;
  }
  return low;
}

export function checkTally({ count, events }: Tally): void {
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(events) || events < 0 || events > count) {
    throw new InvariantError('a tally counts whole decisions, and no more events than decisions');
  }
}
