import {
  type Calibrator,
  type CalibratorKind,
  calibratorKinds,
  createCalibration,
  fitCalibrator,
} from './calibrator.ts';
import type { Observation } from './observation.ts';
import { logLoss } from './quality.ts';
import { permutation } from './random.ts';

export interface CalibratorChoice {
  /** Fitted on all the observations. */
  readonly calibrator: Calibrator;
  /** Mean log loss on folds that the fit had not seen; null where there are too few observations to tell. */
  readonly crossValidatedLogLoss: Readonly<Record<CalibratorKind, number>> | null;
}

const foldCount = 5;
/** Below this a fold tells nothing; Platt's two parameters with his targets are what a handful supports. */
const chosenFromMin = 50;

/** The calibrator of least cross-validated log loss. The same observations in the same order and seed choose the same. */
export function chooseCalibrator(observations: readonly Observation[], seed: number): CalibratorChoice {
  if (observations.length < chosenFromMin) {
    return { calibrator: fitCalibrator('platt', observations), crossValidatedLogLoss: null };
  }
  const order = permutation(observations.length, seed);
  const losses = calibratorKinds.map((kind) => crossValidated(kind, observations, order));
  const best = calibratorKinds[losses.indexOf(Math.min(...losses))] as CalibratorKind;
  return {
    calibrator: fitCalibrator(best, observations),
    crossValidatedLogLoss: Object.fromEntries(
      calibratorKinds.map((kind, index) => [kind, losses[index]]),
    ) as Record<CalibratorKind, number>,
  };
}

function crossValidated(
  kind: CalibratorKind,
  observations: readonly Observation[],
  order: readonly number[],
): number {
  let sum = 0;
  for (let fold = 0; fold < foldCount; fold += 1) {
    const isHeldOut = (_: number, at: number) => at % foldCount === fold;
    const seen = order
      .filter((_, at) => at % foldCount !== fold)
      .map((at) => observations[at] as Observation);
    const heldOut = order.filter(isHeldOut).map((at) => observations[at] as Observation);
    const calibration = createCalibration(fitCalibrator(kind, seen));
    const forecasts = heldOut.map(({ score, favourable }) => ({ q: calibration(score), favourable }));
    sum += logLoss(forecasts) * heldOut.length;
  }
  return sum / observations.length;
}
