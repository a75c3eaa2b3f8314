import type { Finding } from '../../../decision/finding.ts';
import { pass, type Verdict } from '../../../decision/verdict.ts';
import type { OutputFeatures } from './features.ts';
import { anomaliesOf, type ProfileBounds } from './profile.ts';
import type { OutputProfileSettings } from './settings.ts';

/** Of the features and the bounds; raised when either changes. */
const PROFILE_VERSION = '1';
/** How unusual an answer is says nothing of how wrong it is. */
const UNUSUAL_SCORE = 500;

/** What becomes of an answer with these features. Pure (I7). */
export function anomalyVerdict(
  features: OutputFeatures,
  bounds: ProfileBounds,
  action: OutputProfileSettings['action'],
): Verdict {
  const names = anomaliesOf(features, bounds);
  const findings = names.map(
    (name): Finding => ({
      surface: 'output',
      origin: '/output',
      detector: 'output-profile',
      detectorVersion: PROFILE_VERSION,
      rule: `unusual-${name.toLowerCase()}`,
      score: UNUSUAL_SCORE,
      span: { start: 0, end: features.measured.characters },
      via: [],
    }),
  );
  if (names.length === 0 || action === 'record') return pass('output', findings);
  return {
    kind: action,
    gate: 'output',
    reasons: ['OUTPUT_UNUSUAL'],
    findings,
    detail: `unusual ${names.join(', ')}`,
  };
}
