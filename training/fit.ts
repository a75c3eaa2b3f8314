import { lengthNorm } from '../src/validation/classifier/model.ts';
import { featureBits } from '../src/validation/classifier/hashing.ts';
import { contextCount, contextFeatures, groups } from '../src/validation/classifier/segments.ts';
import { type Example, type Page, parts } from './example.ts';
import { Random } from './random.ts';

export interface FitOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly rate: number;
  readonly decay: number;
  /** Share of features that an update leaves out, so that none becomes indispensable. */
  readonly dropout: number;
  /** Features that fewer sources than this hold say more about their source than about attacks. */
  readonly sourcesMin: number;
}

/** Brings a segment of usual length to where the root of its length would have it. */
export const GAIN = 2.5;
const SIZE = 1 << featureBits;

/** What is kept of a feature, side by side: a weight shared by all surfaces, one for each group, and their squares. */
const RECORD = 8;
const SHARED_SQUARES = 4;

/** Weights in training: what all surfaces share, and what each group of surfaces adds. */
export class Head {
  readonly #records = new Float32Array(SIZE * RECORD);

  /** One step of AdaGrad for the tokens of a range. */
  step(page: Page, from: number, to: number, group: number, slope: number, pace: Pace): void {
    const start = page.featureStarts[from] as number;
    const end = page.featureStarts[to] as number;
    let count = 0;
    for (let index = start; index < end; index += 1) count += page.values[index] as number;
    if (count === 0) return;
    const unit = (slope * GAIN) / lengthNorm(count);
    for (let index = start; index < end; index += 1) {
      if (pace.dropout > 0 && pace.random.next() < pace.dropout) continue;
      const feature = page.features[index] as number;
      if (pace.isKnown[feature] === 0) continue;
      const record = feature * RECORD;
      const push = unit * (page.values[index] as number);
      update(this.#records, record, record + SHARED_SQUARES, push, pace);
      update(this.#records, record + 1 + group, record + SHARED_SQUARES + 1 + group, push, pace);
    }
  }

  weightOf(feature: number, group: number): number {
    const record = feature * RECORD;
    return (this.#records[record] as number) + (this.#records[record + 1 + group] as number);
  }
}

interface Pace extends FitOptions {
  readonly random: Random;
  /** For each feature, 1 when it is learned from. */
  readonly isKnown: Uint8Array;
}

function update(weights: Float32Array, at: number, squaresAt: number, push: number, pace: Pace): void {
  const weight = weights[at] as number;
  const slope = push + pace.decay * weight;
  const square = (weights[squaresAt] as number) + slope * slope;
  weights[squaresAt] = square;
  weights[at] = weight - (pace.rate * slope) / (Math.sqrt(square) + 1e-2);
}

export class Fitted {
  readonly segment = new Head();
  readonly whole = new Head();
  /** Weights of the context features, then their squares. */
  readonly context = new Float32Array(contextCount * 2);
  #sums = new Float64Array(4096);
  #counts = new Float64Array(4096);

  /** Scores of all segments of a page, into `into`. */
  score(page: Page, group: number): Float64Array {
    this.#accumulate(page, group, this.segment);
    const scores = new Float64Array(page.segmentFirst.length);
    for (let index = 0; index < scores.length; index += 1) {
      let logit = this.#ratio(page.segmentFirst[index] as number, page.segmentLast[index] as number);
      for (let place = 0; place < contextFeatures; place += 1) {
        logit += this.context[page.context[index * contextFeatures + place] as number] as number;
      }
      scores[index] = logit;
    }
    return scores;
  }

  scoreWhole(page: Page, group: number): number {
    this.#accumulate(page, group, this.whole);
    return this.#ratio(0, page.featureStarts.length - 1);
  }

  #accumulate(page: Page, group: number, head: Head): void {
    const tokens = page.featureStarts.length - 1;
    if (this.#sums.length <= tokens) {
      this.#sums = new Float64Array(tokens * 2);
      this.#counts = new Float64Array(tokens * 2);
    }
    let [sum, count] = [0, 0];
    for (let token = 0; token < tokens; token += 1) {
      this.#sums[token] = sum;
      this.#counts[token] = count;
      const end = page.featureStarts[token + 1] as number;
      for (let index = page.featureStarts[token] as number; index < end; index += 1) {
        const value = page.values[index] as number;
        sum += head.weightOf(page.features[index] as number, group) * value;
        count += value;
      }
    }
    this.#sums[tokens] = sum;
    this.#counts[tokens] = count;
  }

  #ratio(from: number, to: number): number {
    const count = (this.#counts[to] as number) - (this.#counts[from] as number);
    return count === 0
      ? 0
      : (((this.#sums[to] as number) - (this.#sums[from] as number)) * GAIN) / lengthNorm(count);
  }
}

/** Fits by seed: the same examples in the same order give the same weights. */
export function fit(examples: readonly Example[], options: FitOptions): Fitted {
  const model = new Fitted();
  const random = new Random(options.seed);
  const isKnown = knownFeatures(examples, options.sourcesMin);
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    const pace = { ...options, random, isKnown, rate: options.rate * (1 - epoch / options.epochs) };
    for (const example of random.shuffle(examples)) learn(model, example, pace, epoch);
  }
  return model;
}

/** Features that enough sources hold; the families of our own grammar count as sources. */
function knownFeatures(examples: readonly Example[], sourcesMin: number): Uint8Array {
  const counts = new Uint8Array(SIZE);
  const last = new Int32Array(SIZE).fill(-1);
  const sources = [...new Set(examples.map(({ row }) => row.source))];
  for (const [number, source] of sources.entries()) {
    for (const { row, pages } of examples) {
      if (row.source !== source) continue;
      for (const { features } of pages) {
        for (const feature of features) {
          if (last[feature] === number) continue;
          last[feature] = number;
          counts[feature] = Math.min(255, (counts[feature] as number) + 1);
        }
      }
    }
  }
  return counts.map((count) => Number(count >= sourcesMin));
}

function learn(model: Fitted, example: Example, pace: Pace, epoch: number): void {
  const { group, row } = example;
  const weight = row.weight ?? 1;
  const isAttack = row.label === 'attack';
  let best: { page: Page; index: number; score: number } | null = null;
  const pages = example.pages.map((page) => ({ page, scores: model.score(page, group) }));
  for (const { page, scores } of pages) {
    for (let index = 0; index < scores.length; index += 1) {
      const part = page.part[index] as number;
      if (isAttack && part !== parts.most && part !== parts.unknown) continue;
      // At first nothing is known: a segment by chance is as good as the best one.
      const score = epoch === 0 && isAttack ? pace.random.next() : (scores[index] as number);
      if (best === null || score > best.score) best = { page, index, score };
    }
    const chosen = isAttack ? highestWithout(page, scores) : pace.random.below(scores.length);
    if (chosen >= 0) stepSegment(model, page, chosen, group, 0, weight / 2, scores, pace);
  }
  if (best !== null) {
    const scores = pages.find(({ page }) => page === best.page)?.scores as Float64Array;
    stepSegment(model, best.page, best.index, group, Number(isAttack), weight, scores, pace);
  }
  if (group !== groups.chat) return;
  for (const { page } of pages) {
    const isDecoy = isAttack && pages.length > 1 && page !== best?.page;
    if (isDecoy) continue;
    const slope = (logistic(model.scoreWhole(page, group)) - Number(isAttack)) * weight;
    model.whole.step(page, 0, page.featureStarts.length - 1, group, slope, pace);
  }
}

/** The most suspicious of the segments that are known to be honest; -1 where none is. */
function highestWithout(page: Page, scores: Float64Array): number {
  let best = -1;
  for (let index = 0; index < scores.length; index += 1) {
    if (page.part[index] !== parts.none) continue;
    if (best < 0 || (scores[index] as number) > (scores[best] as number)) best = index;
  }
  return best;
}

function stepSegment(
  model: Fitted,
  page: Page,
  index: number,
  group: number,
  label: number,
  weight: number,
  scores: Float64Array,
  pace: Pace,
): void {
  const slope = (logistic(scores[index] as number) - label) * weight;
  const [from, to] = [page.segmentFirst[index] as number, page.segmentLast[index] as number];
  model.segment.step(page, from, to, group, slope, pace);
  for (let place = 0; place < contextFeatures; place += 1) {
    const at = page.context[index * contextFeatures + place] as number;
    update(model.context, at, contextCount + at, slope / 2, pace);
  }
}

function logistic(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
