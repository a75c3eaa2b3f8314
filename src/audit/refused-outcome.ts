import type { OutcomeFacts } from '../decision/entry.ts';
import type { Verdict } from '../decision/verdict.ts';

/** The outcome of a decision that a gate refused: no band, nobody asked, nothing released. */
export function refusedOutcome(verdicts: readonly Verdict[]): OutcomeFacts {
  return {
    band: null,
    bandSet: null,
    decidedBy: 'gate',
    kind: 'outcome',
    releasedDigest: null,
    reviewTask: null,
    score: null,
    status: 'refused',
    verdicts,
  };
}
