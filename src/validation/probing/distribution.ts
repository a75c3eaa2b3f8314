import { type Conduct, cusum, repeatedShare, windowInputs, windowStep } from './conduct.ts';
import { fade, type Ground, ratioLimit, ratioStrength, type Sign } from './ground.ts';
import type { ProbingSettings } from './settings.ts';
import type { Sketch } from './sketch.ts';

/* Extraction: whoever copies a model asks for what nobody else asks for. */

/** Inputs after which a caller's share of outliers says something. */
const oddFrom = 8;
const probingShare = 0.75;

interface Seen {
  readonly caller: string;
  readonly sketch: Sketch;
  readonly nowMs: number;
  readonly settings: ProbingSettings;
  /** The caller stands on no rung: the baseline may learn. */
  readonly isTrusted: boolean;
}

/** Only of inputs that are near no other: repeated ones and variations say nothing about a distribution. */
export function distribution(ground: Ground, conduct: Conduct, seen: Seen): Sign[] {
  const { baseline, calibration } = ground;
  const { warmupInputs } = seen.settings;
  const features = baseline.features(seen.sketch);
  const surprise = baseline.surprise(features);
  const values = seen.sketch.fields.filter(({ isNumber }) => isNumber).map(({ exact }) => exact);
  const phase =
    baseline.inputs < warmupInputs / 2 ? 'first' : baseline.inputs < warmupInputs ? 'second' : 'judged';
  if (phase !== 'judged' || (seen.isTrusted && conduct.unlike < ratioLimit / 2))
    baseline.learn(seen.sketch, features);
  if (phase === 'first' || features.length === 0) return [];
  if (phase === 'second') calibration.surprise(surprise);
  const beyond = surprise > calibration.surpriseLimit;
  if (phase === 'second') calibration.share(seen.caller, beyond);
  else {
    const rates = {
      usual: calibration.usualShare,
      probing: Math.max(probingShare, calibration.usualShare + 0.2),
    };
    conduct.unlike = Math.min(3 * ratioLimit, cusum(conduct.unlike, beyond, rates));
    conduct.judged += 1;
    conduct.outliers += Number(beyond);
  }
  const unlike: Sign = {
    strength: ratioStrength(conduct.unlike),
    monitor: 'unlike-baseline',
    size: conduct.outliers,
  };
  const pooled = phase === 'judged' ? [sharedOutliers(ground, conduct, beyond, seen)] : [];
  return [unlike, ...pooled, ...windowSigns(ground, conduct, { features, values }, phase === 'second')];
}

/** Several callers are unlike the baseline at once: the part of each would not be enough. */
function sharedOutliers(
  { outliers, calibration }: Ground,
  conduct: Conduct,
  beyond: boolean,
  { nowMs, settings }: Seen,
): Sign {
  fade(outliers, nowMs, settings.halfLifeMs);
  const isOdd = conduct.judged >= oddFrom && conduct.outliers >= conduct.judged * calibration.oddShare;
  if (isOdd && beyond) outliers.inputs += 1;
  const strength = isOdd ? outliers.inputs / settings.clusterSize : 0;
  return { strength, monitor: 'shared-outliers', size: outliers.inputs };
}

function windowSigns(
  ground: Ground,
  conduct: Conduct,
  input: Conduct['window'][number],
  isCalibrating: boolean,
): Sign[] {
  const { window } = conduct;
  window.push(input);
  if (window.length > windowInputs) window.shift();
  conduct.sinceWindow += 1;
  if (window.length < windowInputs || conduct.sinceWindow < windowStep) return [];
  conduct.sinceWindow = 0;
  const { baseline, calibration } = ground;
  const discrepancy = baseline.discrepancy(window.map(({ features }) => features));
  const repeated = repeatedShare(window);
  if (isCalibrating) {
    calibration.window(discrepancy, repeated);
    return [];
  }
  conduct.oddWindows = discrepancy > calibration.discrepancyLimit ? conduct.oddWindows + 1 : 0;
  conduct.oddValues = repeated > calibration.repeatedLimit ? conduct.oddValues + 1 : 0;
  return [
    { strength: conduct.oddWindows, monitor: 'window', size: window.length },
    { strength: conduct.oddValues, monitor: 'values', size: window.length },
  ];
}
