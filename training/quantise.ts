import type { SurfaceKind } from '../src/decision/surface.ts';
import { surfaceKinds } from '../src/decision/surface.ts';
import type { LexiconLanguage } from '../src/validation/classifier/lexicon.ts';
import { featureBits } from '../src/validation/classifier/hashing.ts';
import { contextCount, groups } from '../src/validation/classifier/segments.ts';
import {
  type Calibration,
  type Model,
  packModel,
  readingEdition,
  unpackModel,
} from '../src/validation/classifier/weights.ts';
import { GAIN, type Fitted, type Head } from './fit.ts';

const SIZE = 1 << featureBits;
const INT8_MAX = 127;
const INT16_MAX = 32_767;
/** A few huge weights must not cost all others their digits. */
const clippedShare = 0.0005;

/** The fitted weights as small integers, in the form in which they ship. */
export function modelOf(
  fitted: Fitted,
  lexicon: readonly LexiconLanguage[],
  calibration: Readonly<Record<SurfaceKind, Calibration>>,
): Model {
  const segment = [tableOf(fitted.segment, groups.chat), tableOf(fitted.segment, groups.data)];
  const whole = tableOf(fitted.whole, groups.chat);
  const scale = Math.max(...segment.map(scaleOf));
  const wholeScale = scaleOf(whole);
  const contextMax = Math.max(1e-6, ...fitted.context.subarray(0, contextCount).map(Math.abs));
  const contextScale = contextMax / INT16_MAX;
  return unpackModel(
    packModel(
      {
        edition: readingEdition,
        lexicon,
        scale: { segment: scale * GAIN, whole: wholeScale * GAIN, context: contextScale },
        calibration,
      },
      {
        segment: segment.map((table) => rounded(table, scale)),
        whole: rounded(whole, wholeScale),
        context: Int16Array.from(fitted.context.subarray(0, contextCount), (weight) =>
          Math.round(weight / contextScale),
        ),
        scale: { segment: scale, whole: wholeScale, context: contextScale },
      },
    ),
  );
}

/** A calibration that leaves logits as they are: for what is still to be calibrated. */
export function uncalibrated(): Record<SurfaceKind, Calibration> {
  const knots: Calibration = [
    [-1e6, -1e6],
    [1e6, 1e6],
  ];
  return Object.fromEntries(surfaceKinds.map((surface) => [surface, knots])) as Record<
    SurfaceKind,
    Calibration
  >;
}

function tableOf(head: Head, group: number): Float64Array {
  return Float64Array.from({ length: SIZE }, (_, feature) => head.weightOf(feature, group));
}

function scaleOf(table: Float64Array): number {
  const sizes = table
    .map(Math.abs)
    .filter((size) => size > 0)
    .sort();
  return Math.max(1e-6, sizes[Math.floor(sizes.length * (1 - clippedShare))] ?? 0) / INT8_MAX;
}

function rounded(table: Float64Array, scale: number): Int8Array {
  return Int8Array.from(table, (weight) =>
    Math.max(-INT8_MAX, Math.min(INT8_MAX, Math.round(weight / scale))),
  );
}
