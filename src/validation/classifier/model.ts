import type { SurfaceKind } from '../../decision/surface.ts';
import type { Reading } from './reading.ts';
import {
  contextFeatures,
  contextOf,
  groupOf,
  groups,
  type Segment,
  segmentsOf,
  surroundingsOf,
} from './segments.ts';

/**
 * Weights of a linear model. All are small integers, and so are all counts; what is divided is
 * divided once, so that a score is the same on every machine, bit for bit.
 */
export interface Weights {
  /** For each group of surfaces, a weight for each feature of a segment. */
  readonly segment: readonly Int8Array[];
  /** For the whole text of a chat message: what spreads over many sentences. */
  readonly whole: Int8Array;
  readonly context: Int16Array;
  /** What one unit of a weight is worth. */
  readonly scale: { readonly segment: number; readonly whole: number; readonly context: number };
}

export interface ScoredSegment {
  readonly segment: Segment;
  readonly logit: number;
}

const SEGMENT_SHARE_IN_CHAT = 0.5;

const context = new Int32Array(contextFeatures);
let sums = new Float64Array(1024);
let counts = new Float64Array(1024);

/**
 * Scores every segment of a text. In a chat, where attacks are often long and orders are honest, the
 * text as a whole weighs more than each of its segments.
 */
export function scoreSegments(reading: Reading, surface: SurfaceKind, weights: Weights): ScoredSegment[] {
  const group = groupOf(surface);
  let base = 0;
  let share = 1;
  if (group === groups.chat) {
    accumulate(reading, weights.whole);
    base = ratio(0, reading.tokenCount) * weights.scale.whole;
    share = SEGMENT_SHARE_IN_CHAT;
  }
  accumulate(reading, weights.segment[group] as Int8Array);
  const around = surroundingsOf(reading, surface);
  return segmentsOf(reading).map((segment) => {
    const words = ratio(segment.firstToken, segment.lastToken) * weights.scale.segment;
    contextOf(segment, around, context);
    let about = 0;
    for (const feature of context) about += weights.context[feature] as number;
    return { segment, logit: base + share * (words + about * weights.scale.context) };
  });
}

/** Running sums over tokens: the sum of any segment is then a subtraction. */
function accumulate(reading: Reading, weights: Int8Array): void {
  const { tokenCount } = reading;
  const starts = reading.featureStarts.items;
  const features = reading.features.items;
  const values = reading.values.items;
  if (sums.length <= tokenCount) {
    sums = new Float64Array(tokenCount * 2);
    counts = new Float64Array(tokenCount * 2);
  }
  let sum = 0;
  let count = 0;
  for (let token = 0; token < tokenCount; token += 1) {
    sums[token] = sum;
    counts[token] = count;
    const end = starts[token + 1] as number;
    for (let index = starts[token] as number; index < end; index += 1) {
      const value = values[index] as number;
      sum += (weights[features[index] as number] as number) * value;
      count += value;
    }
  }
  sums[tokenCount] = sum;
  counts[tokenCount] = count;
}

function ratio(from: number, to: number): number {
  const count = (counts[to] as number) - (counts[from] as number);
  return count === 0 ? 0 : ((sums[to] as number) - (sums[from] as number)) / lengthNorm(count);
}

/** What a few words tell is little: this much is added to every count. */
const COUNT_BASE = 60;

/**
 * What a sum over features is divided by, the count to the power of 5/8: its root favours what is
 * long, the count itself what is short. Roots are rounded the same everywhere; powers are not.
 */
export function lengthNorm(count: number): number {
  const root = Math.sqrt(count + COUNT_BASE);
  return root * Math.sqrt(Math.sqrt(root));
}
