import type { OutcomeFacts } from '../decision/entry.ts';
import { type Verdict, detectOnlySurfaces } from '../decision/verdict.ts';

/** The outcome of a decision that a gate refused: no band, nobody asked, nothing released. */
export function refusedOutcome(verdicts: readonly Verdict[]): OutcomeFacts {
  const detectOnly = detectOnlySurfaces(verdicts);
  return {
    band: null,
    bandSet: null,
    decidedBy: 'gate',
    ...(detectOnly === null ? {} : { detectOnly }),
    kind: 'outcome',
    releasedDigest: null,
    reviewTask: null,
    score: null,
    status: 'refused',
    verdicts,
  };
}
