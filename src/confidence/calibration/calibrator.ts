import { type Static, Type } from 'typebox';
import { IsotonicSchema, applyIsotonic, fitIsotonic } from './isotonic.ts';
import { type Observation, toMillionths } from './observation.ts';
import {
  BetaSchema,
  PlattSchema,
  TemperatureSchema,
  applyBeta,
  applyPlatt,
  applyTemperature,
  fitBeta,
  fitPlatt,
  fitTemperature,
} from './parametric.ts';
import {
  type VennAbers,
  VennAbersSchema,
  applyVennAbers,
  fitVennAbers,
  vennAbersCell,
} from './venn-abers.ts';

/** A fitted calibration as a release holds it: plain data, with its keys in the order of canonical JSON. */
export const CalibratorSchema = Type.Union(
  [TemperatureSchema, PlattSchema, BetaSchema, VennAbersSchema, IsotonicSchema],
  { description: 'turns a raw score into the probability that the favourable outcome is right' },
);
export type Calibrator = Static<typeof CalibratorSchema>;
export type CalibratorKind = Calibrator['kind'];

/** From the stiffest to the most flexible; of two that do equally well the earlier one is taken. */
export const calibratorKinds = [
  'temperature',
  'platt',
  'beta',
  'venn-abers',
  'isotonic',
] as const satisfies readonly CalibratorKind[];

const fits: Readonly<Record<CalibratorKind, (observations: readonly Observation[]) => Calibrator>> = {
  temperature: fitTemperature,
  platt: fitPlatt,
  beta: fitBeta,
  'venn-abers': fitVennAbers,
  isotonic: fitIsotonic,
};

/** From nothing nothing is learnt: without observations the score stays as it is. */
export function fitCalibrator(kind: CalibratorKind, observations: readonly Observation[]): Calibrator {
  return observations.length === 0 ? { kind: 'temperature', temperature: 1 } : fits[kind](observations);
}

/** The calibrated probability q that the favourable outcome is right, in millionths; never falls with the score. */
export function calibrate(calibrator: Calibrator, score: number): number {
  return toMillionths(unrounded(calibrator, score));
}

function unrounded(calibrator: Calibrator, score: number): number {
  switch (calibrator.kind) {
    case 'temperature':
      return applyTemperature(calibrator, score);
    case 'platt':
      return applyPlatt(calibrator, score);
    case 'beta':
      return applyBeta(calibrator, score);
    case 'venn-abers':
      return applyVennAbers(calibrator, score);
    case 'isotonic':
    default:
      return applyIsotonic(calibrator, score);
  }
}

/** As `calibrate`, for many scores: what has one answer is worked out once. */
export function createCalibration(calibrator: Calibrator): (score: number) => number {
  const known = new Map<number, number>();
  const key = calibrator.kind === 'venn-abers' ? vennAbersCell : (_: unknown, score: number) => score;
  return (score) => {
    const at = key(calibrator as VennAbers, score);
    let calibrated = known.get(at);
    if (calibrated === undefined) {
      calibrated = calibrate(calibrator, score);
      known.set(at, calibrated);
    }
    return calibrated;
  };
}
