import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { digestOf } from '../../decision/canonical.ts';
import type { Digest } from '../../decision/ids.ts';
import type { SurfaceKind } from '../../decision/surface.ts';
import type { LexiconLanguage } from './lexicon.ts';
import type { Weights } from './model.ts';
import { featureBits } from './hashing.ts';
import { contextCount } from './segments.ts';

/**
 * How texts are read (tokens, units, features, segments). Weights only mean something together with
 * the edition they were fitted under; a change to the reading is a new edition.
 */
export const readingEdition = 1;

/** Logits and the scores they stand for, both rising; in between a straight line. */
export type Calibration = readonly (readonly [logit: number, score: number])[];

export interface ModelHeader {
  readonly edition: number;
  readonly lexicon: readonly LexiconLanguage[];
  readonly scale: Weights['scale'];
  readonly calibration: Readonly<Record<SurfaceKind, Calibration>>;
}

export interface Model {
  readonly header: ModelHeader;
  readonly weights: Weights;
  /** The bytes it was read from: what a release keeps. */
  readonly bytes: Buffer;
  readonly digest: Digest;
}

const SIZE = 1 << featureBits;
const GROUPS = 2;
/** The tables after the header: two for segments, one for whole texts, and the context. */
const TABLES_LENGTH = SIZE * (GROUPS + 1) + contextCount * 2;
const LENGTH_BYTES = 4;

/** Weights as one file: the header as JSON, then the tables, compressed together. */
export function packModel(header: ModelHeader, weights: Weights): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(json.length);
  const context = Buffer.alloc(contextCount * 2);
  for (const [index, weight] of weights.context.entries()) context.writeInt16LE(weight, index * 2);
  const tables = [...weights.segment, weights.whole].map((table) => Buffer.from(table.buffer));
  return deflateRawSync(Buffer.concat([length, json, ...tables, context]), { level: 9 });
}

/** @throws RangeError for bytes that are no model of this edition */
export function unpackModel(bytes: Buffer): Model {
  const raw = inflateRawSync(bytes, { maxOutputLength: TABLES_LENGTH + 4_194_304 });
  const headerEnd = LENGTH_BYTES + raw.readUInt32LE(0);
  if (raw.length !== headerEnd + TABLES_LENGTH)
    throw new RangeError('these are no weights of the classifier');
  const header = JSON.parse(raw.toString('utf8', LENGTH_BYTES, headerEnd)) as ModelHeader;
  if (header.edition !== readingEdition) {
    throw new RangeError(
      `the weights are for edition ${header.edition} of the reading, this is ${readingEdition}`,
    );
  }
  const table = (index: number) =>
    new Int8Array(raw.subarray(headerEnd + index * SIZE, headerEnd + (index + 1) * SIZE));
  const contextStart = headerEnd + SIZE * (GROUPS + 1);
  const context = Int16Array.from({ length: contextCount }, (_, index) =>
    raw.readInt16LE(contextStart + index * 2),
  );
  const weights = { segment: [table(0), table(1)], whole: table(GROUPS), context, scale: header.scale };
  return { header, weights, bytes, digest: digestOf(bytes) };
}

/** A straight line between the knots; flat outside them. */
export function calibrated(logit: number, knots: Calibration): number {
  let [fromLogit, fromScore] = knots[0] as readonly [number, number];
  if (logit <= fromLogit) return fromScore;
  for (const [toLogit, toScore] of knots) {
    if (logit <= toLogit) {
      return fromScore + ((logit - fromLogit) / (toLogit - fromLogit)) * (toScore - fromScore);
    }
    [fromLogit, fromScore] = [toLogit, toScore];
  }
  return fromScore;
}

/** The weights that ship, beside the code in the package as in the repository. */
export const shippedWeightsPath = join(import.meta.dirname, '../../../weights/injection.bin');

let shipped: Model | undefined;

/** The model that ships, read once. */
export function shippedModel(): Model {
  shipped ??= unpackModel(readFileSync(shippedWeightsPath));
  return shipped;
}
