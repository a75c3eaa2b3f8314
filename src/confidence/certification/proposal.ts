import type { LabelledCase } from './bands.ts';
import { type Certification, type RiskSettings, certifyBands } from './certify.ts';
import { dependOnAmount } from './costs.ts';
import { type MeasuredCase, type Measurement, measure, placeCases } from './measurement.ts';
import { type Design, folds, shuffled, splitInOrder } from './split.ts';

export interface Proposal {
  readonly certification: Certification;
  readonly measurement: Measurement;
  readonly rows: {
    readonly design: Design;
    readonly total: number;
    readonly fit: number;
    readonly certify: number;
    readonly measure: number;
  };
}

/** From this many cases on a split three ways leaves enough for each part. */
const splitFromMin = 10_000;

/** Cross-fitting where the cases are few, in no order of time, and every cost is fixed. */
function designFor(cases: number, isOrdered: boolean, settings: RiskSettings): Design {
  return isOrdered || cases >= splitFromMin || dependOnAmount(settings.costs) ? 'split' : 'cross-fit';
}

/**
 * Certified bands and what they would have cost, measured on cases that they were not made from.
 * @param cases at least one; in order of time when `isOrdered`
 */
export function proposeBands(
  cases: readonly LabelledCase[],
  settings: RiskSettings,
  { isOrdered, resamples }: { readonly isOrdered: boolean; readonly resamples?: number },
): Proposal {
  const ordered = isOrdered ? cases : shuffled(cases, settings.seed);
  const design = designFor(cases.length, isOrdered, settings);
  const { certification, measured, from, counts } =
    design === 'split' ? bySplit(ordered, settings) : byCrossFit(ordered, settings);
  const raw = from.map(({ score, favourable }) => ({ q: score, favourable }));
  const resampling = { seed: settings.seed, ...(resamples === undefined ? {} : { resamples }) };
  return {
    certification,
    measurement: measure(measured, raw, resampling),
    rows: { design, total: cases.length, ...counts, measure: measured.length },
  };
}

interface Made {
  readonly certification: Certification;
  readonly measured: readonly MeasuredCase[];
  /** The cases measured, in the same order. */
  readonly from: readonly LabelledCase[];
  readonly counts: { readonly fit: number; readonly certify: number };
}

function bySplit(ordered: readonly LabelledCase[], settings: RiskSettings): Made {
  const parts = splitInOrder(ordered);
  const certification = certifyBands(parts, settings);
  return {
    certification,
    measured: placeCases(certification.bands, parts.measure),
    from: parts.measure,
    counts: { fit: parts.fit.length, certify: parts.certify.length },
  };
}

/**
 * The proposed bands are made from all cases. What is measured is the making of bands: each fifth of the cases by
 * bands from the other four, which have fewer cases to certify with, so that the measure errs to the dear side.
 */
function byCrossFit(ordered: readonly LabelledCase[], settings: RiskSettings): Made {
  const parts = folds(ordered);
  return {
    certification: certifyBands({ fit: ordered, certify: ordered }, settings),
    measured: parts.flatMap(({ rest, measure: heldOut }) =>
      placeCases(certifyBands({ fit: rest, certify: rest }, settings).bands, heldOut),
    ),
    from: parts.flatMap(({ measure: heldOut }) => heldOut),
    counts: { fit: ordered.length, certify: ordered.length },
  };
}
